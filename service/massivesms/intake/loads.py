"""Loads: a file, the call records or a list become contacts or messages.

Joins reading (files.py, calls.py), the verdicts (domain.recipients) and the store. Each
load is one transaction: either all of its good rows are in, with every bad row
on record, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ..domain.campaigns import Draft
from ..domain.number_sets import NumberSet
from ..domain.numbers import NumberPlan
from ..domain.recipients import BadRow, Recipient, Row, Screening, Seen, Verdict
from ..domain.segments import split
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..store import audit, campaigns, erased, imports, lists, messages
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.db import Row as StoredRow
from ..store.imports import RowProblem
from ..store.messages import NewMessage
from .files import read_rows
from .read_ahead import read_ahead

BATCH = 2000


class Repeats:
    """Only counts: a number is never one that was seen."""

    def __init__(self) -> None:
        self._count = 0

    def __contains__(self, number: int) -> bool:
        return False

    def __len__(self) -> int:
        return self._count

    def add(self, number: int) -> None:
        """Counts one more."""
        self._count += 1


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows come from: `kind` is file, call_records or automatic."""

    kind: str
    rows: Iterable[Row]
    name: str = ""
    is_huge: bool = False  # as call records may be: less memory rather than speed
    repeats: bool = False  # a number may come again: the rows have keys of their own

    @property
    def seen(self) -> Seen:
        """What keeps its numbers while it is loaded."""
        if self.repeats:
            return Repeats()
        return NumberSet() if self.is_huge else set()


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did; `target_id` is the list's or the campaign's id."""

    target_id: int
    import_id: int
    accepted: int
    duplicates: int
    refused: int


Finish = Callable[[Transaction, Loaded], None]


def _nothing_more(_tx: Transaction, _loaded: Loaded) -> None:
    """Most loads are done with their rows."""


def file_source(file: BinaryIO, name: str) -> Source:
    """The rows of an uploaded CSV file."""
    return Source("file", read_rows(file), name)


def create_list(
    db: Database,
    name: str,
    description: str,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    finish: Finish = _nothing_more,
) -> Loaded:
    """A new list with the good rows of a source; `finish` is of its transaction.

    Raises ImportRefused when nothing is usable, StoreError when the name is taken.
    """
    with db.transaction() as tx:
        list_id = lists.create(tx, name.strip(), description.strip(), actor)
        loaded = _fill_list(tx, list_id, source, plan, actor, is_new=True)
        finish(tx, loaded)
    return loaded


def add_to_list(
    db: Database,
    list_id: int,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    finish: Finish = _nothing_more,
) -> Loaded:
    """More contacts into an existing list; those it has already are duplicates."""
    with db.transaction() as tx:
        lists.lock(tx, list_id)
        loaded = _fill_list(tx, list_id, source, plan, actor)
        row = lists.by_id(tx, list_id) or {}
        details = {
            "source": source.name,
            "accepted": loaded.accepted,
            "duplicates": loaded.duplicates,
            "refused": loaded.refused,
        }
        audit.record(tx, actor, "list.load", row["name"], details)
        finish(tx, loaded)
    return loaded


def create_campaign_from_file(
    db: Database,
    draft: Draft,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    finish: Finish = _nothing_more,
) -> Loaded:
    """A campaign to the numbers of a file; a second column may bring own texts.

    `finish` is of its transaction. Raises ImportRefused when nothing is usable,
    StoreError when the name is taken.
    """
    with db.transaction() as tx:
        campaign_id = campaigns.create(tx, draft, actor)
        import_id = imports.create(
            tx,
            source.kind,
            campaign_id=campaign_id,
            source=source.name,
            created_by=actor.name,
        )
        screening = Screening(plan, seen=source.seen)
        rows = source.rows if draft.text else _needing_texts(source.rows)
        for batch in _keeping_problems(tx, import_id, screening, rows):
            made = _messages(draft.text, batch)
            messages.enqueue(tx, campaign_id, made, import_id)
        loaded = _finish(tx, campaign_id, import_id, screening, already=0)
        finish(tx, loaded)
    return loaded


def create_campaign_from_list(
    db: Database, draft: Draft, chosen: StoredRow, actor: Actor
) -> Loaded:
    """A campaign to the included contacts of a list.

    Raises ImportRefused when it has none, StoreError when the name is taken.
    """
    with db.transaction() as tx:
        campaign_id = campaigns.create(tx, draft, actor)
        import_id = imports.create(
            tx,
            "list",
            campaign_id=campaign_id,
            list_id=chosen["id"],
            source=chosen["name"],
            created_by=actor.name,
        )
        segments = len(split(draft.text).parts)
        taken = messages.enqueue_list(
            tx, campaign_id, chosen["id"], segments, import_id
        )
        if not taken:
            raise ImportRefused(
                Problem(
                    "list_empty",
                    N_("The list %(name)s has no number that may be used."),
                    name=chosen["name"],
                )
            )
        imports.finish(tx, import_id, accepted=taken, duplicates=0, refused=0)
        return Loaded(campaign_id, import_id, taken, 0, 0)


def _fill_list(
    tx: Transaction,
    list_id: int,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    *,
    is_new: bool = False,
) -> Loaded:
    import_id = imports.create(
        tx,
        source.kind,
        list_id=list_id,
        source=source.name,
        created_by=actor.name,
    )
    screening = Screening(plan, texts_allowed=False, seen=source.seen)
    already = 0
    for batch in _keeping_problems(tx, import_id, screening, source.rows):
        numbers = [r.number for r in batch]
        if is_new:  # the screening has found what is twice in the source
            lists.add_new_contacts(tx, list_id, numbers)
            continue
        present = lists.add_contacts(tx, list_id, numbers)
        old = [r for r in batch if r.number.e164 in present]
        imports.add_problems(tx, import_id, [_in_list(r) for r in old])
        already += len(old)
    return _finish(tx, list_id, import_id, screening, already)


def _keeping_problems(
    tx: Transaction, import_id: int, screening: Screening, rows: Iterable[Row]
) -> Iterator[list[Recipient]]:
    """The good rows in batches; the bad ones are kept in the database on the way."""
    known = erased.Known(tx)
    for batch in read_ahead(screening.screen(rows), BATCH):
        good = [verdict for verdict in batch if isinstance(verdict, Recipient)]
        bad = [_problem_of(row) for row in batch if isinstance(row, BadRow)]
        if gone := known.among([r.number.e164 for r in good]):
            refused = [r for r in good if r.number.e164 in gone]
            good = [r for r in good if r.number.e164 not in gone]
            bad += [_erased(recipient, screening) for recipient in refused]
        imports.add_problems(tx, import_id, bad)
        if good:
            yield good


def _finish(
    tx: Transaction, target_id: int, import_id: int, screening: Screening, already: int
) -> Loaded:
    summary = screening.summary
    if not summary.accepted:
        raise ImportRefused(_nothing_usable(screening))
    loaded = Loaded(
        target_id,
        import_id,
        accepted=summary.accepted - already,
        duplicates=summary.duplicates + already,
        refused=summary.refused,
    )
    imports.finish(
        tx,
        import_id,
        accepted=loaded.accepted,
        duplicates=loaded.duplicates,
        refused=loaded.refused,
    )
    return loaded


def _nothing_usable(screening: Screening) -> Problem:
    """Why not a single row was taken, by its most frequent reason."""
    tallies = screening.summary.problems.values()
    worst = max(tallies, key=lambda tally: tally.count, default=None)
    if worst is None:
        return Problem("no_rows", N_("There is no number in it."))
    return Problem(
        "no_valid_number",
        N_("None of its %(rows)s numbers can be used. Line %(line)s: %(reason)s"),
        rows=screening.summary.refused,
        line=worst.lines[0],
        reason=worst.example,
    )


def _messages(text: str, good: Iterable[Recipient]) -> Iterator[NewMessage]:
    default = len(split(text).parts)
    for recipient in good:
        own = recipient.text if recipient.text != text else None
        yield NewMessage(
            recipient.number.e164,
            recipient.number.is_local,
            len(split(own).parts) if own is not None else default,
            own,
        )


def _needing_texts(rows: Iterable[Row]) -> Iterator[Row]:
    """Rows of a campaign without a text of its own: each must bring one."""
    problem = Problem(
        "text_missing",
        N_("The campaign has no message and this row brings none of its own."),
    )
    for row in rows:
        has_text = row.text is not None and row.text.strip()
        yield row if has_text else Row(row.line, row.raw_number, None, problem)


def _problem_of(bad: BadRow) -> RowProblem:
    return RowProblem(bad.line, bad.raw_number, bad.row_text, bad.problem)


def _erased(recipient: Recipient, screening: Screening) -> RowProblem:
    """Takes a row back whose number was erased: not even here is it kept again."""
    screening.take_back(recipient, erased.problem())
    return RowProblem(recipient.line, "", None, erased.problem())


def _in_list(recipient: Recipient) -> RowProblem:
    problem = Problem(
        Verdict.DUPLICATE.value, N_("This number is in the list already.")
    )
    return RowProblem(recipient.line, recipient.number.e164, None, problem)
