"""What modems say beside messages goes into the database: how they are, balances."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from ..domain import balances, results
from ..domain.modem_live import ModemSeen
from ..domain.settings import Settings
from ..notices import balance as balance_mail
from ..store import modem_balances, modem_states
from ..store.db import Transaction
from ..trunks.base import BalanceCame

log = logging.getLogger(__name__)

News = ModemSeen | BalanceCame


def record(
    tx: Transaction, trunk_id: int, news: Sequence[News], settings: Settings
) -> None:
    """Stores some of it; a balance is mailed."""
    for one in news:
        if isinstance(one, ModemSeen):
            modem_states.write(tx, trunk_id, one)
        else:
            _balance(tx, one, settings)


def _balance(tx: Transaction, came: BalanceCame, settings: Settings) -> None:
    found = balances.amount(came.answer)
    finished = modem_balances.finish(
        tx, came.balance_id, came.answer, found, came.code, came.detail
    )
    row = modem_balances.by_id(tx, came.balance_id) if finished else None
    if row is not None:
        why = results.text(came.code, came.detail) if came.code else "answered"
        log.info("balance of trunk %s: %s", row["trunk"], why)
        balance_mail.put(tx, settings, row)
