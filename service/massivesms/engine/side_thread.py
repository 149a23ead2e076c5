"""A thread that does something beside sending: looks, waits a little, looks again."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod

from ..config import Config
from ..errors import MassiveSmsError
from ..store.db import Database

log = logging.getLogger(__name__)


class SideThread(threading.Thread, ABC):
    """Works until told to end; a database that is away is waited for, and said once."""

    look_s = 2.0
    away_wait_s = 10.0
    waits = "%s"  # what is said in the log while nothing can be done

    def __init__(self, name: str, config: Config) -> None:
        super().__init__(name=name, daemon=True)
        self._db = Database(config.database, for_service=True)
        self._ending = threading.Event()
        self._is_away = False

    def end(self) -> None:
        """Ends after what is at hand."""
        self._ending.set()

    def run(self) -> None:
        """Looks until told to end."""
        wait_s = self.look_s
        while not self._ending.wait(wait_s):
            wait_s = self.look_s
            try:
                self.look()
                self._is_away = False
            except MassiveSmsError as error:
                if not self._is_away:
                    log.warning(self.waits, error)
                self._is_away = True
                wait_s = self.away_wait_s
        self.close()

    @abstractmethod
    def look(self) -> None:
        """Does what is due now."""

    def close(self) -> None:
        """Lets go of what it holds, at its end."""
        self._db.close()
