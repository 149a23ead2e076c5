"""Loads: a file, the call records or a list become contacts or messages.

Joins reading (files.py, calls.py), the verdicts (domain.recipients) and the store. Each
load is one transaction: either all of its good rows are in, with every bad row
on record, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..domain.numbers import NumberPlan
from ..domain.recipients import BadRow, Recipient, Row, Screening, Verdict
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..store import audit, erased, imports, lists
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.imports import RowProblem
from .load_sources import Source
from .read_ahead import read_ahead

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did; `target_id` is the list's or the campaign's id.

    `excluded`: contacts that the list had in use, and the file says are excluded.
    """

    target_id: int
    import_id: int
    accepted: int
    duplicates: int
    refused: int
    excluded: int = 0


Finish = Callable[[Transaction, Loaded], None]


def nothing_more(_tx: Transaction, _loaded: Loaded) -> None:
    """Most loads are done with their rows."""


def create_list(
    db: Database,
    name: str,
    description: str,
    source: Source,
    plan: NumberPlan,
    actor: Actor,
    finish: Finish = nothing_more,
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
    finish: Finish = nothing_more,
) -> Loaded:
    """More contacts into an existing list; those it has already are duplicates.

    Of these the file may say who is excluded: nobody comes into use that way.
    """
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
        if loaded.excluded:
            details["excluded"] = loaded.excluded
        audit.record(tx, actor, "list.load", row["name"], details)
        finish(tx, loaded)
    return loaded


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
        digest=source.digest,
    )
    before = imports.last_contact(tx)
    screening = Screening(plan, texts_allowed=False, seen=source.seen)
    already = excluded = 0
    for batch in keeping_problems(tx, import_id, screening, source.rows):
        if is_new:  # the screening has found what is twice in the source
            lists.add_new_contacts(tx, list_id, batch, import_id)
            continue
        present = lists.add_recipients(tx, list_id, batch, import_id)
        old = [r for r in batch if r.number.e164 in present]
        imports.add_problems(tx, import_id, [in_list(r) for r in old])
        already += len(old)
        excluded += lists.exclude(tx, list_id, old)
    imports.reaches(tx, import_id, before)
    loaded = conclude(
        *(tx, list_id, import_id, screening),
        already=already,
        notes=[*source.notes, *screening.notes],
    )
    return replace(loaded, excluded=excluded)


def keeping_problems(
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


def conclude(
    tx: Transaction,
    target_id: int,
    import_id: int,
    screening: Screening,
    *,
    already: int = 0,
    notes: Sequence[Problem] = (),
) -> Loaded:
    """Ends the record of a load. Raises ImportRefused when nothing was usable."""
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
        notes=notes,
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


def _problem_of(bad: BadRow) -> RowProblem:
    return RowProblem(bad.line, bad.raw_number, bad.row_text, bad.problem, bad.fields)


def _erased(recipient: Recipient, screening: Screening) -> RowProblem:
    """Takes a row back whose number was erased: not even here is it kept again."""
    screening.take_back(recipient, erased.problem())
    return RowProblem(recipient.line, "", None, erased.problem())


def in_list(recipient: Recipient) -> RowProblem:
    """The verdict on a number that the list has already."""
    problem = Problem(
        Verdict.DUPLICATE.value, N_("This number is in the list already.")
    )
    return RowProblem(
        recipient.line, recipient.number.e164, None, problem, recipient.fields
    )
