"""Leases of trunk sessions, and their live state as the pages show it.

A lease is a row with an owner, a token and a heartbeat by the database's
clock. Whoever takes a lease over gets a new token, so that what the old owner
still writes is refused everywhere.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .db import Row, Transaction

LEASE_S = 15  # a heartbeat older than this may be taken over
LEFT_S = 90  # so long what is said of a session that is left to others is of now

MAKE = """
INSERT IGNORE INTO trunk_session (trunk_id, slot) VALUES (%(trunk_id)s, %(slot)s)"""
LOCK = """
SELECT slot, owner, token,
  heartbeat_at IS NOT NULL
    AND heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(lease_s)s SECOND AS alive
FROM trunk_session WHERE trunk_id = %(trunk_id)s ORDER BY slot FOR UPDATE"""
TAKE = """
UPDATE trunk_session SET owner = %(owner)s, token = %(token)s, state = 'connecting',
  heartbeat_at = UTC_TIMESTAMP(3), since = UTC_TIMESTAMP(3), reason_code = NULL,
  reason_detail = NULL
WHERE trunk_id = %(trunk_id)s AND slot = %(slot)s"""


@dataclass(frozen=True, slots=True)
class Lease:
    """A session that we may drive; `old_token` is what we took it over from."""

    trunk_id: int
    slot: int
    token: int
    old_token: int


def acquire(tx: Transaction, trunk_id: int, slot: int, owner: str) -> Lease | None:
    """The lease of a session, or None while another owner has any of the trunk's.

    All binds of a trunk are driven by one service: they share its speed limit.
    """
    values = {"trunk_id": trunk_id, "slot": slot, "lease_s": LEASE_S, "owner": owner}
    tx.execute("SET sql_notes = 0")
    tx.execute(MAKE, values)
    tx.execute("SET sql_notes = 1")
    rows = tx.rows(LOCK, values)
    if any(row["owner"] not in ("", owner) and row["alive"] for row in rows):
        return None
    old_token = next(row["token"] for row in rows if row["slot"] == slot)
    token = secrets.randbits(62) | 1
    tx.execute(TAKE, {**values, "token": token})
    return Lease(trunk_id, slot, token, old_token)


BEAT = """
UPDATE trunk_session SET heartbeat_at = UTC_TIMESTAMP(3)
WHERE owner = %(owner)s"""


def beat(tx: Transaction, owner: str) -> None:
    """Keeps all leases of an owner alive."""
    tx.execute(BEAT, {"owner": owner})


RELEASE = """
UPDATE trunk_session SET owner = '', heartbeat_at = NULL, state = %(state)s,
  reason_code = %(code)s, reason_detail = %(detail)s, since = UTC_TIMESTAMP(3)
WHERE trunk_id = %(trunk_id)s AND slot = %(slot)s AND token = %(token)s"""


def release(
    tx: Transaction, lease: Lease, state: str, code: str | None, detail: str
) -> None:
    """Gives a lease back, after everything that it held is settled."""
    tx.execute(RELEASE, _values(lease, state, code, detail))


SHOW = """
UPDATE trunk_session SET state = %(state)s, reason_code = %(code)s,
  reason_detail = %(detail)s, since = UTC_TIMESTAMP(3),
  heartbeat_at = UTC_TIMESTAMP(3)
WHERE trunk_id = %(trunk_id)s AND slot = %(slot)s AND token = %(token)s"""


def show(
    tx: Transaction, lease: Lease, state: str, code: str | None = None, detail: str = ""
) -> bool:
    """Writes the live state for the pages; False when the lease is lost."""
    return bool(tx.execute(SHOW, _values(lease, state, code, detail)))


NOTE_ERROR = """
UPDATE trunk_session SET error_code = %(code)s, error_detail = %(detail)s,
  error_at = UTC_TIMESTAMP(3)
WHERE trunk_id = %(trunk_id)s AND slot = %(slot)s AND token = %(token)s"""


def note_error(tx: Transaction, lease: Lease, code: str, detail: str) -> None:
    """Keeps the last error of a trunk, also after it works again."""
    tx.execute(NOTE_ERROR, _values(lease, "", code, detail))


HELD = """
SELECT token FROM trunk_session
WHERE trunk_id = %(trunk_id)s AND slot = %(slot)s AND token = %(token)s
LOCK IN SHARE MODE"""


def is_held(tx: Transaction, lease: Lease) -> bool:
    """Whether the lease is still ours; asked inside each claim's transaction.

    It stays ours until that commits: whoever takes the lease over afterwards
    finds what was claimed, and recovers it.
    """
    return tx.value(HELD, _values(lease, "", None, "")) is not None


STALE = """
SELECT trunk_id, slot, token FROM trunk_session
WHERE owner = %(owner)s
  OR (owner <> '' AND heartbeat_at < UTC_TIMESTAMP(3) - INTERVAL %(lease_s)s SECOND)"""


def stale(tx: Transaction, owner: str) -> list[tuple[int, int, int]]:
    """(trunk, slot, token) of sessions whose owner is dead, or is `owner`."""
    found = tx.tuples(STALE, {"owner": owner, "lease_s": LEASE_S})
    return [(trunk_id, slot, token) for trunk_id, slot, token in found]


# Whoever left it to others while it waits tries again within the longest pause.
ALL = f"""
SELECT trunk_id, slot, owner, state, reason_code, reason_detail, since, error_code,
  error_detail, error_at,
  IF(owner <> '',
    heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(lease_s)s SECOND,
    state = 'waiting' AND since > UTC_TIMESTAMP(3) - INTERVAL {LEFT_S} SECOND
  ) AS alive
FROM trunk_session ORDER BY trunk_id, slot"""  # noqa: S608


def all_sessions(tx: Transaction) -> dict[int, list[Row]]:
    """trunk -> its sessions by slot; `alive` says whether `state` is of now."""
    sessions: dict[int, list[Row]] = {}
    for row in tx.rows(ALL, {"lease_s": LEASE_S}):
        sessions.setdefault(row["trunk_id"], []).append(row)
    return sessions


def _values(
    lease: Lease, state: str, code: str | None, detail: str
) -> dict[str, object]:
    return {
        "trunk_id": lease.trunk_id,
        "slot": lease.slot,
        "token": lease.token,
        "state": state,
        "code": code,
        "detail": detail[:255] or None,
    }


OWNERS = "SELECT DISTINCT owner FROM trunk_session WHERE owner <> ''"


def owners(tx: Transaction) -> list[str]:
    """Who holds leases, alive or not."""
    return [owner for (owner,) in tx.tuples(OWNERS)]


EXPIRE = """
UPDATE trunk_session SET heartbeat_at = UTC_TIMESTAMP(3) - INTERVAL 1 DAY
WHERE owner = %(owner)s"""


def expire(tx: Transaction, owner: str) -> None:
    """Ends the leases of an owner that is known to be dead."""
    tx.execute(EXPIRE, {"owner": owner})
