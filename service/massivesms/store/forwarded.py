"""Incoming messages in mails: which mail tells of which message.

What a mail says is read when it is sent, so a number that was erased meanwhile is in
none. While more comes than may be told one by one, a mail for each recipient gathers
what comes within a minute.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import mails
from .db import Row, Transaction

ONE, GATHERED = "inbound", "inbound_many"
GATHER_S = 60
SHOWN_MOST = 500

RECENT = """
SELECT COUNT(*) FROM (
  SELECT 1 FROM mail WHERE kind = 'inbound'
    AND created_at > UTC_TIMESTAMP(3) - INTERVAL 60 SECOND LIMIT %(limit)s) recent"""


def is_flood(tx: Transaction, most: int) -> bool:
    """Whether so many mails of one message each were put here within a minute."""
    return int(tx.value(RECENT, {"limit": most})) >= most


#: The lock lets no service take such a mail before we have committed.
GATHERING = """
SELECT id, recipients AS recipient FROM mail WHERE kind = 'inbound_many'
  AND created_at > UTC_TIMESTAMP(3) - INTERVAL 61 SECOND
  AND state = 'waiting' AND taken_by = '' AND due_at > UTC_TIMESTAMP(3)
LOCK IN SHARE MODE"""
LINK = "INSERT INTO mail_inbound (mail_id, inbound_id) VALUES (%s, %s)"


def put(
    tx: Transaction, recipients: Sequence[str], inbound_id: int, *, gather: bool
) -> None:
    """Puts a message in a mail to each recipient: its own, or one that gathers."""
    if not gather:
        ids = mails.add(tx, ONE, recipients, "", "")
    else:
        open_ones = {row["recipient"]: row["id"] for row in tx.rows(GATHERING)}
        missing = [one for one in recipients if one not in open_ones]
        made = mails.add(tx, GATHERED, missing, "", "", due_in_s=GATHER_S)
        open_ones.update(zip(missing, made, strict=True))
        ids = [open_ones[one] for one in recipients]
    tx.many(LINK, [(mail_id, inbound_id) for mail_id in ids])


CONTENTS = f"""
SELECT i.id, i.number, i.sender, i.recipient, i.text, i.kind, i.incomplete, i.handled,
  i.received_at, t.name AS trunk, m.number AS last_number,
  COALESCE(m.text, c.text) AS last_text, COALESCE(m.submitted_at, m.settled_at)
    AS last_at, c.id AS campaign_id, c.name AS campaign
FROM mail_inbound f JOIN inbound_message i ON i.id = f.inbound_id
LEFT JOIN trunk t ON t.id = i.trunk_id LEFT JOIN message m ON m.id = i.message_id
LEFT JOIN campaign c ON c.id = m.campaign_id
WHERE f.mail_id = %(mail_id)s ORDER BY f.inbound_id LIMIT {SHOWN_MOST}"""  # noqa: S608
COUNT = "SELECT COUNT(*) FROM mail_inbound WHERE mail_id = %(mail_id)s"


def contents(tx: Transaction, mail_id: int) -> tuple[list[Row], int]:
    """The first messages that a mail tells of, and how many more there are.

    Those that were erased or purged meanwhile are not among them.
    """
    rows = tx.rows(CONTENTS, {"mail_id": mail_id})
    rest = int(tx.value(COUNT, {"mail_id": mail_id})) - SHOWN_MOST
    told = [r for r in rows if r["sender"] or r["text"] or r["kind"] == "call"]
    return told, max(0, rest)
