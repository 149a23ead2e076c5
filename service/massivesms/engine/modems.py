"""What people and the clock want of modems beside sending: balances, a look at ports.

Belongs to the dispatcher. A balance is asked by whoever drives the modem; the ports
are looked at in a thread of its own, and never one that a trunk has open.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, time

from ..domain.modem_ports import LOOK_FAILED, FoundPort, Holder
from ..domain.settings import Settings
from ..domain.singles import BY_ITSELF
from ..errors import StoreError
from ..notices import balance as balance_mail
from ..store import modem_balances, modem_searches, modem_states
from ..store.db import Database, Row, Transaction
from ..trunks import registry
from .trunk_worker import TrunkWorker

log = logging.getLogger(__name__)

KIND = "modem"


class Modems:
    """Carries out what is wanted, beside the sending."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._searching: threading.Thread | None = None
        self._asked_on: dict[int, tuple[object, str]] = {}  # trunk -> (day, hour)

    def carry_out(
        self,
        trunks: Sequence[Row],
        workers: Mapping[tuple[int, int], TrunkWorker],
        settings: Settings,
        now: datetime,
    ) -> None:
        """Looks what is due, and begins it."""
        self._search(trunks)
        modems = [trunk for trunk in trunks if trunk["kind"] == KIND]
        if not modems:
            return
        self._ask_daily(modems, now.astimezone(settings.time_zone))
        ready = {key[0]: one for key, one in workers.items() if one.is_ready}
        able = [trunk["id"] for trunk in modems if trunk["id"] in ready]
        taken = self._db.atomically(lambda tx: modem_balances.take(tx, able))
        for balance_id, trunk_id in taken:
            if not ready[trunk_id].ask_balance(balance_id):
                self._db.atomically(
                    lambda tx, one=balance_id: modem_balances.finish(  # type: ignore[misc]
                        tx, one, "", None, "ussd_gone"
                    )
                )

    def keep_house(self, settings: Settings) -> None:
        """Ends what was not carried out in time, forgets what is old.

        Of a daily one that never came the mail says so.
        """

        def work(tx: Transaction) -> None:
            for balance_id in modem_balances.give_up(tx):
                row = modem_balances.by_id(tx, balance_id)
                if row is not None and row["daily_on"]:
                    balance_mail.put(tx, settings, row)
            modem_searches.purge(tx)
            modem_states.purge(tx)

        self._db.atomically(work)

    def _ask_daily(self, modems: Sequence[Row], local: datetime) -> None:
        """From its hour on each day has one question, whoever asks it."""
        for trunk in modems:
            at = trunk["settings"].get("balance_at", "")
            hour, key = _time(at), (local.date(), at)
            is_due = hour is not None and trunk["active"] and local.time() >= hour
            if not is_due or self._asked_on.get(trunk["id"]) == key:
                continue
            trunk_id, day = trunk["id"], local.date()
            self._db.atomically(
                lambda tx, one=trunk_id, on=day: modem_balances.request_daily(  # type: ignore[misc]
                    tx, one, on, BY_ITSELF
                )
            )
            self._asked_on[trunk_id] = key

    # --- ports ---------------------------------------------------------------

    def _search(self, trunks: Sequence[Row]) -> None:
        """Begins the next look at the ports, when none is under way."""
        if self._searching is not None and self._searching.is_alive():
            return
        search_id = self._db.atomically(modem_searches.take)
        if search_id is None:
            return
        held = self._db.atomically(modem_states.held_ports)
        driven = {holder.trunk for holder in held.values()}
        held |= {  # those that are about to be opened
            trunk["settings"].get("port", ""): Holder(trunk["name"])
            for trunk in trunks
            if trunk["kind"] == KIND and trunk["active"] and not trunk["stopped_code"]
            if trunk["name"] not in driven
        }
        self._searching = threading.Thread(
            target=self._look, args=(search_id, held), name="modem search", daemon=True
        )
        self._searching.start()

    def _look(self, search_id: int, held: Mapping[str, Holder]) -> None:
        found = [FoundPort("–", LOOK_FAILED)]  # a fault leaves it so, and ends this
        try:
            found = registry.modem_ports(held)
        finally:
            self._found(search_id, found)

    def _found(self, search_id: int, found: Sequence[FoundPort]) -> None:
        rows = [asdict(one) for one in found]
        try:
            self._db.atomically(lambda tx: modem_searches.finish(tx, search_id, rows))
        except StoreError as error:
            log.warning("what was found at the ports could not be stored: %s", error)
        finally:
            self._db.close()


def _time(text: str) -> time | None:
    """The hour of a setting; None when there is none, or nothing that is one."""
    try:
        return time.fromisoformat(text) if text else None
    except ValueError:
        return None
