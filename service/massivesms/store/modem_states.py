"""What modems said of themselves last, and the count of the SIM card in each.

A count belongs to the SIM card: when another one is put into a modem the count of the
old one is laid aside, and goes on where it is put in again.
"""

from __future__ import annotations

from dataclasses import asdict

from ..domain.modem_live import ModemSeen
from ..domain.modem_ports import Holder
from .db import Row, Transaction

COUNTED = """
SELECT counted_imsi FROM trunk_modem WHERE trunk_id = %(trunk_id)s FOR UPDATE"""
WRITE = """
INSERT INTO trunk_modem (trunk_id, port, make, imei, imsi, operator, registration,
                         signal_dbm, counted_imsi, seen_at)
VALUES (%(trunk_id)s, %(port)s, %(make)s, %(imei)s, %(imsi)s, %(operator)s,
        %(registration)s, %(signal_dbm)s, %(imsi)s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE port = VALUES(port), make = VALUES(make), imei = VALUES(imei),
  imsi = VALUES(imsi), operator = VALUES(operator),
  registration = VALUES(registration), signal_dbm = VALUES(signal_dbm),
  counted_imsi = IF(VALUES(imsi) = '', counted_imsi, VALUES(imsi)),
  seen_at = VALUES(seen_at)"""


def write(tx: Transaction, trunk_id: int, seen: ModemSeen) -> None:
    """Keeps what a modem says; with another SIM card its count begins anew.

    Call it before anything is claimed for that SIM card.
    """
    counted = tx.value(COUNTED, {"trunk_id": trunk_id}) or ""
    if seen.imsi and counted != seen.imsi:
        _change_sim(tx, trunk_id, counted, seen.imsi)
    values = {name: _cut(name, value) for name, value in asdict(seen).items()}
    tx.execute(WRITE, {**values, "trunk_id": trunk_id})


_MOST = {"port": 120, "make": 80, "imei": 20, "imsi": 20, "operator": 40}


def _cut(name: str, value: object) -> object:
    return value[: _MOST[name]] if isinstance(value, str) else value


ELSEWHERE = """
SELECT trunk_id FROM trunk_modem
WHERE counted_imsi = %(new)s AND trunk_id <> %(trunk_id)s FOR UPDATE"""
NOT_THERE = "UPDATE trunk_modem SET counted_imsi = '' WHERE trunk_id = %(trunk_id)s"
LAY_ASIDE = """
INSERT INTO sim_usage (imsi, period, begins_at, segments)
SELECT %(old)s, period, begins_at, segments FROM trunk_usage
WHERE trunk_id = %(trunk_id)s
ON DUPLICATE KEY UPDATE begins_at = VALUES(begins_at), segments = VALUES(segments)"""
CLEAR = "DELETE FROM trunk_usage WHERE trunk_id = %(trunk_id)s"
TAKE_UP = """
INSERT INTO trunk_usage (trunk_id, period, begins_at, segments)
SELECT %(trunk_id)s, period, begins_at, segments FROM sim_usage WHERE imsi = %(new)s
ON DUPLICATE KEY UPDATE begins_at = VALUES(begins_at), segments = VALUES(segments)"""
TAKEN_UP = "DELETE FROM sim_usage WHERE imsi = %(new)s"


def _change_sim(tx: Transaction, trunk_id: int, old: str, new: str) -> None:
    """What was counted before any card was known is that of the first one."""
    values = {"trunk_id": trunk_id, "old": old, "new": new}
    if old:
        tx.execute(LAY_ASIDE, values)
        tx.execute(CLEAR, values)
    for (other,) in tx.tuples(ELSEWHERE, values):  # it was in that modem until now
        for statement in (LAY_ASIDE, CLEAR, NOT_THERE):
            tx.execute(statement, {"trunk_id": other, "old": new})
    tx.execute(TAKE_UP, values)
    tx.execute(TAKEN_UP, values)


COLUMNS = """
trunk_id, port, make, imei, imsi, operator, registration, signal_dbm, seen_at"""
ALL = f"SELECT {COLUMNS} FROM trunk_modem"  # noqa: S608


def of_all(tx: Transaction) -> dict[int, Row]:
    """trunk -> what its modem said last."""
    return {row["trunk_id"]: row for row in tx.rows(ALL)}


ONE = f"SELECT {COLUMNS} FROM trunk_modem WHERE trunk_id = %(trunk_id)s"  # noqa: S608


def of_trunk(tx: Transaction, trunk_id: int) -> Row | None:
    """What a trunk's modem said last, None when it never did."""
    return tx.row(ONE, {"trunk_id": trunk_id})


HELD = """
SELECT t.name, m.port, m.imei FROM trunk_modem m JOIN trunk t ON t.id = m.trunk_id
JOIN trunk_session s ON s.trunk_id = m.trunk_id
WHERE s.owner <> '' AND s.state IN ('connecting', 'ready') AND m.port <> ''"""


def held_ports(tx: Transaction) -> dict[str, Holder]:
    """port -> the trunk whose session has it open now."""
    return {row["port"]: Holder(row["name"], row["imei"]) for row in tx.rows(HELD)}


FORGET = "DELETE FROM trunk_modem WHERE trunk_id = %(id)s"
LAY_ASIDE_LAST = """
INSERT INTO sim_usage (imsi, period, begins_at, segments)
SELECT m.counted_imsi, u.period, u.begins_at, u.segments
FROM trunk_modem m JOIN trunk_usage u ON u.trunk_id = m.trunk_id
WHERE m.trunk_id = %(id)s AND m.counted_imsi <> ''
ON DUPLICATE KEY UPDATE begins_at = VALUES(begins_at), segments = VALUES(segments)"""


def forget(tx: Transaction, trunk_id: int) -> None:
    """A trunk is removed: the count of its SIM card is laid aside."""
    tx.execute(LAY_ASIDE_LAST, {"id": trunk_id})
    tx.execute(FORGET, {"id": trunk_id})


PURGE_SIMS = """
DELETE FROM sim_usage WHERE begins_at < UTC_TIMESTAMP() - INTERVAL 62 DAY LIMIT 1000"""


def purge(tx: Transaction) -> int:
    """Forgets counts of periods that are long over; how many."""
    return tx.execute(PURGE_SIMS)
