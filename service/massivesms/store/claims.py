"""Claim and settle: the engine's two transactions.

    claim    queued -> submitting, with the session's token; commit; then write
    settle   submitting -> what the answer said, fenced by the token

What a dead session held is in recovery.py. Nothing here decides: the engine hands
in what each message is to become.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from ..domain.words import N_, Problem
from ..errors import StoreError
from . import counts
from .db import Row, Transaction

MAY_CLAIM = """
SELECT c.id, c.text, c.sender_id, c.trunk_id, c.start_at, c.hours_from, c.hours_to,
       (SELECT value FROM setting WHERE name = 'sending') AS sending
FROM campaign c WHERE c.id = %(campaign_id)s AND c.paused = 0 AND c.removed = 0
LOCK IN SHARE MODE"""


def claimable(tx: Transaction, campaign_id: int) -> Row | None:
    """A campaign that may be claimed from, with its schedule; None when stopped.

    Read, and held, inside the claim's transaction: once a click on Stop or a
    change of the text is committed, no claim goes by what was before.
    """
    row = tx.row(MAY_CLAIM, {"campaign_id": campaign_id})
    if row is None or row["sending"] == "no":
        return None
    start = row["start_at"]
    row["start_at"] = start.replace(tzinfo=UTC) if start else None
    return row


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message that this session now holds."""

    message_id: int
    campaign_id: int
    number: str
    is_local: bool
    text: str | None  # None = the campaign's
    sender_id: str | None  # None = the campaign's or the trunk's
    segments: int
    attempts: int
    tried_trunks: str
    pinned: bool
    lane: int


CANDIDATES = """
SELECT id, campaign_id, number, is_local, text, sender_id, segments, attempts,
       tried_trunks, pinned, lane
FROM message FORCE INDEX (claim)
WHERE campaign_id = %(campaign_id)s AND state = 'queued'
  AND route_trunk_id = %(route)s AND due_at <= UTC_TIMESTAMP(3)
ORDER BY lane, due_at, id LIMIT %(limit)s"""
CLAIM = """
UPDATE message SET state = 'submitting', trunk_id = %(trunk_id)s,
  claim_token = %(token)s, claimed_at = UTC_TIMESTAMP(3)
WHERE id IN %(ids)s AND state = 'queued'"""
HELD = """
SELECT id FROM message
WHERE id IN %(ids)s AND state = 'submitting' AND claim_token = %(token)s"""


def candidates(
    tx: Transaction, campaign_id: int, route: int, limit: int
) -> list[Claimed]:
    """Messages that wait on a route (0 = any trunk), the most urgent first."""
    values = {"campaign_id": campaign_id, "route": route, "limit": limit}
    return [
        Claimed(
            message_id=row[0],
            campaign_id=row[1],
            number=row[2],
            is_local=bool(row[3]),
            text=row[4],
            sender_id=row[5],
            segments=row[6],
            attempts=row[7],
            tried_trunks=row[8],
            pinned=bool(row[9]),
            lane=row[10],
        )
        for row in tx.tuples(CANDIDATES, values)
    ]


def claim(
    tx: Transaction, wanted: Sequence[Claimed], trunk_id: int, token: int
) -> list[Claimed]:
    """Makes candidates ours; those that somebody else took meanwhile are left out.

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
    changes = counts.Changes()
    for claimed in ours:
        changes.move(
            claimed.campaign_id, trunk_id, "queued", "submitting", 1, claimed.segments
        )
    changes.write(tx)
    return ours


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


@dataclass(frozen=True, slots=True)
class Settlement:
    """What one claimed message becomes."""

    message_id: int
    campaign_id: int
    segments: int
    state: str  # a MessageState that submitting may become
    code: str | None = None
    detail: str = ""
    ids: Sequence[str] = ()  # smsc_message_ids, when submitted
    partly: Mapping[int, str] = field(default_factory=dict)  # position -> id
    due_in_s: float = 0.0  # when queued again
    route_trunk_id: int = 0
    pinned: bool = False
    lane: int = 1
    tried_trunks: str = ""
    attempts: int = 0


ACCEPT = """
UPDATE message m JOIN ({rows}) answer ON answer.id = m.id
SET m.state = 'submitted', m.smsc_message_id = answer.smsc_message_id,
    m.submitted_at = UTC_TIMESTAMP(3), m.settled_at = UTC_TIMESTAMP(3),
    m.result_code = NULL, m.result_detail = NULL
WHERE m.state = {state} AND m.claim_token = %s"""
FIRST = "SELECT CAST(%s AS UNSIGNED) AS id, %s AS smsc_message_id"
NEXT = " UNION ALL SELECT %s, %s"
STATES = """
SELECT id, state FROM message WHERE id IN %(ids)s AND claim_token = %(token)s
  AND state IN ('submitting', 'in_doubt') FOR UPDATE"""


# Of a campaign that was closed while the message was in doubt.
REOPEN = """
UPDATE campaign SET open = 1
WHERE id = %(campaign_id)s AND open = 0 AND removed = 0"""


class NotAsClaimed(StoreError):
    """Rows are no longer as this session left them: settle again with checked=True.

    The transaction must be rolled back.
    """

    def __init__(self) -> None:
        super().__init__(
            Problem("not_as_claimed", N_("Messages were changed by somebody else."))
        )


def settle(
    tx: Transaction,
    settled: Sequence[Settlement],
    trunk_id: int,
    token: int,
    *,
    checked: bool = False,
) -> int:
    """Writes outcomes back; how many rows.

    The quick way trusts that all rows are as claimed and raises NotAsClaimed when
    one is not. With `checked` the rows are looked at first: one that recovery has
    put in doubt is resolved by its late answer, one that a person has decided (or
    an earlier try has settled already) stays as it is.
    """
    old = {s.message_id: "submitting" for s in settled}
    if checked and old:
        found = tx.tuples(STATES, {"ids": list(old), "token": token})
        old = dict(found)
        settled = [s for s in settled if old.get(s.message_id, s.state) != s.state]
    changes = counts.Changes()
    for state in sorted(set(old.values())):
        accepted = [s for s in settled if _is_plain(s) and old[s.message_id] == state]
        if _accept(tx, accepted, state, token) != len(accepted):
            raise NotAsClaimed
    for s in settled:
        if not _is_plain(s) and not _settle_one(tx, s, old[s.message_id], token):
            raise NotAsClaimed
        changes.move(s.campaign_id, trunk_id, old[s.message_id], s.state, 1, s.segments)
    _record_segments(tx, settled, trunk_id)
    changes.write(tx)
    again = [s for s in settled if s.state == "queued"]
    for campaign_id in {
        s.campaign_id for s in again if old[s.message_id] == "in_doubt"
    }:
        tx.execute(REOPEN, {"campaign_id": campaign_id})
    return len(settled)


def _is_plain(settlement: Settlement) -> bool:
    """Accepted with nothing to say but the id: many are written at once."""
    return settlement.state == "submitted" and settlement.code is None


def _accept(
    tx: Transaction, accepted: Sequence[Settlement], state: str, token: int
) -> int:
    if not accepted:
        return 0
    rows = FIRST + NEXT * (len(accepted) - 1)
    values: list[Any] = []
    for s in accepted:
        first = s.ids[0][:65] if s.ids and s.segments == 1 else None
        values += (s.message_id, first or None)
    sql = ACCEPT.format(rows=rows, state=f"'{state}'")
    return tx.execute(sql, (*values, token))


AGAIN = """
UPDATE message SET state = 'queued', lane = %(lane)s,
  due_at = IF(%(due_in_s)s > 0,
              UTC_TIMESTAMP(3) + INTERVAL %(due_in_us)s MICROSECOND, due_at),
  route_trunk_id = %(route)s, pinned = %(pinned)s, tried_trunks = %(tried)s,
  attempts = %(attempts)s,
  result_code = %(code)s, result_detail = %(detail)s
WHERE id = %(id)s AND state = %(old)s AND claim_token = %(token)s"""
END = """
UPDATE message SET state = %(state)s, result_code = %(code)s,
  result_detail = %(detail)s, settled_at = UTC_TIMESTAMP(3),
  submitted_at = IF(%(state)s IN ('in_doubt', 'submitted'),
                    UTC_TIMESTAMP(3), submitted_at)
WHERE id = %(id)s AND state = %(old)s AND claim_token = %(token)s"""


def _settle_one(tx: Transaction, settlement: Settlement, old: str, token: int) -> bool:
    sql = AGAIN if settlement.state == "queued" else END
    values = {
        "id": settlement.message_id,
        "old": old,
        "state": settlement.state,
        "code": settlement.code,
        "detail": settlement.detail[:255] or None,
        "token": token,
        "lane": settlement.lane,
        "due_in_s": settlement.due_in_s,
        "due_in_us": int(settlement.due_in_s * 1e6),
        "route": settlement.route_trunk_id,
        "pinned": int(settlement.pinned),
        "tried": settlement.tried_trunks,
        "attempts": min(settlement.attempts, 255),
    }
    return bool(tx.execute(sql, values))


RECORD_SEGMENT = """
INSERT INTO segment (message_id, position, trunk_id, smsc_message_id)
VALUES (%s, %s, %s, %s)
ON DUPLICATE KEY UPDATE smsc_message_id = VALUES(smsc_message_id),
                        trunk_id = VALUES(trunk_id)"""


def _record_segments(
    tx: Transaction, settled: Iterable[Settlement], trunk_id: int
) -> None:
    rows = []
    for s in settled:
        if s.segments > 1:
            taken = dict(enumerate(s.ids, start=1)) if s.ids else s.partly
            rows += [(s.message_id, n, trunk_id, i[:65]) for n, i in taken.items()]
    tx.many(RECORD_SEGMENT, rows)


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
