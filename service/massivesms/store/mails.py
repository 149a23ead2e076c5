"""Mail on its way out: put here in the transaction that has something to say.

One row for each recipient, so that each has an end of its own. A service takes one
for itself, sends it, and says what came of it; a service that dies in between leaves
it to others after LEASE_S, so a mail may leave twice, with the same Message-ID, but
never gets lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .db import Row, Transaction

LEASE_S = 300  # longer than one mail can take
GIVE_UP_H = 48
FIRST_WAIT_S, LONGEST_WAIT_S = 60, 3600
KEEP_DAYS = 30
PURGE_ROWS = 1000
SHOWN = 20
COUNTED_MOST = 10_000
OVERDUE_S = 600  # until then a server that says "later" troubles nobody

ADD = f"""
INSERT INTO mail (kind, recipients, subject, body, attachment_name, attachment,
                  due_at, give_up_at, created_at)
VALUES (%(kind)s, %(recipient)s, %(subject)s, %(body)s, %(attachment_name)s,
        %(attachment)s, UTC_TIMESTAMP(3) + INTERVAL %(due_in_s)s SECOND,
        UTC_TIMESTAMP(3) + INTERVAL {GIVE_UP_H} HOUR, UTC_TIMESTAMP(3))"""  # noqa: S608


def add(
    tx: Transaction,
    kind: str,
    recipients: Sequence[str],
    subject: str,
    body: str,
    *,
    attachment: tuple[str, str] | None = None,
    due_in_s: int = 0,
) -> list[int]:
    """Puts a mail to each recipient in the outbox; their ids. The service sends them.

    `attachment` is the name and the text of a CSV file.
    """
    name, content = attachment or (None, None)
    values: dict[str, Any] = {
        "kind": kind,
        "subject": " ".join(subject.split())[:255],
        "body": body,
        "attachment_name": name,
        "attachment": content,
        "due_in_s": due_in_s,
    }
    return [tx.insert(ADD, {**values, "recipient": one}) for one in recipients]


ANY_DUE = """
SELECT 1 FROM mail WHERE state = 'waiting' AND due_at <= UTC_TIMESTAMP(3) LIMIT 1"""


def any_due(tx: Transaction) -> bool:
    """Whether there is something to send, by us or by another service."""
    return tx.value(ANY_DUE) is not None


NEXT = f"""
SELECT id FROM mail FORCE INDEX (due)
WHERE state = 'waiting' AND due_at <= UTC_TIMESTAMP(3) AND (taken_by = ''
  OR taken_at < UTC_TIMESTAMP(3) - INTERVAL {LEASE_S} SECOND)
ORDER BY due_at, id LIMIT 1 FOR UPDATE"""  # noqa: S608
TAKE = """
UPDATE mail SET taken_by = %(owner)s, taken_at = UTC_TIMESTAMP(3) WHERE id = %(id)s"""
TAKEN = """
SELECT id, kind, recipients AS recipient, subject, body, attachment_name, attachment,
  attempts, created_at FROM mail WHERE id = %(id)s"""


def take(tx: Transaction, owner: str) -> Row | None:
    """The next mail that is due, now ours; None when there is none."""
    mail_id = tx.value(NEXT)
    if mail_id is None:
        return None
    tx.execute(TAKE, {"id": mail_id, "owner": owner})
    return tx.row(TAKEN, {"id": mail_id})


OURS = "id = %(id)s AND state = 'waiting' AND taken_by = %(owner)s"
SENT = f"""
UPDATE mail SET state = 'sent', attempts = attempts + 1, taken_by = '', body = '',
  attachment = NULL, error_code = NULL, error_detail = NULL,
  finished_at = UTC_TIMESTAMP(3)
WHERE {OURS}"""  # noqa: S608
LINKS = "DELETE FROM mail_inbound WHERE mail_id = %(id)s"


def sent(tx: Transaction, owner: str, mail_id: int) -> None:
    """It has left: what it said is kept no longer."""
    if tx.execute(SENT, {"id": mail_id, "owner": owner}):
        tx.execute(LINKS, {"id": mail_id})


WAIT_S = f"LEAST({LONGEST_WAIT_S}, {FIRST_WAIT_S} * POW(2, LEAST(attempts, 16)))"
LATER = f"""
UPDATE mail SET due_at = UTC_TIMESTAMP(3) + INTERVAL {WAIT_S} SECOND,
  attempts = attempts + 1, taken_by = '', error_code = %(code)s,
  error_detail = %(detail)s WHERE {OURS}"""  # noqa: S608


def later(
    tx: Transaction, owner: str, mail_id: int, code: str, detail: str = ""
) -> None:
    """It did not leave this time: again after a wait that grows."""
    values = {"id": mail_id, "owner": owner, "code": code, "detail": detail[:255]}
    tx.execute(LATER, values)


FAILED = f"""
UPDATE mail SET state = 'failed', attempts = attempts + 1, taken_by = '',
  error_code = %(code)s, error_detail = %(detail)s, finished_at = UTC_TIMESTAMP(3)
WHERE {OURS}"""  # noqa: S608


def failed(
    tx: Transaction, owner: str, mail_id: int, code: str, detail: str = ""
) -> None:
    """It will never leave as it is; a person decides."""
    values = {"id": mail_id, "owner": owner, "code": code, "detail": detail[:255]}
    tx.execute(FAILED, values)


RELEASE = f"UPDATE mail SET taken_by = '' WHERE {OURS}"  # noqa: S608


def release(tx: Transaction, owner: str, mail_id: int) -> None:
    """It was not its turn: the account failed, or we end."""
    tx.execute(RELEASE, {"id": mail_id, "owner": owner})


FAILING = """
SELECT failing_since, error_code, error_detail FROM mail_state
WHERE id = 1 AND failing_since IS NOT NULL"""
EXPIRE = """
UPDATE mail SET state = 'failed', finished_at = UTC_TIMESTAMP(3), taken_by = '',
  error_detail = IF(error_code IS NULL, %(detail)s, error_detail),
  error_code = COALESCE(error_code, %(code)s)
WHERE state = 'waiting' AND give_up_at < UTC_TIMESTAMP(3)"""


def expire(tx: Transaction) -> int:
    """Gives up what could not be sent in two days; how many. It says why."""
    why = tx.row(FAILING) or {"error_code": "mail_no_account", "error_detail": ""}
    values = {"code": why["error_code"], "detail": why["error_detail"]}
    return tx.execute(EXPIRE, values)


AGAIN = f"""
UPDATE mail SET state = 'waiting', attempts = 0, due_at = UTC_TIMESTAMP(3),
  give_up_at = UTC_TIMESTAMP(3) + INTERVAL {GIVE_UP_H} HOUR, finished_at = NULL
WHERE id = %(id)s AND (state = 'failed' OR state = 'waiting' AND taken_by = '')"""  # noqa: S608


def retry(tx: Transaction, mail_id: int) -> bool:
    """Tries a mail again at once; False when it is being sent, has left or is gone."""
    return bool(tx.execute(AGAIN, {"id": mail_id}))


DUE_NOW = """
UPDATE mail SET due_at = UTC_TIMESTAMP(3)
WHERE state = 'waiting' AND attempts > 0 AND due_at > UTC_TIMESTAMP(3)"""


def due_now(tx: Transaction) -> None:
    """What waits for another try waits no longer."""
    tx.execute(DUE_NOW)


DELETE = "DELETE FROM mail WHERE id = %(id)s AND state <> 'sent'"


def discard(tx: Transaction, mail_id: int) -> bool:
    """Throws a mail away; False when it has left or is gone already."""
    tx.execute(LINKS, {"id": mail_id})
    return bool(tx.execute(DELETE, {"id": mail_id}))


DISCARD_FAILED = "DELETE FROM mail WHERE state = 'failed' LIMIT 10000"
ORPHANED_LINKS = """
DELETE f FROM mail_inbound f LEFT JOIN mail m ON m.id = f.mail_id
WHERE m.id IS NULL"""


def discard_failed(tx: Transaction) -> int:
    """Throws away all that failed; how many."""
    found = tx.execute(DISCARD_FAILED)
    tx.execute(ORPHANED_LINKS)
    return found


PURGE = f"""
DELETE FROM mail WHERE state = %(state)s
  AND finished_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_DAYS} DAY
LIMIT {PURGE_ROWS}"""  # noqa: S608


def purge(tx: Transaction) -> int:
    """Forgets mails that left or failed long ago; how many."""
    found = sum(tx.execute(PURGE, {"state": state}) for state in ("sent", "failed"))
    if found:
        tx.execute(ORPHANED_LINKS)
    return found


OPEN = f"""
SELECT id, kind, recipients AS recipient, subject, state, attempts, due_at,
  taken_by <> '' AS is_taken, error_code, error_detail, created_at
FROM mail WHERE state = %(state)s ORDER BY due_at, id LIMIT {SHOWN}"""  # noqa: S608


def waiting(tx: Transaction) -> list[Row]:
    """Mails that are to be sent, the next ones first; at most SHOWN."""
    return tx.rows(OPEN, {"state": "waiting"})


def given_up(tx: Transaction) -> list[Row]:
    """Mails that failed, at most SHOWN."""
    return tx.rows(OPEN, {"state": "failed"})


COUNT = f"""
SELECT COUNT(*) FROM (
  SELECT 1 FROM mail WHERE state = %(state)s LIMIT {COUNTED_MOST}) some"""  # noqa: S608


def count(tx: Transaction, state: str) -> int:
    """How many are in a state, up to COUNTED_MOST."""
    return int(tx.value(COUNT, {"state": state}))


STUCK = f"""
SELECT COUNT(*) AS waiting, MIN(created_at) AS since, MIN(first_id) AS first_id FROM (
  SELECT created_at, id AS first_id FROM mail WHERE state = 'waiting'
    AND (%(is_failing)s OR due_at < UTC_TIMESTAMP(3) - INTERVAL {OVERDUE_S} SECOND
         OR error_code IS NOT NULL
            AND created_at < UTC_TIMESTAMP(3) - INTERVAL {OVERDUE_S} SECOND)
  LIMIT {COUNTED_MOST}) stuck"""  # noqa: S608
HAS_ACCOUNT = "SELECT 1 FROM mail_account WHERE id = 1"
LAST_FAILED = """
SELECT error_code, error_detail, finished_at FROM mail WHERE state = 'failed'
ORDER BY finished_at DESC LIMIT 1"""
WHY = "SELECT error_code, error_detail FROM mail WHERE id = %(id)s"


def trouble(tx: Transaction) -> Row | None:
    """What a person should know of the outbox; None when all goes well.

    `waiting` are stuck, `failed` were given up and wait for a decision; `since`, and
    why: `error_code` (of domain.mail_results) and `error_detail`.
    """
    failing = tx.row(FAILING)
    stuck = tx.row(STUCK, {"is_failing": int(failing is not None)}) or {}
    failed = count(tx, "failed")
    if not stuck.get("waiting") and not failed:
        return None
    why: Row = failing or {}
    if not failing and stuck["waiting"]:
        why = tx.row(WHY, {"id": stuck["first_id"]}) or {}
    if not why.get("error_code") and tx.value(HAS_ACCOUNT) is None:
        why = {"error_code": "mail_no_account", "error_detail": ""}
    last = tx.row(LAST_FAILED) if failed and not stuck["waiting"] else None
    why = last or why
    return {
        "waiting": int(stuck["waiting"]),
        "failed": failed,
        "since": why.get("failing_since") or why.get("finished_at") or stuck["since"],
        "error_code": why.get("error_code"),
        "error_detail": why.get("error_detail"),
    }
