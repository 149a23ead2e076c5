"""A bulk file becomes messages of campaigns, with a verdict for every row.

One transaction: either all of its good rows are in, with every bad row on record,
or nothing is. Claims go on while it is loaded (see store/bulk.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ..domain.numbers import NumberPlan
from ..domain.segments import split
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..store import audit, bulk, erased, imports
from ..store.audit import Actor
from ..store.bulk import BulkMessage
from ..store.db import Database, Transaction
from ..store.imports import RowProblem
from . import bulk_rows, texts
from .block_loads import OUTPUT_QUEUE
from .block_rows import Campaigns
from .bulk_rows import Judged, Judging, Target
from .read_ahead import read_ahead

BATCH = 2000
AGAIN = "bulk_twice"


@dataclass(slots=True)
class Loaded:
    """What a load did; each row of the file is in one of the counts."""

    import_id: int
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    sums: dict[int, tuple[int, int]] = field(default_factory=dict)
    first: RowProblem | None = None
    notes: list[Problem] = field(default_factory=list)  # of the file as a whole


def load(
    db: Database,
    file: BinaryIO,
    name: str,
    plan: NumberPlan,
    actor: Actor,
    *,
    digest: bytes | None = None,
    sheet: str = "",
) -> Loaded:
    """Puts the messages of a file in the queues of the campaigns that its rows name.

    `digest` is load_sources.digest_of; `sheet` is one of a workbook.
    Raises ImportRefused when the file is none or no row of it can be used, and
    nothing is loaded then.
    """
    with db.transaction() as tx:
        judging = _judging(tx, plan)
        import_id = imports.create(
            tx, "bulk", created_by=actor.name, source=name, digest=digest
        )
        loaded = Loaded(import_id)
        known = erased.Known(tx)
        rows = bulk_rows.read(file, sheet, loaded.notes)
        for batch in read_ahead(judging.judge(rows), BATCH):
            _store(tx, batch, loaded, known)
        if not loaded.accepted:
            raise ImportRefused(_nothing_usable(loaded))
        _finish(tx, loaded, name, actor)
    return loaded


def _judging(tx: Transaction, plan: NumberPlan) -> Judging:
    rows = bulk.targets(tx)
    targets = {
        row["id"]: Target(
            row["id"], bulk_rows.own_text_of(row["text"]), bool(row["is_over"])
        )
        for row in rows
    }
    named = [(row["id"], row["name"]) for row in rows]
    return Judging(plan, Campaigns(named, OUTPUT_QUEUE), targets, texts.signature(tx))


def _store(
    tx: Transaction, batch: Sequence[Judged], loaded: Loaded, known: erased.Known
) -> None:
    """One batch: what is good is written, the rest kept with its reasons."""
    problems = [_problem(one) for one in batch if one.problem]
    good = [one for one in batch if one.number is not None]
    gone = known.among([one.number.e164 for one in good if one.number])
    made = []
    for one in good:
        assert one.number is not None
        if one.number.e164 in gone:
            problems.append(RowProblem(one.row.line, "", None, erased.problem()))
            continue
        segments = len(split(one.own).parts)
        new = BulkMessage(
            *(one.campaign_id, one.number.e164, one.number.is_local),
            *(segments, one.text, one.priority),
        )
        made.append(new)
        total, sum_ = loaded.sums.get(one.campaign_id, (0, 0))
        loaded.sums[one.campaign_id] = (total + 1, sum_ + segments)
    bulk.add(tx, made, loaded.import_id)
    problems.sort(key=lambda bad: bad.line)
    imports.add_problems(tx, loaded.import_id, problems)
    again = sum(bad.problem.code == AGAIN for bad in problems)
    loaded.accepted += len(made)
    loaded.duplicates += again
    loaded.refused += len(problems) - again
    loaded.first = loaded.first or next(iter(problems), None)


def _problem(one: Judged) -> RowProblem:
    assert one.problem is not None
    row = one.row
    return RowProblem(row.line, row.raw_number, row.packed, one.problem)


def _finish(tx: Transaction, loaded: Loaded, name: str, actor: Actor) -> None:
    counted = {
        "accepted": loaded.accepted,
        "duplicates": loaded.duplicates,
        "refused": loaded.refused,
    }
    imports.finish(tx, loaded.import_id, **counted, notes=loaded.notes)
    details = {"source": name, **counted}
    audit.record(
        tx, actor, "campaign.bulk", name[:160] or f"#{loaded.import_id}", details
    )
    bulk.book(tx, loaded.sums, actor)


def _nothing_usable(loaded: Loaded) -> Problem:
    if loaded.first is None:
        return Problem("no_rows", N_("There is no number in it."))
    return Problem(
        "bulk_nothing_usable",
        N_("None of its %(rows)s rows can be used. Line %(line)s: %(reason)s"),
        rows=loaded.refused + loaded.duplicates,
        line=loaded.first.line,
        reason=loaded.first.problem,
    )
