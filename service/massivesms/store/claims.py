"""Claim: queued -> submitting, with the session's token; commit; then write.

Settling is in settlements.py, what a dead session held in recovery.py. Nothing
here decides: the engine hands in which messages it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import NamedTuple

from . import counts
from .db import Row, Transaction

MAY_CLAIM = """
SELECT c.id, c.text, c.sender_id, c.trunk_id, c.start_at, c.deadline_at,
       c.hours_from, c.hours_to, c.days, c.timetable_id, c.time_zone,
       c.keeps_holidays,
       (SELECT value FROM setting WHERE name = 'sending') AS sending,
       COALESCE(b.numbers, 1) <> 0 AS has_blocked
FROM campaign c LEFT JOIN blocked_total b ON b.id = 1
WHERE c.id = %(campaign_id)s AND c.paused = 0 AND c.removed = 0
  AND c.discard_by IS NULL AND c.approval <> 'waiting'
  AND (c.deadline_at IS NULL OR c.deadline_at > UTC_TIMESTAMP(3))
LOCK IN SHARE MODE"""


def claimable(tx: Transaction, campaign_id: int) -> Row | None:
    """A campaign that may be claimed from, with its schedule; None when stopped.

    Read, and held, inside the claim's transaction: once a click on Stop, a change
    of the text or a blocked number is committed, no claim goes by what was before.
    A deadline is past by the database's clock here, and by the engine's later.
    `has_blocked`: there are blocked numbers, so ask for candidates with `checked`.
    """
    row = tx.row(MAY_CLAIM, {"campaign_id": campaign_id})
    if row is None or row["sending"] == "no":
        return None
    for name in ("start_at", "deadline_at"):
        row[name] = row[name].replace(tzinfo=UTC) if row[name] else None
    return row


OPTED_OUT = 2


class Claimed(NamedTuple):
    """A message that this session now holds."""

    message_id: int
    campaign_id: int
    number: str
    is_local: bool
    segments: int
    text: str | None  # None = the campaign's
    sender_id: str | None  # None = the campaign's or the trunk's
    lane: int = 2
    attempts: int = 0
    pinned: bool = False
    tried_trunks: str = ""
    blocked: int = 0  # its number: skip it, never send it; OPTED_OUT: its own wish

    @property
    def is_blocked(self) -> bool:
        """Whether it must be skipped."""
        return self.blocked > 0

    @property
    def blocked_code(self) -> str:
        """The result of a skipped one."""
        return "opted_out" if self.blocked == OPTED_OUT else "blocked"


def _candidates_sql(blocked: str, also: str = "") -> str:
    """The driver's reading of columns costs more than the server's: what is the same
    for nearly all comes as one NULL."""
    return f"""
SELECT m.id, m.number, m.is_local, m.segments, m.text, m.sender_id,
       IF(m.lane = 2 AND m.attempts = 0 AND m.pinned = 0 AND m.tried_trunks = ''
          AND {blocked} = 0, NULL,
          CONCAT_WS('|', m.lane, m.attempts, m.pinned, {blocked}, m.tried_trunks))
       AS history
FROM message m FORCE INDEX (claim)
WHERE m.campaign_id = %(campaign_id)s AND m.state = 'queued'
  AND m.route_trunk_id = %(route)s AND m.due_at <= UTC_TIMESTAMP(3){also}
ORDER BY m.lane, m.due_at, m.id LIMIT %(limit)s"""  # noqa: S608


#: 0 = no, 1 = blocked, 2 = only its owner has opted out, which an opt-out's own
#: confirmation may tell them.
BLOCKED = """COALESCE((
  SELECT MIN(1 + (b.source = 'opt_out')) FROM blocked_number b
  WHERE b.number = m.number AND b.campaign_id IN (0, %(campaign_id)s)
    AND NOT (m.answer = 2 AND b.source = 'opt_out')), 0)"""
CANDIDATES = _candidates_sql("0")
CHECKED_CANDIDATES = _candidates_sql(BLOCKED)
#: The express lane, and those of it that are tried again: few, whatever waits.
ANSWERS = _candidates_sql(BLOCKED, " AND m.lane < 2 AND m.answer > 0")
SKIP_LOCKED = " FOR UPDATE SKIP LOCKED"
CLAIM = """
UPDATE message SET state = 'submitting', trunk_id = %(trunk_id)s,
  claim_token = %(token)s, claimed_at = UTC_TIMESTAMP(3)
WHERE id IN %(ids)s AND state = 'queued'"""
HELD = """
SELECT id FROM message
WHERE id IN %(ids)s AND state = 'submitting' AND claim_token = %(token)s"""


def candidates(
    tx: Transaction,
    campaign_id: int,
    route: int,
    limit: int,
    *,
    skip: bool = False,
    checked: bool = False,
    only_answers: bool = False,
) -> list[Claimed]:
    """Messages that wait on a route (0 = any trunk), the most urgent first.

    With `skip`, without those that another session is about to claim, where the
    server can tell. With `checked`, those to blocked numbers say so. With
    `only_answers`, what was written of ourselves to those who wrote, checked.
    """
    values = {"campaign_id": campaign_id, "route": route, "limit": limit}
    sql = CHECKED_CANDIDATES if checked else CANDIDATES
    if only_answers:
        sql = ANSWERS
    if skip and tx.skips_locked:
        sql += SKIP_LOCKED
    found: list[Claimed] = []
    for message_id, number, is_local, segments, text, sender_id, history in tx.tuples(
        sql, values
    ):
        claimed = Claimed(
            message_id, campaign_id, number, is_local == 1, segments, text, sender_id
        )
        found.append(_with_history(claimed, history) if history else claimed)
    return found


def _with_history(claimed: Claimed, history: str) -> Claimed:
    lane, attempts, pinned, blocked, tried = history.split("|")
    return claimed._replace(
        lane=int(lane),
        attempts=int(attempts),
        pinned=pinned == "1",
        tried_trunks=tried,
        blocked=int(blocked),
    )


def claim(
    tx: Transaction,
    wanted: Sequence[Claimed],
    trunk_id: int,
    token: int,
    changes: counts.Changes | None = None,
) -> list[Claimed]:
    """Makes candidates ours; those that somebody else took meanwhile are left out.

    Books into `changes`, which the caller writes; without, it is written at once.

    Only after this transaction is committed may anything be written to a wire.
    """
    if not wanted:
        return []
    values = {
        "ids": [c.message_id for c in wanted],
        "trunk_id": trunk_id,
        "token": token,
    }
    ours = list(wanted)
    if tx.execute(CLAIM, values) != len(wanted):
        held = {message_id for (message_id,) in tx.tuples(HELD, values)}
        ours = [c for c in wanted if c.message_id in held]
    booked = counts.Changes() if changes is None else changes
    for campaign_id, (messages, segments) in _sums(ours).items():
        booked.move(campaign_id, trunk_id, "queued", "submitting", messages, segments)
    if changes is None:
        booked.write(tx)
    return ours


def _sums(claimed: Sequence[Claimed]) -> dict[int, list[int]]:
    """campaign -> [messages, segments]."""
    sums: dict[int, list[int]] = {}
    for c in claimed:
        entry = sums.setdefault(c.campaign_id, [0, 0])
        entry[0] += 1
        entry[1] += c.segments
    return sums


STILL_HELD = """
SELECT id, state, claim_token FROM message FORCE INDEX (PRIMARY)
WHERE id IN %(ids)s FOR UPDATE"""


def still_held(tx: Transaction, ids: Sequence[int], token: int) -> set[int]:
    """Which of these this token holds: read after a COMMIT without an answer.

    With locks, so that it waits for that COMMIT if the server is still at it.
    """
    if not ids:
        return set()
    found = tx.tuples(STILL_HELD, {"ids": list(ids)})
    return {
        message_id
        for message_id, state, claim_token in found
        if state == "submitting" and claim_token == token
    }


TAKEN = """
SELECT message_id, position, smsc_message_id FROM segment
WHERE message_id IN %(ids)s AND trunk_id = %(trunk_id)s"""


def taken_segments(
    tx: Transaction, ids: Sequence[int], trunk_id: int
) -> dict[int, dict[int, str]]:
    """message -> position -> id of segments this trunk took on an earlier try."""
    result: dict[int, dict[int, str]] = {}
    if ids:
        values = {"ids": list(ids), "trunk_id": trunk_id}
        for message_id, position, smsc_message_id in tx.tuples(TAKEN, values):
            result.setdefault(message_id, {})[position] = smsc_message_id
    return result
