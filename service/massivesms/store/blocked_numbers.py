"""Blocked numbers: who gets nothing, from nobody or from one campaign.

How people look at them is in blocked_pages.py.

Only this room writes the table, since it keeps the total by which a claim knows
whether there is anything to look up. Who changes it holds that row alone until the
commit, and every claim holds it shared: so once a block is committed, no claim goes
by what was before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from ..domain.blocked_numbers import BY_OWNER, MANUAL, OPT_OUT
from ..domain.campaigns import not_found
from ..domain.numbers import masked
from ..errors import StoreError
from . import audit, campaign_names, counts
from .audit import Actor
from .claims import Claimed
from .db import Row, Transaction

ALL_CAMPAIGNS = 0
AUDITED_NUMBERS = 20

HOLD = "SELECT numbers FROM blocked_total WHERE id = 1 FOR UPDATE"
PRESENT = """
SELECT number, campaign_id, source FROM blocked_number WHERE number IN %(numbers)s"""
ADD = """
INSERT INTO blocked_number (number, campaign_id, source, reason, created_by,
                            created_at)
VALUES (%s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""
# Who had opted out stays blocked when they come back.
TAKE_OVER = """
UPDATE blocked_number SET source = %(source)s, reason = %(reason)s,
  created_by = %(by)s, created_at = UTC_TIMESTAMP(3)
WHERE campaign_id = %(campaign_id)s AND number = %(number)s
  AND source = %(opt_out)s"""
COUNT = """
INSERT INTO blocked_total (id, numbers) VALUES (1, %(n)s)
ON DUPLICATE KEY UPDATE numbers = numbers + %(n)s"""


class NewBlock(NamedTuple):
    """A number to block, for all campaigns (0) or for one."""

    number: str
    campaign_id: int = ALL_CAMPAIGNS
    reason: str = ""

    @property
    def place(self) -> tuple[str, int]:
        """What no two blocks have alike."""
        return self.number, self.campaign_id


def add_many(
    tx: Transaction, blocks: Sequence[NewBlock], by: str, source: str
) -> list[NewBlock]:
    """Blocks numbers (each for a campaign once); those that were not so before.

    Claims wait until the commit: call it with some thousands at most. Whoever names
    campaigns holds them (campaign_names.held), and writes the audit.
    """
    if not blocks:
        return []
    tx.value(HOLD)
    rows = tx.tuples(PRESENT, {"numbers": [b.number for b in blocks]})
    present = {(number, campaign_id): of for number, campaign_id, of in rows}
    fresh = [block for block in blocks if block.place not in present]
    for block in blocks:
        if present.get(block.place) == OPT_OUT != source:
            ours = {**block._asdict(), "source": source, "by": by[:64]}
            tx.execute(TAKE_OVER, {**ours, "opt_out": OPT_OUT})
    tx.many(ADD, [(*b.place, source, b.reason, by[:64]) for b in fresh])
    if fresh:
        tx.execute(COUNT, {"n": len(fresh)})
    return fresh


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
    had opted out stays blocked when its owner comes back. StoreError when there is no
    such campaign.
    """
    named = _campaign(tx, campaign_id)
    blocks = [NewBlock(number, campaign_id, reason) for number in numbers]
    fresh = [block.number for block in add_many(tx, blocks, actor.name, source)]
    if fresh:
        subject = masked(fresh[0]) if len(fresh) == 1 else str(len(fresh))
        shown = [masked(number) for number in fresh[:AUDITED_NUMBERS]]
        details = {"numbers": shown, "source": source, "reason": reason, **named}
        audit.record(tx, actor, "blocked.add", subject, details)
    return fresh


def _campaign(tx: Transaction, campaign_id: int) -> dict[str, object]:
    """A campaign for the audit, held so that it is not removed meanwhile."""
    if campaign_id == ALL_CAMPAIGNS:
        return {}
    names = campaign_names.held(tx, [campaign_id])
    if campaign_id not in names:
        raise StoreError(not_found("campaign", f"#{campaign_id}"))
    return {"campaign": names[campaign_id]}


def remove(
    tx: Transaction, number: str, actor: Actor, *, campaign_id: int = ALL_CAMPAIGNS
) -> bool:
    """Takes a block away; False when the number was not blocked.

    What was skipped meanwhile stays skipped. A number whose owner has opted out too
    stays left out for that, until it is taken away once more.
    """
    if not remove_many(tx, [(number, campaign_id)]):
        return False
    names = campaign_names.of(tx, [campaign_id])
    details = {"campaign": names.get(campaign_id)} if campaign_id else None
    audit.record(tx, actor, "blocked.remove", masked(number), details)
    return True


WISHES = """
SELECT number FROM blocked_number
WHERE number IN %(numbers)s AND campaign_id = %(campaign_id)s
  AND source <> %(opt_out)s AND opted_out_at IS NOT NULL"""
LEAVE_WISHES = """
UPDATE blocked_number SET source = %(opt_out)s, reason = '', created_by = %(by)s,
  created_at = opted_out_at
WHERE number IN %(numbers)s AND campaign_id = %(campaign_id)s"""
REMOVE = """
DELETE FROM blocked_number
WHERE number IN %(numbers)s AND campaign_id = %(campaign_id)s"""


def remove_many(tx: Transaction, places: Sequence[tuple[str, int]]) -> int:
    """Takes blocks away by number and campaign; how many. Its caller audits.

    Those whose owners have opted out too become theirs alone.
    """
    if not places:
        return 0
    tx.value(HOLD)
    by_campaign: dict[int, list[str]] = {}
    for number, campaign_id in places:
        by_campaign.setdefault(campaign_id, []).append(number)
    left = removed = 0
    for campaign_id, numbers in sorted(by_campaign.items()):
        values = {"campaign_id": campaign_id, "opt_out": OPT_OUT, "by": BY_OWNER}
        found = tx.tuples(WISHES, {**values, "numbers": numbers})
        wishes = {number for (number,) in found}
        if wishes:
            left += tx.execute(LEAVE_WISHES, {**values, "numbers": sorted(wishes)})
        others = [number for number in numbers if number not in wishes]
        if others:
            removed += tx.execute(REMOVE, {**values, "numbers": others})
    if removed:
        tx.execute(COUNT, {"n": -removed})
    return removed + left


OF_CAMPAIGN = """
SELECT number FROM blocked_number FORCE INDEX (page)
WHERE campaign_id = %(campaign_id)s LIMIT %(limit)s"""


def forget_campaign(tx: Transaction, campaign_id: int, limit: int) -> int:
    """Takes some blocks of a removed campaign away; 0 when it has none left."""
    assert campaign_id != ALL_CAMPAIGNS
    found = tx.tuples(OF_CAMPAIGN, {"campaign_id": campaign_id, "limit": limit})
    return remove_many(tx, [(number, campaign_id) for (number,) in found])


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


SOURCE_OF = """
SELECT source FROM blocked_number
WHERE number = %(number)s AND campaign_id IN (0, %(campaign_id)s)
ORDER BY campaign_id DESC LIMIT 1"""


def source_of(tx: Transaction, number: str, campaign_id: int) -> str | None:
    """Why a campaign sends nothing to a number; None when it may."""
    values = {"number": number, "campaign_id": campaign_id}
    source: str | None = tx.value(SOURCE_OF, values)
    return source


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
