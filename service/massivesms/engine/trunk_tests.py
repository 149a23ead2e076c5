"""Tests of trunks that people ask for on a page: taken up and carried out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from ..errors import ConfigError, StoreError
from ..store import trunk_tests, trunks
from ..store.db import Database, Row
from ..trunks import registry
from ..trunks.base import TrunkSettings

log = logging.getLogger(__name__)


class TrunkTests:
    """Carries out one test after another, beside the sending."""

    def __init__(
        self,
        db: Database,
        settings_of: Callable[[Row], TrunkSettings],
        opened_with: Callable[[int], list[tuple[str, str]]],
    ) -> None:
        self._db = db
        self._settings_of = settings_of
        self._opened_with = opened_with
        self._running: threading.Thread | None = None

    def carry_out(self, known: Sequence[Row]) -> None:
        """Begins the next test, when none is running."""
        if self._running is not None and self._running.is_alive():
            return
        request = self._db.atomically(trunk_tests.take)
        if request is None:
            return
        trunk_id = request["trunk_id"]
        trunk = next((t for t in known if t["id"] == trunk_id), None)
        if trunk is None:  # made a moment ago, or removed
            trunk = self._db.atomically(lambda tx: trunks.by_id(tx, trunk_id))
        if trunk is not None:
            arguments = (request["id"], trunk)
            self._running = threading.Thread(
                target=self._try_out, args=arguments, name="trunk test", daemon=True
            )
            self._running.start()

    def _outcome(self, trunk: Row) -> tuple[bool, list[tuple[str, str]]]:
        """Whether it works, and the steps; a port that we hold is not opened twice."""
        if trunk["kind"] in registry.HELD_BY_ONE:
            steps = self._opened_with(trunk["id"])
            if steps:
                return True, [*steps, ("session_open", "")]
        return registry.try_out(self._settings_of(trunk))

    def _try_out(self, test_id: int, trunk: Row) -> None:
        passed, steps = False, [("test_failed", "")]  # a fault leaves it so
        try:
            passed, steps = self._outcome(trunk)
        except ConfigError as error:
            steps = [("settings_wrong", str(error))]
        except StoreError as error:
            log.warning("the test of %s ended: %s", trunk["name"], error)
            steps = [("database_away", "")]
        finally:
            self._finish(test_id, passed, steps)

    def _finish(
        self, test_id: int, passed: bool, steps: Sequence[tuple[str, str]]
    ) -> None:
        try:
            self._db.atomically(
                lambda tx: trunk_tests.finish(tx, test_id, passed, steps)
            )
        except StoreError as error:
            log.warning("the test's result could not be stored: %s", error)
        finally:
            self._db.close()
