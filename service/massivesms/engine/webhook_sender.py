"""Events are posted to webhooks, by a thread for each that has something waiting.

So a target that hangs holds up neither the others nor the sending. A delivery is
booked only after its answer: after a crash in between it is posted once more, with
the same ids. One service at a time posts to a webhook, in the order of the events.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass

from ..config import Config
from ..domain import webhook_results
from ..errors import ConfigError, StoreError
from ..store import webhook_deliveries, webhook_facts, webhook_outbox, webhooks
from ..store.db import Database, Row, Transaction
from ..store.webhook_deliveries import Try
from ..vault import Vault
from ..webhook_drafts import post
from ..webhooks import addresses, bodies, posting
from ..webhooks.addresses import Resolver
from .board import Board
from .side_thread import SideThread

log = logging.getLogger(__name__)

PURGE_S = 60.0
PURGE_STEPS = 50


class WebhookSender(SideThread):
    """Looks what waits, and has a courier for each webhook that can be posted to."""

    look_s = 1.0
    away_wait_s = 5.0
    waits = "events wait for the database: %s"

    def __init__(self, config: Config, board: Board, owner: str) -> None:
        super().__init__("webhooks", config)
        self._config = config
        self._board = board
        self._owner = owner
        self._vault = Vault(config.secret_key())
        self._couriers: dict[int, Courier] = {}
        self._purge_at_s = 0.0

    def look(self) -> None:
        """Has a courier for each webhook that has something to post."""
        self._couriers = {i: c for i, c in self._couriers.items() if c.is_alive()}
        work = self._db.atomically(lambda tx: webhooks.with_work(tx, self._owner))
        for webhook_id in work:
            if webhook_id not in self._couriers:
                courier = Courier(
                    Database(self._config.database, for_service=True),
                    self._board,
                    self._vault,
                    self._owner,
                    webhook_id,
                    self._ending,
                )
                self._couriers[webhook_id] = courier
                courier.start()
        if time.monotonic() >= self._purge_at_s:
            self._purge_at_s = time.monotonic() + PURGE_S
            self._purge()

    def _purge(self) -> None:
        """Gives up what is too old and forgets what is over, each step for itself."""
        for webhook_id in self._db.atomically(webhooks.ids):
            for _ in range(PURGE_STEPS):
                if not self._db.atomically(
                    lambda tx, one=webhook_id: webhook_deliveries.give_up_old(tx, one)  # type: ignore[misc]
                ):
                    break
        for step in (webhook_deliveries.purge, webhook_deliveries.purge_removed):
            for _ in range(PURGE_STEPS):
                if not self._db.atomically(step):
                    break


@dataclass(frozen=True, slots=True)
class Ready:
    """A delivery that is to be posted now."""

    webhook: Row
    delivery: Row
    body: bytes


class Courier(threading.Thread):
    """Posts to one webhook as long as something waits that can be posted."""

    def __init__(
        self,
        db: Database,
        board: Board,
        vault: Vault,
        owner: str,
        webhook_id: int,
        ending: threading.Event,
        resolver: Resolver = addresses.resolve,
    ) -> None:
        super().__init__(name=f"webhook {webhook_id}", daemon=True)
        self._db = db
        self._board = board
        self._vault = vault
        self._owner = owner
        self._webhook_id = webhook_id
        self._ending = ending
        self._resolver = resolver

    def run(self) -> None:
        """Works until nothing is left, the target fails, or it is told to end."""
        try:
            while not self._ending.is_set() and self.step():
                pass
            self._db.atomically(
                lambda tx: webhooks.leave(tx, self._webhook_id, self._owner)
            )
        except StoreError as error:
            log.warning("%s waits for the database: %s", self.name, error)
        finally:
            self._db.close()

    def step(self) -> bool:
        """Posts one delivery; whether there may be more to post now."""
        ready = self._db.atomically(self._prepare)
        if ready is None:
            return False
        answer = self._post(ready)
        tried = Try(answer.status, answer.code, answer.detail, answer.took_ms)
        if answer.is_taken:
            self._db.atomically(
                lambda tx: webhook_deliveries.delivered(tx, ready.delivery, tried)
            )
            return True
        wait_s = answer.retry_after_s or 0
        given_up = self._db.atomically(
            lambda tx: webhook_deliveries.failed(
                tx, ready.webhook, ready.delivery, tried, wait_s
            )
        )
        self._tell(ready, tried, given_up)
        return False

    def _prepare(self, tx: Transaction) -> Ready | None:
        """What to post now, as far as it is this service's turn."""
        webhook = webhooks.take(tx, self._webhook_id, self._owner)
        delivery = webhook_deliveries.next_one(tx, webhook) if webhook else None
        if webhook is None or delivery is None:
            return None
        happened = webhook_outbox.of_delivery(tx, webhook["id"], delivery["id"])
        known = webhook_facts.facts(tx, happened)
        texts = webhook["with_texts"]
        events = [
            bodies.event(one, known.get((one.kind, one.subject)), with_texts=texts)
            for one in happened
        ]
        began = min((one.at for one in happened), default=delivery["created_at"])
        delivery["age_s"] = webhook_deliveries.age_s(tx, began)
        key, made_at = delivery["delivery_key"], delivery["created_at"]
        return Ready(webhook, delivery, bodies.body(key, "events", made_at, events))

    def _post(self, ready: Ready) -> posting.Answer:
        key = ready.delivery["delivery_key"]
        try:
            made = post(ready.webhook, self._vault, key, ready.body, time.time())
        except ConfigError:
            return posting.Answer(None, "secret_unreadable")
        own = self._board.picture.settings.webhook_hosts
        return posting.send(made, own, resolver=self._resolver)

    def _tell(self, ready: Ready, tried: Try, given_up: bool) -> None:
        """The first failure, the end of a webhook and what is given up are said."""
        name, events = ready.webhook["name"], ready.delivery["events"]
        said = webhook_results.text(tried.code, tried.detail)
        if tried.code == "gone":
            log.error("webhook %s: %s", name, said)
        elif given_up:
            log.error("webhook %s: %d events given up: %s", name, events, said)
        elif not ready.webhook["failures"]:
            log.warning("webhook %s: %s", name, said)
