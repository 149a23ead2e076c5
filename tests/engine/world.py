"""What the tests of the engine share: trunks and campaigns put into a real
database, the dispatcher in a thread, and how to wait for what comes of it.

Knows the store as the pages do; looks at no inside of the engine.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from massivesms.config import Config
from massivesms.domain.campaigns import Draft
from massivesms.domain.segments import split
from massivesms.engine.dispatch import Dispatcher
from massivesms.engine.identity import Identity, identify
from massivesms.store import campaigns, messages, settings, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms.store.failures import StoreUnavailable
from massivesms.store.messages import NewMessage
from massivesms.trunk_drafts import TrunkInput, draft_trunk
from massivesms.vault import Vault
from tests.fakes.smsc import Smsc

ANA = Actor("ana", "127.0.0.1")
LOOK_S = 0.02
STOP_S = 10.0


class World:
    """One database with its configuration, seen as the pages see it."""

    def __init__(self, config: Config, db: Database) -> None:
        self.config = config
        self.db = db

    def set(self, **values: str) -> None:
        """Stores settings of the product."""
        self.db.atomically(lambda tx: settings.save(tx, values))

    def entered(self, name: str, smsc: Smsc | None, **more: Any) -> TrunkInput:
        """A trunk as a person would enter it; settings of the kind by `values`."""
        values: dict[str, str] = dict(more.pop("values", {}))
        if smsc is not None:
            values = {
                "host": smsc.host,
                "port": str(smsc.port),
                "system_id": "ana",
                "password": "secret",
            } | values
        kind = "script" if "script" in values else "http" if "url" in values else "smpp"
        kind = more.pop("kind", kind)
        return TrunkInput(name, kind, values, **more)

    def trunk(self, name: str, smsc: Smsc | None = None, **more: Any) -> int:
        """Stores a trunk; its id."""
        draft = draft_trunk(
            self.entered(name, smsc, **more),
            Vault(self.config.secret_key()),
            self.config.scripts_dir,
        )
        assert not isinstance(draft, dict), draft
        return self.db.atomically(lambda tx: trunks.create(tx, draft, ANA))

    def change_trunk(self, trunk_id: int, name: str, smsc: Smsc, **more: Any) -> None:
        """Changes a trunk: its revision goes up."""
        draft = draft_trunk(
            self.entered(name, smsc, **more),
            Vault(self.config.secret_key()),
            self.config.scripts_dir,
        )
        assert not isinstance(draft, dict), draft
        self.db.atomically(lambda tx: trunks.update(tx, trunk_id, draft, ANA))

    def switch(self, trunk_id: int, active: bool) -> None:
        """Turns a trunk on or off."""
        row = self.trunk_row(trunk_id)
        self.db.atomically(lambda tx: trunks.set_active(tx, row, active, ANA))

    def remove_trunk(self, trunk_id: int) -> None:
        row = self.trunk_row(trunk_id)
        self.db.atomically(lambda tx: trunks.remove(tx, row, ANA))

    def trunk_row(self, trunk_id: int) -> Row:
        row = self.db.atomically(lambda tx: trunks.by_id(tx, trunk_id))
        assert row is not None
        return row

    def campaign(
        self,
        name: str,
        recipients: Sequence[NewMessage],
        *,
        text: str = "Hola",
        paused: bool = False,
        **more: Any,
    ) -> int:
        """Stores a campaign with its messages; its id."""
        draft = Draft(name, text, paused=paused, **more)

        def work(tx: Any) -> int:
            campaign_id = campaigns.create(tx, draft, ANA)
            messages.enqueue(tx, campaign_id, recipients)
            return campaign_id

        return self.db.atomically(work)

    def row(self, campaign_id: int) -> Row:
        found = self.db.atomically(lambda tx: campaigns.by_id(tx, campaign_id))
        assert found is not None
        return found

    def pause(self, campaign_id: int, paused: bool) -> None:
        row = self.row(campaign_id)
        self.db.atomically(lambda tx: campaigns.set_paused(tx, row, paused, ANA))

    def remove(self, campaign_id: int) -> None:
        row = self.row(campaign_id)
        self.db.atomically(lambda tx: campaigns.remove(tx, row, ANA))

    def single(self, number: str, text: str, **more: Any) -> int:
        """Puts one message in the output queue; its id."""
        message = NewMessage(number, False, len(split(text).parts), text)
        return self.db.atomically(
            lambda tx: messages.enqueue_single(tx, message, campaign_id=1, **more)
        )

    def message(self, message_id: int) -> Row:
        found = self.db.atomically(lambda tx: messages.by_id(tx, message_id))
        assert found is not None
        return found

    def messages(self, campaign_id: int) -> list[Row]:
        wanted = messages.Filter(campaign_id=campaign_id)
        return self.db.atomically(lambda tx: messages.page(tx, wanted, limit=100_000))

    def counts(self, campaign_id: int) -> dict[str, int]:
        """As the pages show them, kept by the engine's transactions."""
        return {k: n for k, n in self.row(campaign_id)["counts"].items() if n}

    def real_counts(self, campaign_id: int) -> dict[str, int]:
        """As they are."""
        sql = "SELECT state, COUNT(*) FROM message WHERE campaign_id = %s GROUP BY 1"
        found = self.db.atomically(lambda tx: tx.tuples(sql, (campaign_id,)))
        return {state: int(n) for state, n in found}

    def ask(self, sql: str, *values: object) -> Any:
        """The first column of the first row."""
        return self.db.atomically(lambda tx: tx.value(sql, values))

    def session(self, trunk_id: int) -> Row:
        """The trunk's session as the pages see it; empty before the first."""
        sql = (
            "SELECT state, owner, reason_code, reason_detail, error_code, error_detail"
            " FROM trunk_session WHERE trunk_id = %s"
        )
        return self.db.atomically(lambda tx: tx.row(sql, (trunk_id,))) or {}

    def wait_for_counts(
        self, campaign_id: int, wanted: Mapping[str, int], timeout_s: float = 15
    ) -> None:
        """Until the kept counts are so, and the real ones too."""
        wait_until(lambda: self.counts(campaign_id) == wanted, timeout_s, self.counts,
                   campaign_id)  # fmt: skip
        assert self.real_counts(campaign_id) == wanted

    def wait_for_state(self, message_id: int, state: str, timeout_s: float = 15) -> Row:
        wait_until(lambda: self.message(message_id)["state"] == state, timeout_s,
                   self.message, message_id)  # fmt: skip
        return self.message(message_id)

    def wait_for_session(self, trunk_id: int, state: str, timeout_s: float = 15) -> Row:
        wait_until(lambda: self.session(trunk_id).get("state") == state, timeout_s,
                   self.session, trunk_id)  # fmt: skip
        return self.session(trunk_id)


def wait_until(
    fact: Callable[[], object],
    timeout_s: float,
    explain: Callable[..., object] = lambda: "",
    *arguments: object,
) -> None:
    """Looks until `fact` holds; fails with what `explain` says.

    While the database is away nothing holds.
    """
    until_s = time.monotonic() + timeout_s
    while True:
        with suppress(StoreUnavailable):
            if fact():
                return
        if time.monotonic() > until_s:
            raise AssertionError(f"not within {timeout_s} s: {explain(*arguments)}")
        time.sleep(LOOK_S)


def numbered(
    n: int, text: str | None = "Mensaje {n}", first: int = 0
) -> list[NewMessage]:
    """Messages to n different numbers, each with an id in its text."""
    made = []
    for i in range(first, first + n):
        own = None if text is None else text.format(n=i)
        size = 1 if own is None else len(split(own).parts)
        made.append(NewMessage(f"+3460{i:07}", False, size, own))
    return made


class Engine:
    """The dispatcher in a thread; `clock` may be changed while it runs."""

    def __init__(self, config: Config, identity: Identity | None = None) -> None:
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._stopping, self._reloading = threading.Event(), threading.Event()
        self._dispatcher = Dispatcher(
            config, lambda: self.clock(), identity or identify()
        )
        self._thread = threading.Thread(target=self._run, name="dispatcher")
        self.error: BaseException | None = None

    def _run(self) -> None:
        try:
            self._dispatcher.run(self._stopping, self._reloading)
        except BaseException as error:
            self.error = error
            raise

    def stop(self) -> float:
        """As SIGTERM does; the seconds that it took."""
        began_s = time.monotonic()
        self._stopping.set()
        self._thread.join(STOP_S + 5)
        assert not self._thread.is_alive(), "the engine did not end"
        took_s = time.monotonic() - began_s
        assert took_s < STOP_S, f"the engine took {took_s:.1f} s to end"
        assert self.error is None, self.error
        return took_s

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
