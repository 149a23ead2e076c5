"""Balances of SIM cards: asked for here, carried out by the service, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from .db import Row, Transaction

PERSON_WAITS_S = 90  # then nobody looks at the answer any more
DAY_WAITS_S = 20 * 3600  # a daily one waits for its modem
RUNNING_S = 180  # a person's: then whoever carried it out is gone
KEEP_DAYS = 400
SHOWN_DAYS = 90

REQUEST = """
INSERT INTO modem_balance (trunk_id, requested_by, requested_at)
VALUES (%(trunk_id)s, %(requested_by)s, UTC_TIMESTAMP(3))"""


def request(tx: Transaction, trunk_id: int, requested_by: str) -> int:
    """Asks the service for a balance; the id to look for the answer."""
    return tx.insert(REQUEST, {"trunk_id": trunk_id, "requested_by": requested_by})


DAILY = """
INSERT IGNORE INTO modem_balance (trunk_id, daily_on, requested_by, requested_at)
VALUES (%(trunk_id)s, %(day)s, %(by)s, UTC_TIMESTAMP(3))"""


def request_daily(tx: Transaction, trunk_id: int, day: date, by: str) -> bool:
    """Asks for the balance of a day; False when that was done already."""
    tx.execute("SET sql_notes = 0")
    made = tx.execute(DAILY, {"trunk_id": trunk_id, "day": day, "by": by})
    tx.execute("SET sql_notes = 1")
    return bool(made)


PATIENCE_S = f"IF(daily_on IS NULL, {PERSON_WAITS_S}, {DAY_WAITS_S})"
WAITING = f"""
SELECT id, trunk_id FROM modem_balance
WHERE state = 'waiting' AND trunk_id IN %(trunk_ids)s
  AND requested_at > UTC_TIMESTAMP(3) - INTERVAL {PATIENCE_S} SECOND
ORDER BY id LIMIT 100"""  # noqa: S608
TAKE = """
UPDATE modem_balance SET state = 'running' WHERE id = %(id)s AND state = 'waiting'"""


def take(tx: Transaction, trunk_ids: Sequence[int]) -> list[tuple[int, int]]:
    """(id, trunk) of what is to be asked at those trunks now, at most one of each."""
    taken: dict[int, int] = {}
    if not trunk_ids:
        return []
    for balance_id, trunk_id in tx.tuples(WAITING, {"trunk_ids": list(trunk_ids)}):
        if trunk_id not in taken and tx.execute(TAKE, {"id": balance_id}):
            taken[trunk_id] = balance_id
    return [(balance_id, trunk_id) for trunk_id, balance_id in taken.items()]


OVERDUE = f"""
SELECT id FROM modem_balance
WHERE state IN ('waiting', 'running') AND requested_at < UTC_TIMESTAMP(3)
  - INTERVAL {PATIENCE_S} + IF(state = 'running', {RUNNING_S}, 0) SECOND
FOR UPDATE"""  # noqa: S608
GIVE_UP = """
UPDATE modem_balance
SET result_code = IF(state = 'running', 'ussd_stopped', 'ussd_not_asked'),
  finished_at = UTC_TIMESTAMP(3), state = 'done'
WHERE id IN %(ids)s"""
PURGE = f"""
DELETE FROM modem_balance
WHERE requested_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_DAYS} DAY LIMIT 1000"""  # noqa: S608


def give_up(tx: Transaction) -> list[int]:
    """Ends what nobody carried out in time, and forgets what is old; what it ended."""
    tx.execute(PURGE)
    ids = [balance_id for (balance_id,) in tx.tuples(OVERDUE)]
    if ids:
        tx.execute(GIVE_UP, {"ids": ids})
    return ids


FINISH = """
UPDATE modem_balance b LEFT JOIN trunk_modem m ON m.trunk_id = b.trunk_id
SET b.state = 'done', b.answer = %(answer)s, b.amount = %(amount)s,
  b.result_code = %(code)s, b.result_detail = %(detail)s,
  b.imsi = COALESCE(m.imsi, ''), b.finished_at = UTC_TIMESTAMP(3)
WHERE b.id = %(id)s AND b.state <> 'done'"""


def finish(
    tx: Transaction,
    balance_id: int,
    answer: str,
    amount: Decimal | None,
    code: str = "",
    detail: str = "",
) -> bool:
    """Writes what came of it; False when it is gone, or was given up meanwhile."""
    values = {"id": balance_id, "answer": answer[:640], "amount": amount}
    more = {"code": code or None, "detail": detail[:255] or None}
    return bool(tx.execute(FINISH, {**values, **more}))


COLUMNS = """b.id, b.trunk_id, b.daily_on, b.state, b.result_code, b.result_detail,
b.answer, b.amount, b.imsi, b.requested_by, b.requested_at, b.finished_at"""
BY_ID = f"""
SELECT {COLUMNS}, t.name AS trunk FROM modem_balance b
LEFT JOIN trunk t ON t.id = b.trunk_id WHERE b.id = %(id)s"""  # noqa: S608


def by_id(tx: Transaction, balance_id: int) -> Row | None:
    """One with the name of its `trunk`, or None."""
    return tx.row(BY_ID, {"id": balance_id})


LATEST = f"""
SELECT {COLUMNS} FROM modem_balance b WHERE b.trunk_id = %(trunk_id)s
ORDER BY b.id DESC LIMIT 1"""  # noqa: S608


def latest(tx: Transaction, trunk_id: int) -> Row | None:
    """The last one of a trunk, or None."""
    return tx.row(LATEST, {"trunk_id": trunk_id})


COURSE = f"""
SELECT {COLUMNS} FROM modem_balance b FORCE INDEX (trunk)
WHERE b.trunk_id = %(trunk_id)s AND b.state = 'done'
  AND b.requested_at > UTC_TIMESTAMP(3) - INTERVAL {SHOWN_DAYS} DAY
ORDER BY b.id DESC LIMIT 500"""  # noqa: S608


def course(tx: Transaction, trunk_id: int) -> list[Row]:
    """What came of those of the last months, the newest first."""
    return tx.rows(COURSE, {"trunk_id": trunk_id})


FORGET = "DELETE FROM modem_balance WHERE trunk_id = %(id)s"


def forget(tx: Transaction, trunk_id: int) -> None:
    """A trunk is removed."""
    tx.execute(FORGET, {"id": trunk_id})
