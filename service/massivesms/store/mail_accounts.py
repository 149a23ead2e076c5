"""The account that mail leaves by, and how it fares.

How it fares is shared by all services: while the account fails none of them tries
before its next try, and a change of the account is tried at once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from . import audit
from .audit import Actor
from .db import Row, Transaction
from .mails import FIRST_WAIT_S, LONGEST_WAIT_S

LOAD = "SELECT settings, secrets, changed_at FROM mail_account WHERE id = 1"


def load(tx: Transaction) -> Row | None:
    """`settings` as a dict of text, `secrets` sealed; None when none is set up."""
    row = tx.row(LOAD)
    if row:
        row["settings"] = json.loads(row["settings"])
    return row


SAVE = """
INSERT INTO mail_account (id, settings, secrets, changed_at)
VALUES (1, %(settings)s, %(secrets)s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE settings = VALUES(settings), secrets = VALUES(secrets),
  changed_at = VALUES(changed_at)"""


def save(
    tx: Transaction,
    settings: Mapping[str, str],
    secrets: bytes,
    actor: Actor,
    *,
    has_new_secrets: bool,
) -> None:
    """Stores a checked account, without its password in `settings`, and tries it."""
    before = load(tx) or {"settings": {}}
    tx.execute(SAVE, {"settings": json.dumps(dict(settings)), "secrets": secrets})
    details: dict[str, object] = dict(audit.changes(before["settings"], settings))
    if has_new_secrets:
        details["password"] = "•••"  # noqa: S105 - what is said instead of it
    audit.record(tx, actor, "mail.change", settings["from_address"], details)
    try_now(tx)


REMOVE = "DELETE FROM mail_account WHERE id = 1"


def remove(tx: Transaction, actor: Actor) -> bool:
    """Forgets the account and its password; False when there is none."""
    row = load(tx)
    if row is None:
        return False
    tx.execute(REMOVE)
    try_now(tx)
    audit.record(tx, actor, "mail.remove", row["settings"]["from_address"])
    return True


STATE = """
SELECT tries, failing_since, next_try_at, error_code, error_detail, sent_at,
  COALESCE(next_try_at > UTC_TIMESTAMP(3), 0) AS is_waiting
FROM mail_state WHERE id = 1"""


NEVER: Row = {
    **dict.fromkeys(("failing_since", "next_try_at", "error_code", "error_detail")),
    "tries": 0,
    "sent_at": None,
    "is_waiting": 0,
}


def state(tx: Transaction) -> Row:
    """How the account fares; `is_waiting` for its next try."""
    return tx.row(STATE) or dict(NEVER)


WORKS = """
INSERT INTO mail_state (id, sent_at) VALUES (1, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE tries = 0, failing_since = NULL, next_try_at = NULL,
  error_code = NULL, error_detail = NULL, sent_at = VALUES(sent_at)"""


def works(tx: Transaction) -> None:
    """A mail has left."""
    tx.execute(WORKS)


FAILS = f"""
INSERT INTO mail_state (id, tries, failing_since, next_try_at, error_code,
                        error_detail)
VALUES (1, 1, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3) + INTERVAL {FIRST_WAIT_S} SECOND,
        %(code)s, %(detail)s)
ON DUPLICATE KEY UPDATE
  failing_since = COALESCE(failing_since, VALUES(failing_since)),
  next_try_at = UTC_TIMESTAMP(3) + INTERVAL
    LEAST({LONGEST_WAIT_S}, {FIRST_WAIT_S} * POW(2, LEAST(tries, 16))) SECOND,
  tries = tries + 1, error_code = VALUES(error_code),
  error_detail = VALUES(error_detail)"""  # noqa: S608


def fails(tx: Transaction, code: str, detail: str) -> None:
    """No mail can leave by it: the next try is after a wait that grows."""
    tx.execute(FAILS, {"code": code, "detail": detail[:255]})


TRY_NOW = "UPDATE mail_state SET next_try_at = NULL, tries = 0 WHERE id = 1"


def try_now(tx: Transaction) -> None:
    """Ends the wait for the next try."""
    tx.execute(TRY_NOW)
