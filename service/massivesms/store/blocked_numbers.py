"""Blocked numbers: who gets nothing, from nobody or from one campaign.

Only this room writes the table, since it keeps the total by which a claim knows
whether there is anything to look up. Who changes it holds that row alone until the
commit, and every claim holds it shared: so once a block is committed, no claim goes
by what was before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..domain.blocked_numbers import BY_OWNER, MANUAL, OPT_OUT
from ..domain.numbers import masked
from . import audit, counts
from .audit import Actor
from .claims import Claimed
from .db import Row, Transaction

ALL_CAMPAIGNS = 0
AUDITED_NUMBERS = 20

HOLD = "SELECT numbers FROM blocked_total WHERE id = 1 FOR UPDATE"
PRESENT = """
SELECT number FROM blocked_number
WHERE campaign_id = %(campaign_id)s AND number IN %(numbers)s"""
ADD = """
INSERT INTO blocked_number (number, campaign_id, source, reason, created_by,
                            created_at)
VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""
TAKE_OVER = """
UPDATE blocked_number SET source = %(source)s, reason = %(reason)s,
  created_by = %(by)s, created_at = UTC_TIMESTAMP(3)
WHERE campaign_id = %(campaign_id)s AND number IN %(numbers)s
  AND source = %(opt_out)s"""
COUNT = """
INSERT INTO blocked_total (id, numbers) VALUES (1, %(n)s)
ON DUPLICATE KEY UPDATE numbers = numbers + %(n)s"""


def add(
    tx: Transaction,
    numbers: Sequence[str],
    actor: Actor,
    *,
    source: str = MANUAL,
    reason: str = "",
    campaign_id: int = ALL_CAMPAIGNS,
) -> list[str]:
    """Blocks numbers (E.164, each once); those that were not blocked before.

    Messages that wait for them are skipped when they would be claimed. A number that
    had opted out stays blocked when its owner comes back.
    """
    if not numbers:
        return []
    tx.value(HOLD)
    values = {"campaign_id": campaign_id, "numbers": list(numbers)}
    present = {number for (number,) in tx.tuples(PRESENT, values)}
    fresh = [number for number in numbers if number not in present]
    rows = [(n, campaign_id, source, reason, actor.name[:64]) for n in fresh]
    tx.many(ADD, rows)
    if present:
        ours = {"source": source, "reason": reason, "by": actor.name[:64]}
        tx.execute(TAKE_OVER, {**values, **ours, "opt_out": OPT_OUT})
    if fresh:
        tx.execute(COUNT, {"n": len(fresh)})
        subject = masked(fresh[0]) if len(fresh) == 1 else str(len(fresh))
        shown = [masked(number) for number in fresh[:AUDITED_NUMBERS]]
        details = {"numbers": shown, "source": source}
        audit.record(tx, actor, "blocked.add", subject, {**details, "reason": reason})
    return fresh


LEAVE_WISH = """
UPDATE blocked_number SET source = %(opt_out)s, reason = '', created_by = %(by)s,
  created_at = opted_out_at
WHERE number = %(number)s AND campaign_id = %(campaign_id)s
  AND source <> %(opt_out)s AND opted_out_at IS NOT NULL"""
REMOVE = """
DELETE FROM blocked_number
WHERE number = %(number)s AND campaign_id = %(campaign_id)s"""


def remove(
    tx: Transaction, number: str, actor: Actor, *, campaign_id: int = ALL_CAMPAIGNS
) -> bool:
    """Takes a block away; False when the number was not blocked.

    What was skipped meanwhile stays skipped. A number whose owner has opted out too
    stays left out for that, until it is taken away once more.
    """
    tx.value(HOLD)
    values = {"number": number, "campaign_id": campaign_id}
    if not tx.execute(LEAVE_WISH, {**values, "opt_out": OPT_OUT, "by": BY_OWNER}):
        if not tx.execute(REMOVE, values):
            return False
        tx.execute(COUNT, {"n": -1})
    audit.record(tx, actor, "blocked.remove", masked(number))
    return True


FORGET = "DELETE FROM blocked_number WHERE number = %(number)s"


def forget(tx: Transaction, number: str) -> None:
    """Takes every trace of a number away, from all campaigns; nothing is audited."""
    tx.value(HOLD)
    removed = tx.execute(FORGET, {"number": number})
    if removed:
        tx.execute(COUNT, {"n": -removed})


COLUMNS = """number, campaign_id, source, reason, created_by, created_at, opted_out_at,
inbound_id"""
FIND = f"""
SELECT {COLUMNS} FROM blocked_number
WHERE number = %(number)s AND campaign_id = %(campaign_id)s"""  # noqa: S608


def find(
    tx: Transaction, number: str, *, campaign_id: int = ALL_CAMPAIGNS
) -> Row | None:
    """The block of a number, or None."""
    return tx.row(FIND, {"number": number, "campaign_id": campaign_id})


PAGE = f"""
SELECT {COLUMNS} FROM blocked_number FORCE INDEX (page)
WHERE campaign_id = %(campaign_id)s AND number > %(after)s AND number LIKE %(start)s
ORDER BY number LIMIT %(limit)s"""  # noqa: S608


def page(
    tx: Transaction,
    *,
    number_starts: Sequence[str] = (),
    after: str = "",
    limit: int = 50,
) -> list[Row]:
    """Numbers blocked for all campaigns by number, those after one for what follows.

    `number_starts` are beginnings in E.164, any of which may match.
    """
    found: dict[str, Row] = {}
    for start in number_starts or ("",):
        values = {
            "campaign_id": ALL_CAMPAIGNS,
            "after": after,
            "start": start.replace("%", "").replace("_", "") + "%",
            "limit": limit,
        }
        found |= {row["number"]: row for row in tx.rows(PAGE, values)}
    return [found[number] for number in sorted(found)][:limit]


def every(tx: Transaction, rows_at_once: int = 2000) -> Iterator[Row]:
    """All numbers blocked for all campaigns, a batch at a time."""
    after = ""
    while rows := page(tx, after=after, limit=rows_at_once):
        yield from rows
        after = rows[-1]["number"]


RECOUNT = """
INSERT INTO blocked_total (id, numbers) SELECT 1, n FROM
  (SELECT COUNT(*) AS n FROM blocked_number) counted
ON DUPLICATE KEY UPDATE numbers = n"""


def recount(tx: Transaction) -> None:
    """Sets the total anew, for tables that were filled by a restore."""
    tx.execute(RECOUNT)


TOTAL = "SELECT numbers FROM blocked_total WHERE id = 1"


def total(tx: Transaction) -> int:
    """How many blocks there are."""
    return int(tx.value(TOTAL) or 0)


WAITING = """
SELECT id FROM message WHERE id IN %(ids)s AND state = 'queued' FOR UPDATE"""
SKIP = """
UPDATE message SET state = 'skipped', settled_at = UTC_TIMESTAMP(3),
  result_code = %(code)s, result_detail = NULL
WHERE id IN %(ids)s AND state = 'queued'"""


def skip(tx: Transaction, blocked: Sequence[Claimed], changes: counts.Changes) -> None:
    """Ends messages to blocked numbers; books into `changes`, which the caller writes.

    The result says whether the number itself asked for it. Those that another session
    has skipped or taken meanwhile are left to it.
    """
    found = tx.tuples(WAITING, {"ids": [c.message_id for c in blocked]})
    held = {message_id for (message_id,) in found}
    if not held:
        return
    for code in ("blocked", "opted_out"):
        ours = [c for c in blocked if c.message_id in held and c.blocked_code == code]
        if ours:
            tx.execute(SKIP, {"ids": [c.message_id for c in ours], "code": code})
        for c in ours:
            moved = (c.campaign_id, 0, "queued", "skipped", 1, c.segments)
            changes.move(*moved, ids=[c.message_id], code=code)
