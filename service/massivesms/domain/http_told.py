"""What a provider tells of messages, and where it stands in what it says. Pure.

Two things: what became of a message (a receipt), and what a person wrote. Either comes
by a call of the provider's or as an answer when we ask; one entry, or a list of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from .http_places import Body, Place, read_body, read_place
from .words import N_, Problem, problem_from

MOST_ENTRIES = 1000  # of one call; what we asked for is ours alone, all of it
MOST_FIELDS = 200  # of a form
MOST_ID = 255
STATES = ("delivered", "undelivered", "expired", "rejected", "submitted")
#: Words of providers that mean the same everywhere; `submitted` is a step on the way.
USUAL_STATES: Mapping[str, str] = {
    **dict.fromkeys(("delivered", "delivrd", "read"), "delivered"),
    **dict.fromkeys(("undelivered", "undeliv", "undeliverable"), "undelivered"),
    **dict.fromkeys(("failed", "failure", "error"), "undelivered"),
    **dict.fromkeys(("expired",), "expired"),
    **dict.fromkeys(("rejected", "rejectd", "canceled", "cancelled"), "rejected"),
    **dict.fromkeys(("submitted", "sent", "sending", "queued"), "submitted"),
    **dict.fromkeys(("accepted", "acceptd", "enroute", "pending"), "submitted"),
    **dict.fromkeys(("buffered", "scheduled", "processing", "sent_ok"), "submitted"),
}

PROBLEMS = {
    "list_form": N_("%(place)s: a list stands at a path such as data.messages."),
    "state_form": N_(
        "%(entry)s is no state: write WORD=STATE and commas between them."
    ),
    "state_known": N_("%(entry)s: the state is one of %(known)s."),
    "told_pair": N_("%(key)s is missing: both places are needed."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one message, under the provider's id."""

    their_id: str
    state: str
    error: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """What a person wrote; `their_id` is the provider's, or '' without one."""

    their_id: str
    sender: str
    recipient: str
    text: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where receipts and messages stand; what has no place is not looked for."""

    list_at: Place | None = None
    id_at: Place | None = None
    state_at: Place | None = None
    number_at: Place | None = None
    error_at: Place | None = None
    states: Mapping[str, str] = field(default_factory=lambda: USUAL_STATES)
    inbox_list_at: Place | None = None
    from_at: Place | None = None
    text_at: Place | None = None
    inbox_id_at: Place | None = None
    to_at: Place | None = None

    @property
    def has_receipts(self) -> bool:
        """Whether receipts can be found."""
        return self.id_at is not None and self.state_at is not None

    @property
    def has_messages(self) -> bool:
        """Whether messages of people can be found."""
        return self.from_at is not None and self.text_at is not None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and how many entries said nothing that is known."""

    receipts: tuple[Told, ...] = ()
    messages: tuple[Written, ...] = ()
    unknown: int = 0


#: setting -> the field of Places that it fills.
_KEYS = {
    "receipt_list_at": "list_at",
    "receipt_id_at": "id_at",
    "receipt_state_at": "state_at",
    "receipt_number_at": "number_at",
    "receipt_error_at": "error_at",
    "inbox_list_at": "inbox_list_at",
    "inbox_from_at": "from_at",
    "inbox_text_at": "text_at",
    "inbox_id_at": "inbox_id_at",
    "inbox_to_at": "to_at",
}
#: Places that mean nothing without each other.
_PAIRS = (("receipt_id_at", "receipt_state_at"), ("inbox_from_at", "inbox_text_at"))


def read_places(settings: Mapping[str, str]) -> Places | dict[str, Problem]:
    """The places of a trunk's settings, or the problems by setting."""
    read: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for key, name in _KEYS.items():
        if written := settings[key]:
            found = read_place(written)
            if isinstance(found, Place) and key.endswith("list_at") and found.pattern:
                found = problem_from(PROBLEMS, "list_form", place=written)
            if isinstance(found, Problem):
                problems[key] = found
            read[name] = found
    for one, other in (*_PAIRS, *(pair[::-1] for pair in _PAIRS)):
        if settings[one] and not settings[other]:
            problems[other] = problem_from(PROBLEMS, "told_pair", key=other)
    states = _read_states(settings["receipt_states"])
    if isinstance(states, Problem):
        return {**problems, "receipt_states": states}
    return problems or Places(**read, states=states)


def _read_states(written: str) -> dict[str, str] | Problem:
    """The table, after the words that are usual; capitals do not matter."""
    states = dict(USUAL_STATES)
    for entry in filter(None, map(str.strip, written.split(","))):
        word, equals, state = (part.strip() for part in entry.rpartition("="))
        if not equals or not word:
            return problem_from(PROBLEMS, "state_form", entry=entry)
        if state not in STATES:
            known = ", ".join(STATES)
            return problem_from(PROBLEMS, "state_known", entry=entry, known=known)
        states[word.lower()] = state
    return states


def read_told(octets: bytes, *, is_form: bool = False) -> Body:
    """What was said: JSON, or the fields of a form (also those of an address)."""
    body = read_body(octets)
    is_cut = body.json is None and body.text.lstrip().startswith(("{", "["))
    if not is_form and (is_cut or isinstance(body.json, dict | list)):
        return body
    return Body(body.text, dict(fields(octets)) or None)


def fields(octets: bytes) -> list[tuple[str, str]]:
    """The fields of a form; none when it is no form."""
    try:
        text = octets.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        return []


def find_all(places: Places, body: Body) -> Found:
    """Both receipts and messages, of a call that may bring either.

    An entry whose state is known is a receipt, even when it repeats number and text.
    """
    receipts, messages = [], []
    entries = _entries(places.list_at, body)
    left_out = len(entries[MOST_ENTRIES:])
    unknown = 0
    for entry in entries[:MOST_ENTRIES]:
        told = _told(places, entry)
        if told is not None and told.state:
            receipts.append(told)
        elif places.inbox_list_at == places.list_at and (w := _written(places, entry)):
            messages.append(w)
        elif told is None:
            unknown += 1
    if places.inbox_list_at != places.list_at:
        more = find_messages(places, body, MOST_ENTRIES)
        messages += more.messages
        is_known = receipts or messages
        unknown = 0 if is_known else max(unknown, more.unknown)
        left_out += max(0, len(_entries(places.inbox_list_at, body)) - MOST_ENTRIES)
    return Found(tuple(receipts), tuple(messages), unknown + left_out)


def find_receipts(places: Places, body: Body) -> Found:
    """The receipts of an answer."""
    told = [_told(places, entry) for entry in _entries(places.list_at, body)]
    known = tuple(one for one in told if one is not None and one.state)
    return Found(receipts=known, unknown=told.count(None))


def find_messages(places: Places, body: Body, most: int | None = None) -> Found:
    """The messages of an answer, or the first of a call."""
    entries = _entries(places.inbox_list_at, body)[:most]
    written = [_written(places, entry) for entry in entries]
    known = tuple(one for one in written if one is not None)
    return Found(messages=known, unknown=written.count(None))


def _entries(list_at: Place | None, body: Body) -> list[Body]:
    """The entries of a list; without one, what was said is the only entry.

    Nothing where a list should be is an empty list: some leave it out.
    """
    found = body.json if list_at is None else list_at.walk(body)
    if isinstance(found, list):
        return [_entry(one) for one in found]
    if list_at is None:
        return [body]
    if found is None and body.text.lstrip().startswith("{") and body.json is not None:
        return []
    return [Body(body.text)]


def _entry(value: Any) -> Body:
    return Body(json.dumps(value, ensure_ascii=False), value)


def _told(places: Places, entry: Body) -> Told | None:
    """A receipt; without a state when its word is not known, None without a word."""
    their_id, word = _find(places.id_at, entry), _find(places.state_at, entry)
    if not their_id or not word or len(their_id) > MOST_ID:
        return None
    state = places.states.get(word.lower(), "")
    number = plain_number(_find(places.number_at, entry))
    return Told(their_id, state, _find(places.error_at, entry), number)


def _written(places: Places, entry: Body) -> Written | None:
    if not places.has_messages:
        return None
    sender, text = _find(places.from_at, entry), places.text_at.find(entry)  # type: ignore[union-attr]
    if not sender or text is None:
        return None
    their_id = _find(places.inbox_id_at, entry)[:MOST_ID]
    return Written(their_id, sender, _find(places.to_at, entry), text)


def _find(place: Place | None, entry: Body) -> str:
    found = place.find(entry) if place is not None else None
    return (found or "").strip()


def plain_number(written: str) -> str:
    """A number as receipts have it: without what stands before its digits."""
    return written.rpartition(":")[2].strip().removeprefix("+")
