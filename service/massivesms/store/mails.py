"""Mail on its way out: put here in the transaction that has something to say."""

from __future__ import annotations

from collections.abc import Sequence

from .db import Transaction

ADD = """
INSERT INTO mail (kind, recipients, subject, body, due_at, created_at)
VALUES (%(kind)s, %(recipients)s, %(subject)s, %(body)s, UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3))"""


def add(
    tx: Transaction, kind: str, recipients: Sequence[str], subject: str, body: str
) -> int:
    """Puts a mail in the outbox; its id. The service sends it."""
    return tx.insert(
        ADD,
        {
            "kind": kind,
            "recipients": ",".join(recipients),
            "subject": " ".join(subject.split())[:255],
            "body": body,
        },
    )
