"""What a probe has shown so far, step by step, in words.

A probe is one real message that a person sends through one trunk. The page and the
command line show the same steps; here they are made from what is stored of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from . import alphabet_probe, receipt_ids, results
from .trunk_kinds import complete
from .words import N_, Problem

#: Of a step: it is done, it goes on, it went wrong, or it only tells something.
DONE, NOW, WRONG, TOLD = "done", "now", "wrong", "told"
SHORT_S = 10.0  # is told in milliseconds
LONG_S = 60.0  # without a receipt; operators take seconds, phones that are off days
_NEVER_LEFT = ("cancelled", "skipped")
_REFUSED = ("rejected", "failed")
#: The settings that say whether receipts come, and when none do.
_RECEIPTS, _OFF = ("receipts", "reports"), ("no", "none", "")


class Step(NamedTuple):
    """One step: its state and its sentence."""

    state: str
    words: Problem


@dataclass(frozen=True, slots=True)
class Probe:
    """What is stored of a probe: `row` as store.trunk_probes reads it.

    `why` says why it waits, `form` how the trunk's receipts write ids.
    """

    row: Mapping[str, object]
    kind: str
    settings: Mapping[str, str]
    why: Problem | None = None
    form: receipt_ids.IdForm | None = None

    @property
    def state(self) -> str:
        """The message's state, '' when it was purged."""
        return str(self.row["state"] or "")

    @property
    def has_left(self) -> bool:
        """Whether the trunk has taken the message."""
        if self.state == "rejected":
            return self.row["result_code"] == "receipt_rejected"
        return self.state in ("submitted", "delivered", "undelivered", "expired")

    @property
    def asks_for_receipts(self) -> bool:
        """Whether a receipt is to be awaited."""
        settings = complete(self.kind, self.settings)
        return any(settings.get(key, "no") not in _OFF for key in _RECEIPTS)

    @property
    def is_on_its_way(self) -> bool:
        """Whether the trunk has not answered it yet."""
        return self.state in ("queued", "submitting")

    @property
    def is_open(self) -> bool:
        """Whether more is to be expected of it."""
        if self.is_on_its_way:
            return True
        return self.state == "submitted" and self.asks_for_receipts

    @property
    def is_good(self) -> bool:
        """Whether the trunk took it, and nothing says that it did not arrive."""
        return self.state in ("submitted", "delivered")

    def seconds(self, until: str) -> float:
        """From claiming it for the wire until a moment of the row."""
        start, end = self.row["claimed_at"], self.row[until]
        assert isinstance(end, datetime)
        start = start if isinstance(start, datetime) else end
        return max(0.0, (end - start).total_seconds())

    def took(self, until: str) -> Problem:
        """The same in words."""
        seconds = self.seconds(until)
        if seconds < SHORT_S:
            return Problem("milliseconds", N_("%(n)s ms"), n=round(seconds * 1000))
        return Problem("seconds", N_("%(n)s seconds"), n=round(seconds))


def steps(probe: Probe) -> list[Step]:
    """What has happened so far, in order; the last one may still go on."""
    if not probe.state:
        words = N_("The message of this probe was purged since.")
        return [Step(TOLD, Problem("probe_purged", words))]
    words = N_("Written down as message %(id)s, before anything is sent.")
    written = Problem("probe_written", words, id=probe.row["message_id"])
    found = [Step(DONE, written), _answer(probe)]
    if probe.state in _REFUSED and not probe.has_left:
        found += _refused_characters(probe)
    if probe.has_left:
        found += [*_characters(probe), *_receipt(probe), *_receipt_id(probe)]
    return found + _came_back(probe)


def _answer(probe: Probe) -> Step:
    """What the operator made of it."""
    row, state = probe.row, probe.state
    said = _said(row)
    if state == "queued":
        if probe.why is not None:
            words = N_("It waits: %(why)s")
            return Step(NOW, Problem("probe_waits", words, why=probe.why))
        return Step(NOW, Problem("probe_queued", N_("It waits for its turn.")))
    if state == "submitting":
        words = N_("It is being sent; the operator has not answered yet.")
        return Step(NOW, Problem("probe_submitting", words))
    if state in _NEVER_LEFT:
        words = N_("It did not leave. %(said)s")
        return Step(WRONG, Problem("probe_never_left", words, said=said))
    if state == "in_doubt":
        words = N_(
            "It left, and nobody can say whether it was taken. It is not sent again."
            " %(said)s"
        )
        return Step(WRONG, Problem("probe_in_doubt", words, said=said))
    if not probe.has_left:
        words = N_("It was not taken. %(said)s")
        return Step(WRONG, Problem("probe_refused", words, said=said))
    ids = row["smsc_message_ids"]
    took = probe.took("submitted_at")
    if isinstance(ids, Sequence) and ids:
        words = N_("The operator took it after %(took)s, with the id %(ids)s.")
        return Step(DONE, Problem("probe_taken", words, took=took, ids=", ".join(ids)))
    words = N_("The operator took it after %(took)s, without an id.")
    return Step(DONE, Problem("probe_taken_no_id", words, took=took))


def _characters(probe: Probe) -> list[Step]:
    characters = str(probe.row["characters"])
    if not characters:
        return []
    words = N_("All of these characters were accepted: %(characters)s")
    shown = " ".join(characters)
    found = [Step(DONE, Problem("probe_characters", words, characters=shown))]
    if repeated := str(probe.row["receipt_text"]):
        words = N_("The receipt repeats the text: %(text)s")
        found.append(Step(TOLD, Problem("probe_repeats", words, text=repeated)))
    return found + _alphabet(probe, characters)


def _refused_characters(probe: Probe) -> list[Step]:
    """It may have been for them that it was refused."""
    characters = " ".join(str(probe.row["characters"]))
    if not characters:
        return []
    words = N_(
        "Send plain letters next: if they are taken, it was for one of these"
        " characters: %(characters)s"
    )
    return [Step(TOLD, Problem("probe_plain", words, characters=characters))]


def alphabet_found(probe: Probe) -> str:
    """As what the operator reads our octets: what a person saw, else what came back;
    '' while nothing tells."""
    row = probe.row
    if row["seen"]:
        return str(row["seen"])
    characters, alphabet = str(row["characters"]), str(row["alphabet"])
    if not characters:
        return ""
    came_back = str(row["came_back"])
    if came_back == row["text"] and not alphabet_probe.is_a_setting(probe.kind):
        return alphabet
    # Over SMPP both ways may be wrong alike: then it proves nothing.
    given = (str(row["receipt_text"]), came_back)
    read = (alphabet_probe.read_as(one, characters, alphabet) for one in given)
    return next(filter(None, read), "")


def _alphabet(probe: Probe, characters: str) -> list[Step]:
    found = alphabet_found(probe)
    if not found:
        return []
    alphabet = str(probe.row["alphabet"])
    if found == alphabet:
        words = N_("The characters arrive as they were written: the alphabet is right.")
        return [Step(DONE, Problem("probe_alphabet_right", words))]
    if not alphabet_probe.is_a_setting(probe.kind):
        words = N_(
            "The characters do not arrive as they were written, and this trunk has no"
            " setting for that: ask the provider, or write without them."
        )
        return [Step(WRONG, Problem("probe_alphabet_lost", words))]
    if found == alphabet_probe.OTHER:
        words = N_(
            "The characters do not arrive as in any alphabet that we know. Try the"
            " other alphabets of the trunk; ASCII is safe everywhere."
        )
        return [Step(WRONG, Problem("probe_alphabet_other", words))]
    words = N_(
        "The operator reads the text as %(found)s, and the trunk writes %(set)s:"
        " change its alphabet of data_coding 0."
    )
    names = {
        "found": Problem("alphabet", alphabet_probe.NAMES[found]),
        "set": Problem("alphabet", alphabet_probe.NAMES[alphabet]),
    }
    return [Step(WRONG, Problem("probe_alphabet_wrong", words, **names))]


def _receipt(probe: Probe) -> list[Step]:
    state, row = probe.state, probe.row
    if state == "delivered":
        words = N_("The receipt says that it arrived, %(took)s after it was sent.")
        problem = Problem("probe_arrived", words, took=probe.took("settled_at"))
        return [Step(DONE, problem)]
    if state != "submitted":
        words = N_(
            "The receipt says that it did not arrive, %(took)s after it was sent."
            " %(said)s"
        )
        took, said = probe.took("settled_at"), _said(row)
        return [Step(WRONG, Problem("probe_lost", words, took=took, said=said))]
    if not probe.asks_for_receipts:
        words = N_("No receipt is to be expected: this trunk asks for none.")
        return [Step(TOLD, Problem("probe_no_receipts", words))]
    seconds = round(probe.seconds("now"))
    if seconds < LONG_S:
        words = N_("The receipt is awaited, for %(seconds)s seconds now.")
    else:
        words = N_(
            "No receipt came in %(seconds)s seconds. A phone that is off, or an"
            " operator that sends none, keeps it waiting; you may leave this page."
        )
    return [Step(NOW, Problem("probe_receipt_awaited", words, seconds=seconds))]


def _receipt_id(probe: Probe) -> list[Step]:
    """How the receipt writes the id that the answer gave."""
    row = probe.row
    ids = row["smsc_message_ids"]
    answered = ids if isinstance(ids, Sequence) else ()
    if written := str(row["receipt_id"]):
        if probe.kind != "smpp" or len(written) == 1:
            return []  # only ours; or written alike in every notation
        forms = (receipt_ids.form_of(written, one) for one in answered)
        form = next((one for one in forms if one is not None), probe.form)
        if form is None:
            return []
        words = N_("The receipt writes the id as %(id)s: %(form)s.")
        said = Problem("form", receipt_ids.form_words(form))
        return [Step(DONE, Problem("probe_form", words, id=written, form=said))]
    if orphan := str(row["orphan"]):
        words = N_(
            "A receipt came with the id %(id)s, which is that of no message: look at"
            " the trunk's setting for the ids in receipts."
        )
        return [Step(WRONG, Problem("probe_orphan", words, id=orphan))]
    return []


def _came_back(probe: Probe) -> list[Step]:
    """What came in from the number since: the message itself, when it is our own."""
    text = str(probe.row["came_back"])
    if not text:
        return []
    if text == str(probe.row["text"]):
        words = N_("It came back as an incoming message, as it was written.")
        return [Step(DONE, Problem("probe_back", words))]
    words = N_("From that number came since: %(text)s")
    return [Step(TOLD, Problem("probe_answer", words, text=text[:200]))]


def _said(row: Mapping[str, object]) -> Problem | str:
    code, detail = row["result_code"], row["result_detail"]
    return results.problem(str(code), str(detail or "")) if code else ""


def why_not(trunk: Mapping[str, object], *, service_runs: bool) -> Problem | None:
    """Why no probe can be sent through a trunk now; None when one can."""
    if not service_runs:
        words = N_(
            "The service is not running: nothing was sent. On the server: service"
            " massivesms start"
        )
        return Problem("probe_no_service", words)
    if not trunk["active"]:
        return Problem("probe_off", N_("The trunk is turned off: turn it on first."))
    if trunk["stopped_code"]:
        words = N_("The trunk was stopped: start it again first.")
        return Problem("probe_stopped", words)
    return None
