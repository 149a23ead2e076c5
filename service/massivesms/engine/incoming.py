"""One incoming message: stored, and what follows from it, in one transaction.

The operator's deliver_sm is answered only after its COMMIT.
"""

from __future__ import annotations

from datetime import datetime

from ..domain.numbers import from_operator
from ..domain.settings import Settings
from ..store import inbound, webhook_outbox
from ..store.db import Transaction
from ..store.inbound import NewInbound
from ..trunks.base import InboundCame


def take(
    tx: Transaction,
    trunk_id: int,
    came: InboundCame,
    settings: Settings,
    now: datetime,
) -> int:
    """Stores one message from a person that came at a moment (UTC); its id."""
    new = NewInbound(
        trunk_id,
        from_operator(came.sender, settings.number_plan),
        came.sender,
        came.recipient,
        came.text,
        came.parts,
        came.incomplete,
    )
    inbound_id = inbound.add(tx, new)
    webhook_outbox.add_inbound(tx, inbound_id)
    return inbound_id
