"""The call centre's do-not-call list becomes blocked numbers.

May be done again: only what is new is added. Each batch is a transaction of its own,
so that sending never waits for the whole.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from ..domain.blocked_numbers import DONT_CALL
from ..domain.numbers import NumberPlan, read_number
from ..domain.words import Problem
from ..store import blocked_numbers, dont_call
from ..store.audit import Actor
from ..store.db import Database, Transaction

BATCH = 1000
SHOWN_BAD = 10


@dataclass(slots=True)
class Imported:
    """The verdict on the list: each of its entries is in one of the counts.

    `bad` are the first that are no numbers to send to, each with the reason.
    """

    added: int = 0
    already: int = 0
    not_numbers: int = 0
    bad: list[tuple[str, Problem]] = field(default_factory=list)


def load(db: Database, plan: NumberPlan, actor: Actor) -> Imported:
    """Blocks the active numbers of the list for all campaigns.

    Raises StoreError when there is no such list, or it may not be read.
    """
    done = Imported()
    after: object = None
    while True:
        with db.transaction() as tx:
            written, after = dont_call.numbers(tx, after)
        wanted = _read(written, plan, done)
        for at in range(0, len(wanted), BATCH):
            batch = wanted[at : at + BATCH]
            added = db.atomically(lambda tx, some=batch: _block(tx, some, actor))  # type: ignore[misc]
            done.added += added
            done.already += len(batch) - added
        if after is None:
            return done


def _read(written: list[str], plan: NumberPlan, done: Imported) -> list[str]:
    """The numbers of some entries, each once; the others are booked."""
    wanted: dict[str, None] = {}
    for raw in written:
        number = read_number(raw, plan)
        if isinstance(number, Problem):
            done.not_numbers += 1
            if len(done.bad) < SHOWN_BAD:
                done.bad.append((raw, number))
        elif number.e164 in wanted:
            done.already += 1
        else:
            wanted[number.e164] = None
    return list(wanted)


def _block(tx: Transaction, numbers: list[str], actor: Actor) -> int:
    return len(blocked_numbers.add(tx, numbers, actor, source=DONT_CALL))
