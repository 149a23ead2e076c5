"""Signed-in browsers, and failed tries to sign in.

Only hashes of the cookies' tokens are here: a copy of the database opens no
session.
"""

from __future__ import annotations

from .db import Row, Transaction

FIND = """
SELECT user_id, data FROM web_session
WHERE token_hash = %(token_hash)s AND expires_at > UTC_TIMESTAMP(3)"""


def find(tx: Transaction, token_hash: bytes) -> Row | None:
    """`user_id` and `data` of a live session or None."""
    return tx.row(FIND, {"token_hash": token_hash})


SAVE = """
INSERT INTO web_session (token_hash, user_id, data, created_at, expires_at)
VALUES (%(token_hash)s, %(user_id)s, %(data)s, UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3) + INTERVAL %(lifetime_s)s SECOND)
ON DUPLICATE KEY UPDATE user_id = VALUES(user_id), data = VALUES(data),
                        expires_at = VALUES(expires_at)"""
UPDATE = """
UPDATE web_session SET user_id = %(user_id)s, data = %(data)s,
  expires_at = UTC_TIMESTAMP(3) + INTERVAL %(lifetime_s)s SECOND
WHERE token_hash = %(token_hash)s"""


def save(
    tx: Transaction,
    token_hash: bytes,
    user_id: int | None,
    data: str,
    lifetime_s: int,
    *,
    is_new: bool,
) -> None:
    """Stores a session; an old one that was ended meanwhile is not brought back."""
    values = {
        "token_hash": token_hash,
        "user_id": user_id,
        "data": data,
        "lifetime_s": lifetime_s,
    }
    tx.execute(SAVE if is_new else UPDATE, values)


DELETE = "DELETE FROM web_session WHERE token_hash = %(token_hash)s"


def delete(tx: Transaction, token_hash: bytes) -> None:
    """Ends one session."""
    tx.execute(DELETE, {"token_hash": token_hash})


PURGE = "DELETE FROM web_session WHERE expires_at < UTC_TIMESTAMP(3) LIMIT 1000"
PURGE_ATTEMPTS = """
DELETE FROM sign_in_attempt WHERE at < UTC_TIMESTAMP(3) - INTERVAL 1 DAY LIMIT 1000"""


def purge(tx: Transaction) -> None:
    """Deletes what has expired."""
    tx.execute(PURGE)
    tx.execute(PURGE_ATTEMPTS)


ATTEMPT = """
INSERT INTO sign_in_attempt (user_name, address, at)
VALUES (%(user_name)s, %(address)s, UTC_TIMESTAMP(3))"""


def record_attempt(tx: Transaction, user_name: str, address: str) -> None:
    """Notes a failed try to sign in."""
    tx.execute(ATTEMPT, {"user_name": user_name[:64], "address": address[:45]})


ATTEMPTS = """
SELECT
 (SELECT COUNT(*) FROM sign_in_attempt WHERE user_name = %(user_name)s
   AND at > UTC_TIMESTAMP(3) - INTERVAL %(seconds)s SECOND),
 (SELECT COUNT(*) FROM sign_in_attempt WHERE address = %(address)s
   AND at > UTC_TIMESTAMP(3) - INTERVAL %(seconds)s SECOND)"""


def attempts(
    tx: Transaction, user_name: str, address: str, seconds: int
) -> tuple[int, int]:
    """Failed tries of late: (for this name, from this address)."""
    values = {
        "user_name": user_name[:64],
        "address": address[:45],
        "seconds": seconds,
    }
    by_name, by_address = tx.tuples(ATTEMPTS, values)[0]
    return int(by_name), int(by_address)


FORGIVE = """
DELETE FROM sign_in_attempt WHERE user_name = %(user_name)s"""


def forgive(tx: Transaction, user_name: str) -> None:
    """Forgets the failed tries of a name that has now signed in."""
    tx.execute(FORGIVE, {"user_name": user_name[:64]})
