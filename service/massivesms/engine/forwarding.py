"""Incoming messages go to the outbox of mail, in the transaction that stores them.

The mail says what the message is when it is sent (notices/incoming.py): nothing of
it is kept a second time here.
"""

from __future__ import annotations

from ..domain.settings import Settings
from ..store import forwarded
from ..store.db import Row, Transaction


def forward(tx: Transaction, inbound: Row, settings: Settings) -> None:
    """Has a message mailed to whom the settings say; does nothing without them.

    `inbound` has its `handled` as it is after everything that answers by itself.
    More than the settings' most a minute are gathered into one mail.
    """
    notices = settings.notices
    recipients = notices.forward_to
    if not recipients or (inbound["handled"] and not notices.forward_handled):
        return
    most = notices.forward_most * len(recipients)
    gather = forwarded.is_flood(tx, most)
    forwarded.put(tx, recipients, inbound["id"], gather=gather)
