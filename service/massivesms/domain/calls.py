"""Which calls a list is made from, and what of that makes no sense.

This room owns the question; how a PBX's table answers it is in store/call_records.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .words import N_, Problem, problem_from

MOST_DIDS = 100
MOST_SECONDS = 86_400
_DID = re.compile(r"[0-9A-Za-z+*#._@-]{1,50}")
_BETWEEN = re.compile(r"[\s,;]+")

PROBLEMS = {
    "calls_no_disposition": N_(
        "The call records of this PBX do not say which calls were answered: choose "
        "all calls."
    ),
    "calls_no_did": N_(
        "The call records of this PBX do not say which number was dialled: leave the "
        "number empty."
    ),
    "calls_no_length": N_(
        "The call records of this PBX do not say how long calls were: leave the "
        "shortest call empty."
    ),
    "calls_did_out": N_(
        "The number that was dialled is one of yours, so it goes with who called you "
        "and not with whom you called."
    ),
    "calls_missed_length": N_(
        "A call that nobody answered has no length: leave the shortest call empty."
    ),
    "did_form": N_(
        "%(did)s is no number as call records have it: write digits, and commas "
        "between several numbers."
    ),
    "dids_many": N_("%(limit)s numbers are the most."),
    "seconds_form": N_("Write whole seconds, from 0 to %(limit)s."),
}


class Outcome(StrEnum):
    """What became of a call."""

    ALL = "all"
    ANSWERED = "answered"
    MISSED = "missed"  # nobody answered any leg of it


@dataclass(frozen=True, slots=True)
class Query:
    """Which calls: in the PBX's local time, end excluded; None = no limit."""

    start: datetime | None = None
    end: datetime | None = None
    callees: bool = False  # False: who called; True: who was called
    outcome: Outcome = Outcome.ALL
    dids: tuple[str, ...] = ()  # our numbers that were dialled; () = any
    min_seconds: int = 0  # of talking

    def to_json(self) -> dict[str, object]:
        """As values that JSON knows."""
        return {
            "start": self.start.isoformat() if self.start else None,
            "end": self.end.isoformat() if self.end else None,
            "callees": self.callees,
            "outcome": self.outcome.value,
            "dids": list(self.dids),
            "min_seconds": self.min_seconds,
        }


def from_json(stored: Mapping[str, object]) -> Query:
    """The query that `to_json` was made of."""

    def moment(name: str) -> datetime | None:
        text = stored[name]
        return datetime.fromisoformat(str(text)) if text else None

    dids = stored["dids"]
    return Query(
        moment("start"),
        moment("end"),
        bool(stored["callees"]),
        Outcome(str(stored["outcome"])),
        tuple(map(str, dids)) if isinstance(dids, list) else (),
        int(str(stored["min_seconds"])),
    )


def refused(query: Query, has: Callable[[str], bool]) -> dict[str, Problem]:
    """What cannot be asked, by field; `has` knows the columns of the call records."""
    found: dict[str, str] = {}
    if query.outcome is not Outcome.ALL and not has("disposition"):
        found["outcome"] = "calls_no_disposition"
    if query.dids and query.callees:
        found["did"] = "calls_did_out"
    elif query.dids and not has("did"):
        found["did"] = "calls_no_did"
    if query.min_seconds and query.outcome is Outcome.MISSED:
        found["min_seconds"] = "calls_missed_length"
    elif query.min_seconds and not has("billsec"):
        found["min_seconds"] = "calls_no_length"
    return {field: problem_from(PROBLEMS, code) for field, code in found.items()}


def read_dids(text: str) -> tuple[str, ...] | Problem:
    """The numbers that were dialled, from a line with commas between them."""
    dids = tuple(dict.fromkeys(filter(None, _BETWEEN.split(text))))
    for did in dids:
        if not _DID.fullmatch(did):
            return problem_from(PROBLEMS, "did_form", did=did[:50])
    if len(dids) > MOST_DIDS:
        return problem_from(PROBLEMS, "dids_many", limit=MOST_DIDS)
    return dids


def read_seconds(text: str) -> int | Problem:
    """The length of the shortest call; '' is 0."""
    if not text:
        return 0
    is_number = text.isascii() and text.isdecimal() and len(text) < 7
    if not is_number or int(text) > MOST_SECONDS:
        return problem_from(PROBLEMS, "seconds_form", limit=MOST_SECONDS)
    return int(text)
