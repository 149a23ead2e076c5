"""An HTTP provider as data: what is asked of it, and how its answers are read. Pure.

Everything comes from the texts of a trunk's settings; whatever is wrong with them is a
Problem beside the setting. Nothing is rendered or judged here: see trunks/http.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import webhooks
from .http_places import Place, read_place
from .http_reasons import REASONS
from .words import N_, Problem, problem_from

TOKENS = (
    *("number", "e164", "text", "line", "sender", "message_id", "segments"),
    *("port", "user", "secret", "receipts_url"),
)
#: Tokens that may stand in a header: no text of a person gets there.
HEADER_TOKENS = ("number", "message_id", "segments", "port", "user", "secret")
#: A JSON string that is only this becomes a number.
NUMERIC = re.compile(r"\{int:(number|message_id|segments|port)\}")
TOKEN = re.compile(r"\{([^{}]*)\}")
#: As the place of its id: the provider knows a message by our own.
OWN_ID = "{message_id}"
MOST_PORTS = 256

PROBLEMS = {
    "token_unknown": N_("%(token)s is not known here. Known are: %(known)s."),
    "fields_form": N_(
        "%(entry)s is no field: write name=value, and & between fields, for example"
        " to={number}&text={text}."
    ),
    "fields_json": N_("This is no JSON: %(why)s"),
    "fields_text": N_("The text of the message is nowhere: write {text}."),
    "fields_number": N_("The number is nowhere: write {number} or {e164}."),
    "header_form": N_(
        "%(entry)s is no header: write Name: value, and | between headers."
    ),
    "success_form": N_(
        "%(entry)s is no sign of success: write an HTTP status (201 or 2xx), or a place"
        " in the answer and its value, such as error_code = 202; commas between them."
    ),
    "error_form": N_(
        "%(entry)s is no row: write CODE=REASON, or status 429=REASON, and commas"
        " between them."
    ),
    "error_reason": N_("%(entry)s: the reason is one of %(known)s."),
    "error_twice": N_("%(entry)s: this code has a reason already."),
    "ports_form": N_(
        "%(entry)s are no ports: write 0-3, or 0,2,5; at most %(most)s of them."
    ),
    "url_token_host": N_("The server in the address cannot be a token."),
}


@dataclass(frozen=True, slots=True)
class Success:
    """The statuses that mean taken, and what must stand in the answer besides."""

    statuses: frozenset[int] = frozenset(range(200, 300))
    at: Place | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """All that is known of a provider."""

    url: str
    method: str
    body: str  # form, json or query
    pairs: tuple[tuple[str, str], ...]  # of a form or a query
    document: Any  # of JSON
    headers: tuple[tuple[str, str], ...]
    success: Success
    id_at: Place | None
    code_at: Place | None
    words_at: Place | None
    errors: Mapping[str, str]  # the provider's code -> reason
    statuses: Mapping[int, str]  # HTTP status -> reason
    ports: tuple[str, ...]
    has_own_ids: bool = False
    #: What is asked instead for who has not written lately; None = always the same.
    outside: Provider | None = None


def own_id(their_id: str) -> int | None:
    """Our id of the message, of a provider whose ids are ours; None: it is none."""
    is_number = their_id.isascii() and their_id.isdecimal() and len(their_id) < 19
    return int(their_id) if is_number else None


def read_provider(settings: Mapping[str, str]) -> Provider | dict[str, Problem]:
    """The provider of a trunk's settings, or the problems by setting."""
    read: dict[str, Any] = {
        "url": check_url(settings["url"], TOKENS) or settings["url"],
        "fields": _read_fields(settings["body"], settings["fields"]),
        "outside_fields": _read_outside(settings),
        "headers": _read_headers(settings["headers"]),
        "success": _read_success(settings["success"]),
        "error_table": _read_errors(settings["error_table"]),
        "ports": _read_ports(settings["ports"]),
    }
    has_own_ids = settings["id_at"] == OWN_ID
    for key in ("id_at", "code_at", "words_at"):
        is_place = settings[key] and not (key == "id_at" and has_own_ids)
        read[key] = read_place(settings[key]) if is_place else None
    problems = {k: found for k, found in read.items() if isinstance(found, Problem)}
    if not problems:
        problems = _check_content(settings)
    if problems:
        return problems
    errors, statuses = read["error_table"]
    pairs, document = read["fields"]
    provider = Provider(
        read["url"],
        settings["http_method"].upper(),
        settings["body"],
        pairs,
        document,
        read["headers"],
        read["success"],
        read["id_at"],
        read["code_at"],
        read["words_at"],
        errors,
        statuses,
        read["ports"],
        has_own_ids,
    )
    if read["outside_fields"] is None:
        return provider
    pairs, document = read["outside_fields"]
    outside = replace(provider, pairs=pairs, document=document)
    return replace(provider, outside=outside)


def _check_content(settings: Mapping[str, str]) -> dict[str, Problem]:
    """A request without a number or a text is a mistake."""
    for key in ("fields", "outside_fields"):
        written = settings["url"] + settings[key]
        if key == "outside_fields" and not settings[key]:
            continue
        if not re.search(r"\{(text|line)\}", written):
            return {key: problem_from(PROBLEMS, "fields_text")}
        if not re.search(r"\{(int:)?number\}|\{e164\}", written):
            return {key: problem_from(PROBLEMS, "fields_number")}
    return {}


def check_url(url: str, known: tuple[str, ...]) -> Problem | None:
    """Why an address with tokens cannot be asked, or None."""
    bare = TOKEN.sub("x", url)
    if problem := webhooks.check_url(bare):
        return problem
    host = url.split("//", 1)[1].split("/", 1)[0].split("?", 1)[0]
    if "{" in host:
        return problem_from(PROBLEMS, "url_token_host")
    return check_tokens(url, known)


def check_tokens(text: str, known: tuple[str, ...]) -> Problem | None:
    """The first token that is not known here, or None."""
    for name in TOKEN.findall(text):
        if name not in known:
            return problem_from(
                PROBLEMS,
                "token_unknown",
                token="{" + name + "}",
                known=", ".join("{" + one + "}" for one in known),
            )
    return None


Fields = tuple[tuple[tuple[str, str], ...], Any]


def _read_fields(body: str, written: str) -> Fields | Problem:
    return _read_request(written) if body == "json" else _read_pairs(written)


def _read_pairs(written: str) -> Fields | Problem:
    pairs = []
    for entry in filter(None, written.split("&")):
        name, equals, value = entry.partition("=")
        if not name or not equals:
            return problem_from(PROBLEMS, "fields_form", entry=entry)
        if problem := check_tokens(value, TOKENS):
            return problem
        pairs.append((name, value))
    return tuple(pairs), None


def _read_outside(settings: Mapping[str, str]) -> Fields | Problem | None:
    written = settings["outside_fields"]
    return _read_fields(settings["body"], written) if written else None


def _read_request(written: str) -> Fields | Problem:
    """A JSON request whose tokens are known."""
    read = read_json(written)
    for text in [] if isinstance(read, Problem) else texts_of(read[1]):
        if not NUMERIC.fullmatch(text) and (problem := check_tokens(text, TOKENS)):
            return problem
    return read


def read_json(written: str) -> Fields | Problem:
    """No pairs, and a JSON document."""
    try:
        return (), json.loads(written)
    except (ValueError, RecursionError) as error:
        return problem_from(PROBLEMS, "fields_json", why=str(error))


def texts_of(value: Any) -> list[str]:
    """All strings of a JSON value, without the names of members."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        value = list(value.values())
    return (
        [t for one in value for t in texts_of(one)] if isinstance(value, list) else []
    )


def _read_headers(written: str) -> tuple[tuple[str, str], ...] | Problem:
    headers = []
    for entry in filter(None, map(str.strip, written.split("|"))):
        name, colon, value = (part.strip() for part in entry.partition(":"))
        if not colon or not value or not re.fullmatch(r"[A-Za-z0-9-]{1,60}", name):
            return problem_from(PROBLEMS, "header_form", entry=entry)
        if not value.isascii():
            return problem_from(PROBLEMS, "header_form", entry=entry)
        if problem := check_tokens(value, HEADER_TOKENS):
            return problem
        headers.append((name, value))
    return tuple(headers)


def _read_success(written: str) -> Success | Problem:
    statuses: set[int] = set()
    at, wanted = None, ""
    for entry in filter(None, map(str.strip, written.split(","))):
        place, equals, value = (part.strip() for part in entry.rpartition("="))
        if equals and place and value and at is None:
            found = read_place(place)
            if isinstance(found, Problem):
                return found
            at, wanted = found, value
        elif re.fullmatch(r"[2-5](\d\d|xx)", entry):
            statuses |= _statuses(entry)
        else:
            return problem_from(PROBLEMS, "success_form", entry=entry)
    return Success(frozenset(statuses or _statuses("2xx")), at, wanted)


def _statuses(written: str) -> set[int]:
    """201, or 2xx for all of a hundred."""
    if written.endswith("xx"):
        first = int(written[0]) * 100
        return set(range(first, first + 100))
    return {int(written)}


Errors = tuple[dict[str, str], dict[int, str]]


def _read_errors(written: str) -> Errors | Problem:
    codes: dict[str, str] = {}
    statuses: dict[int, str] = {}
    for entry in filter(None, map(str.strip, written.split(","))):
        code, equals, reason = (part.strip() for part in entry.rpartition("="))
        if not equals or not code or len(code) > 60:
            return problem_from(PROBLEMS, "error_form", entry=entry)
        if reason not in REASONS:
            known = ", ".join(REASONS)
            return problem_from(PROBLEMS, "error_reason", entry=entry, known=known)
        status = re.fullmatch(r"status ([1-5](?:\d\d|xx))", code)
        keys = _statuses(status[1]) if status else set()
        if code in codes or (len(keys) == 1 and keys & set(statuses)):
            return problem_from(PROBLEMS, "error_twice", entry=entry)
        if status:
            statuses = {**statuses, **dict.fromkeys(keys, reason)}
        else:
            codes[code] = reason
    return codes, statuses


def _read_ports(written: str) -> tuple[str, ...] | Problem:
    ports: list[int] = []
    for entry in filter(None, map(str.strip, written.split(","))):
        found = re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", entry)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if first > last or last - first >= MOST_PORTS:
            return problem_from(PROBLEMS, "ports_form", entry=entry, most=MOST_PORTS)
        ports += range(first, last + 1)
    if len(ports) > MOST_PORTS:
        return problem_from(PROBLEMS, "ports_form", entry=written, most=MOST_PORTS)
    return tuple(map(str, dict.fromkeys(ports)))
