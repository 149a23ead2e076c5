"""A file of blocked numbers becomes blocks, with a verdict for every row.

Each batch is a transaction of its own, since claims wait for whoever blocks numbers.
So a file that breaks off half-way is half taken: loaded again, only what is new is
added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from ..domain.blocked_numbers import FILE
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.numbers import NumberPlan
from ..domain.words import Problem
from ..errors import ImportRefused
from ..store import audit, blocked_numbers, campaign_names, erased, imports
from ..store.audit import Actor
from ..store.blocked_numbers import NewBlock
from ..store.db import Database, Transaction
from ..store.imports import RowProblem
from . import block_rows
from .block_rows import ALL_CAMPAIGNS, Campaigns, Judged, Judging
from .read_ahead import read_ahead

BATCH = 1000
#: What the output queue is called on the pages, beside its name in the database.
OUTPUT_QUEUE = {"Output queue": OUTPUT_QUEUE_ID, "Cola de salida": OUTPUT_QUEUE_ID}


@dataclass(slots=True)
class Loaded:
    """What a load did; each row of the file is in one of the counts."""

    import_id: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    notes: list[Problem] = field(default_factory=list)  # of the file as a whole


def load(
    db: Database,
    file: BinaryIO,
    name: str,
    plan: NumberPlan,
    actor: Actor,
    *,
    default: int = ALL_CAMPAIGNS,
    with_campaigns: bool = True,
) -> Loaded:
    """Blocks the numbers of a file for the campaigns that its rows name.

    Rows that name none are for `default`; without `with_campaigns` all are. Raises
    ImportRefused when the file is none, and nothing is blocked then; one that turns
    out too large further on is taken up to there.
    """
    with db.transaction() as tx:
        campaigns = Campaigns(campaign_names.every(tx), OUTPUT_QUEUE)
    notes: list[Problem] = []
    rows = block_rows.read(file, with_campaigns=with_campaigns, notes=notes)
    judged = Judging(plan, campaigns, default).judge(rows)
    loaded = Loaded(notes=notes)
    try:
        for batch in read_ahead(judged, BATCH):
            if not loaded.import_id:
                loaded.import_id = db.atomically(lambda tx: _begin(tx, name, actor))
            loaded = db.atomically(
                lambda tx, some=batch, sofar=loaded: _store(tx, some, sofar, actor)  # type: ignore[misc]
            )
    except ImportRefused:
        if loaded.import_id:
            db.atomically(lambda tx: _record(tx, name, loaded, actor))
        raise
    db.atomically(lambda tx: _record(tx, name, loaded, actor))
    return loaded


def _begin(tx: Transaction, name: str, actor: Actor) -> int:
    return imports.create(tx, "blocked", created_by=actor.name, source=name)


def _store(
    tx: Transaction, batch: Sequence[Judged], sofar: Loaded, actor: Actor
) -> Loaded:
    """One batch: what is good is blocked, the rest kept with its reasons."""
    problems = [_problem(one, one.problem) for one in batch if one.problem]
    good = [one for one in batch if not one.problem]
    named = campaign_names.held(tx, {one.campaign_id for one in good})
    gone = erased.among(tx, [one.number for one in good])
    wanted: dict[tuple[str, int], Judged] = {}
    for one in good:
        if one.number in gone:
            problems.append(RowProblem(one.row.line, "", None, erased.problem()))
        elif one.campaign_id != ALL_CAMPAIGNS and one.campaign_id not in named:
            problems.append(_problem(one, block_rows.unknown(one.row.campaign)))
        else:
            wanted[one.number, one.campaign_id] = one
    blocks = [NewBlock(*key, one.row.reason) for key, one in wanted.items()]
    for fresh in blocked_numbers.add_many(tx, blocks, actor.name, FILE):
        del wanted[fresh.place]
    problems += [_problem(one, block_rows.already()) for one in wanted.values()]
    imports.add_problems(tx, sofar.import_id, sorted(problems, key=_line))
    again = sum(p.problem.code in AGAIN for p in problems)
    loaded = Loaded(
        sofar.import_id,
        sofar.accepted + len(batch) - len(problems),
        sofar.duplicates + again,
        sofar.refused + len(problems) - again,
        sofar.notes,
    )
    imports.finish(
        tx,
        loaded.import_id,
        accepted=loaded.accepted,
        duplicates=loaded.duplicates,
        refused=loaded.refused,
    )
    return loaded


AGAIN = {"duplicate", "already_blocked"}


def _line(problem: RowProblem) -> int:
    return problem.line


def _problem(one: Judged, problem: Problem) -> RowProblem:
    row = one.row
    return RowProblem(row.line, row.raw_number, row.campaign or None, problem)


def _record(tx: Transaction, name: str, loaded: Loaded, actor: Actor) -> None:
    details = {
        "source": name,
        "accepted": loaded.accepted,
        "duplicates": loaded.duplicates,
        "refused": loaded.refused,
    }
    audit.record(
        tx, actor, "blocked.load", name[:160] or f"#{loaded.import_id}", details
    )
