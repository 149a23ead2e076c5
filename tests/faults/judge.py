"""The judge: what was imported, what the SMSC has, and the database, joined.

Owns the verdict and nothing else: it starts nothing and waits for nothing. The
join is by an id inside each text; where a text has none (its first segment is
missing), by the number, which is different for each message of a run.

lost         said to be sent, and never came whole or in part
duplicated   accepted by the SMSC more than once, be it one segment of it
altered      said to be sent, and came with another text, number or not whole
stray        came, though the database says that it never left
unaccounted  imported and not exactly one row, a row never imported, kept counts
             that are not the real ones, or work left undone at the end
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

from tests.fakes.smsc import Received

SENT = {"submitted", "delivered", "undelivered", "expired"}
UNFINISHED = {"queued", "submitting"}
_ID = re.compile(r"<([0-9a-z]+\.[0-9]+)>")


class Imported(NamedTuple):
    """One message as it was put in; the id stands in its text as <id>."""

    id: str
    number: str
    text: str


@dataclass(frozen=True)
class Judgement:
    """Ids by what is wrong with them; and what is not wrong, but to be counted."""

    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    unaccounted: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        parts = [f"{name} {_some(ids)}" for name, ids in self.faults().items()]
        return "; ".join(parts) or "faultless"

    def faults(self) -> dict[str, list[str]]:
        """What is wrong, by its name; empty when nothing is."""
        named = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: ids for name, ids in named.items() if ids}


FAULTLESS = Judgement()


class Tally(NamedTuple):
    """In doubt at the end, and recovered: interrupted, and settled after all."""

    in_doubt: int
    recovered: int


def judge(
    rows: Sequence[Mapping[str, Any]],
    received: Iterable[Received],
    imported: Sequence[Imported] | None = None,
    counts: Mapping[str, int] | None = None,
    *,
    finished: bool = False,
) -> Judgement:
    """What is wrong between what was put in, the rows, and what the SMSC has.

    Without `imported` the rows themselves stand for it. `counts` are those that
    the pages show. `finished` = nothing may be left to do.
    """
    came = list(received)
    put_in = imported if imported is not None else [_as_imported(r) for r in rows]
    wanted = {one.id: one for one in put_in}
    id_of = {_digits(one.number): one.id for one in put_in}
    row_ids = [_id_in(r["text"], r["number"], wanted, id_of) for r in rows]
    state_of = dict(zip(row_ids, (row["state"] for row in rows), strict=True))
    came_ids = [_id_in(one.text, one.number, wanted, id_of) for one in came]
    times = Counter(came_ids)
    sent = {i for i, state in state_of.items() if state in SENT}
    known = sent | {i for i, state in state_of.items() if state == "in_doubt"}
    return Judgement(
        lost=sorted(sent - set(times)),
        duplicated=sorted(i for i, n in times.items() if n > 1),
        altered=_altered(came, came_ids, wanted, sent),
        stray=sorted(set(times) - known),
        unaccounted=[
            *_unaccounted(row_ids, wanted),
            *_changed_rows(rows, row_ids, wanted),
            *_miscounted(rows, counts),
            *(sorted(i for i, s in state_of.items() if s in UNFINISHED) * finished),
        ],
    )


def tally(
    rows: Sequence[Mapping[str, Any]], interrupted: Collection[int] = ()
) -> Tally:
    """`interrupted` are database ids that a fault found on their way."""
    states = {row["id"]: row["state"] for row in rows}
    open_still = UNFINISHED | {"in_doubt"}
    return Tally(
        sum(state == "in_doubt" for state in states.values()),
        sum(states.get(i, "queued") not in open_still for i in interrupted),
    )


def _altered(
    came: Sequence[Received],
    came_ids: Sequence[str],
    wanted: Mapping[str, Imported],
    sent: Collection[str],
) -> list[str]:
    """Sent, and not one whole copy of it, or one that is not what was put in.

    A fragment beside a whole copy is a duplicate, and counted as that.
    """
    whole = {i for one, i in zip(came, came_ids, strict=True) if one.complete}
    found = {i for i in came_ids if i in sent and i not in whole}
    for one, i in zip(came, came_ids, strict=True):
        if i in sent and i in whole and one.complete:
            original = wanted.get(i)
            as_it_was = original and (_digits(original.number), original.text)
            if (_digits(one.number), one.text) != as_it_was:
                found.add(i)
    return sorted(found)


def _unaccounted(row_ids: Sequence[str], wanted: Mapping[str, Imported]) -> list[str]:
    """Ids that do not have exactly one row."""
    times = Counter(row_ids)
    return sorted(i for i in wanted.keys() | times.keys() if times[i] != (i in wanted))


def _changed_rows(
    rows: Sequence[Mapping[str, Any]],
    row_ids: Sequence[str],
    wanted: Mapping[str, Imported],
) -> list[str]:
    """Rows that say another number or text than was put in."""
    return [
        i
        for row, i in zip(rows, row_ids, strict=True)
        if i in wanted
        and (_digits(row["number"]), row["text"])
        != (_digits(wanted[i].number), wanted[i].text)
    ]


def _miscounted(
    rows: Sequence[Mapping[str, Any]], counts: Mapping[str, int] | None
) -> list[str]:
    if counts is None:
        return []
    real = Counter(row["state"] for row in rows)
    kept = {state: n for state, n in counts.items() if n}
    return [
        f"count of {state}: {kept.get(state, 0)}, really {real[state]}"
        for state in sorted(real.keys() | kept.keys())
        if kept.get(state, 0) != real[state]
    ]


def _id_in(
    text: str | None,
    number: str,
    wanted: Mapping[str, Imported],
    id_of: Mapping[str, str],
) -> str:
    """The id that a text carries, or the number's, or the number."""
    match = _ID.search(text or "")
    if match and match[1] in wanted:
        return match[1]
    return id_of.get(_digits(number), _digits(number))


def _as_imported(row: Mapping[str, Any]) -> Imported:
    match = _ID.search(row["text"] or "")
    return Imported(
        match[1] if match else _digits(row["number"]), row["number"], row["text"]
    )


def _digits(number: str) -> str:
    return number.removeprefix("+")


def _some(ids: Sequence[str]) -> str:
    shown = ", ".join(ids[:3])
    return f"{len(ids)} ({shown}{', ...' if len(ids) > 3 else ''})"
