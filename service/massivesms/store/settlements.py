"""Settle: submitting -> what the answer said, fenced by the session's token.

Nothing here decides: the engine hands in what each message is to become.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from ..domain.receipt_ids import MOST_STORED
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import counts
from .db import Transaction


class Settlement(NamedTuple):
    """What one claimed message becomes."""

    message_id: int
    campaign_id: int
    segments: int
    state: str  # a MessageState that submitting may become
    code: str | None = None
    detail: str = ""
    ids: Sequence[str] = ()  # smsc_message_ids, when submitted
    partly: Mapping[int, str] = MappingProxyType({})  # position -> id
    due_in_s: float = 0.0  # when queued again
    route_trunk_id: int = 0
    pinned: bool = False
    lane: int = 1
    tried_trunks: str = ""
    attempts: int = 0


# The join is told its order: a thousand rows looked up by their primary key.
ACCEPT = """
UPDATE ({rows}) answer STRAIGHT_JOIN message m
SET m.state = 'submitted', m.smsc_message_id = answer.smsc_message_id,
    m.submitted_at = UTC_TIMESTAMP(3), m.settled_at = UTC_TIMESTAMP(3),
    m.result_code = NULL, m.result_detail = NULL
WHERE m.id = answer.id AND m.state = {state} AND m.claim_token = %s"""
FIRST = "SELECT CAST(0 AS UNSIGNED) AS id, '' AS smsc_message_id"
UNION, UNION_ROW = " UNION ALL ", "SELECT %s, %s"
VALUES, VALUES_ROW = " UNION ALL VALUES ", "(%s, %s)"  # quicker, MariaDB only
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
    changes: counts.Changes | None = None,
    *,
    checked: bool = False,
) -> None:
    """Writes outcomes back.

    Books into `changes`, which the caller writes; without, it is written at once.

    The quick way trusts that all rows are as claimed and raises NotAsClaimed when
    one is not. With `checked` the rows are looked at first: one that recovery has
    put in doubt is resolved by its late answer, one that a person has decided (or
    an earlier try has settled already) stays as it is.
    """
    booked = counts.Changes() if changes is None else changes
    by_old: dict[str, Sequence[Settlement]] = {"submitting": settled}
    if checked and settled:
        by_old = _as_they_are(tx, settled, token)
    for old, those in sorted(by_old.items()):
        plain = [s for s in those if _is_plain(s)]
        if _accept(tx, plain, old, token) != len(plain):
            raise NotAsClaimed
        for one, ids in _alike([s for s in those if not _is_plain(s)]):
            if _settle_alike(tx, one, ids, old, token) != len(ids):
                raise NotAsClaimed
        _book(booked, those, trunk_id, old)
        _record_segments(tx, those, trunk_id)
        if old == "in_doubt":
            for campaign_id in {s.campaign_id for s in those if s.state == "queued"}:
                tx.execute(REOPEN, {"campaign_id": campaign_id})
    if changes is None:
        booked.write(tx)


def _book(
    booked: counts.Changes, those: Sequence[Settlement], trunk_id: int, old: str
) -> None:
    """Books settlements that leave one state, those that say the same together."""
    sums: dict[tuple[int, str, str | None], list[Settlement]] = {}
    for s in those:
        sums.setdefault((s.campaign_id, s.state, s.code), []).append(s)
    for (campaign_id, new, code), alike in sums.items():
        booked.move(
            *(campaign_id, trunk_id, old, new),
            *(len(alike), sum(s.segments for s in alike)),
            ids=[s.message_id for s in alike],
            code=code,
        )


def _as_they_are(
    tx: Transaction, settled: Sequence[Settlement], token: int
) -> dict[str, Sequence[Settlement]]:
    """The settlements that still change something, by the state that they end."""
    values = {"ids": [s.message_id for s in settled], "token": token}
    states = dict(tx.tuples(STATES, values))
    by_old: dict[str, list[Settlement]] = {}
    for s in settled:
        old = states.get(s.message_id)
        if old is not None and old != s.state:
            by_old.setdefault(old, []).append(s)
    return dict(by_old)


def _is_plain(settlement: Settlement) -> bool:
    """Accepted with nothing to say but the id: many are written at once."""
    return settlement.state == "submitted" and settlement.code is None


def _accept(
    tx: Transaction, accepted: Sequence[Settlement], old: str, token: int
) -> int:
    if not accepted:
        return 0
    if tx.has_values:
        rows = FIRST + VALUES + ",".join([VALUES_ROW] * len(accepted))
    else:
        rows = FIRST + UNION + UNION.join([UNION_ROW] * len(accepted))
    values: list[Any] = []
    for s in accepted:
        values.append(s.message_id)
        values.append(s.ids[0][:MOST_STORED] or None if len(s.ids) == 1 else None)
    values.append(token)
    return tx.execute(ACCEPT.format(rows=rows, state=f"'{old}'"), values)


def _alike(
    settled: Sequence[Settlement],
) -> Iterable[tuple[Settlement, list[int]]]:
    """Settlements that say the same, as one of them with the ids of all."""
    groups: dict[tuple[Any, ...], tuple[Settlement, list[int]]] = {}
    for s in settled:
        same = (s.state, s.code, s.detail, s.due_in_s, *s[8:])
        groups.setdefault(same, (s, []))[1].append(s.message_id)
    return groups.values()


AGAIN = """
UPDATE message SET state = 'queued', lane = %(lane)s,
  due_at = IF(%(due_in_s)s > 0,
              UTC_TIMESTAMP(3) + INTERVAL %(due_in_us)s MICROSECOND, due_at),
  route_trunk_id = %(route)s, pinned = %(pinned)s, tried_trunks = %(tried)s,
  attempts = %(attempts)s,
  result_code = %(code)s, result_detail = %(detail)s
WHERE id IN %(ids)s AND state = %(old)s AND claim_token = %(token)s"""
END = """
UPDATE message SET state = %(state)s, result_code = %(code)s,
  result_detail = %(detail)s, settled_at = UTC_TIMESTAMP(3),
  submitted_at = IF(%(state)s IN ('in_doubt', 'submitted'),
                    UTC_TIMESTAMP(3), submitted_at)
WHERE id IN %(ids)s AND state = %(old)s AND claim_token = %(token)s"""


def _settle_alike(
    tx: Transaction, settlement: Settlement, ids: list[int], old: str, token: int
) -> int:
    sql = AGAIN if settlement.state == "queued" else END
    values = {
        "ids": ids,
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
    return tx.execute(sql, values)


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
        if len(s.ids) > 1 or s.partly:
            taken = dict(enumerate(s.ids, start=1)) if s.ids else s.partly
            rows += [
                (s.message_id, n, trunk_id, i[:MOST_STORED]) for n, i in taken.items()
            ]
    tx.many(RECORD_SEGMENT, rows)
