"""The thread of a web worker that carries out loads and exports in the background.

Lists can be made while the service is stopped, so it is the web that makes them.
Each worker has one such thread; the database sees to it that each load has one.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Mapping

from massivesms import background
from massivesms.config import Config
from massivesms.errors import StoreError, WrongSchema
from massivesms.export import jobs as exports
from massivesms.intake import calls, wizard
from massivesms.intake import jobs as loads
from massivesms.store import load_jobs, migrations
from massivesms.store.db import Database
from massivesms.vault import NumberHash

log = logging.getLogger(__name__)

POLL_S = 2.0
TIDY_S = 600.0
END_WAIT_S = 20.0  # gunicorn gives a worker thirty


def carriers(config: Config) -> Mapping[str, background.Carrier]:
    """What carries out each kind of job."""
    return {
        calls.KIND: lambda job: loads.carry_out(job, config),
        load_jobs.EXPORT: lambda job: exports.carry_out(job, config),
        load_jobs.WIZARD_CHECK: lambda job: wizard.carry_out_check(job, config),
        load_jobs.WIZARD_LOAD: lambda job: wizard.carry_out_load(job, config),
    }


class JobRunner(threading.Thread):
    """Takes loads one at a time, until `stop`; `wanted` is set when there is one."""

    def __init__(self, config: Config, wanted: threading.Event) -> None:
        super().__init__(name="loads", daemon=True)
        self._config = config
        self._wanted = wanted
        self._stopping = threading.Event()
        self._owner = secrets.token_hex(16)
        self._tidy_at_s = 0.0
        self._is_checked = False  # whether the tables are this version's

    def run(self) -> None:
        """Until `stop`; a fault in a load does not end the thread."""
        hash_of = NumberHash(self._config.secret_key)
        db = Database(self._config.database, hash_of=hash_of)
        while not self._stopping.is_set():
            if not self._do_something(db):
                self._wanted.wait(POLL_S)
                self._wanted.clear()
        db.close()

    def stop(self) -> None:
        """Ends in order: a load that runs is given back, for whoever comes next."""
        self._stopping.set()
        self._wanted.set()
        self.join(END_WAIT_S)

    def _do_something(self, db: Database) -> bool:
        """Carries out a load, or tidies up; False when there is nothing more to do."""
        try:
            if not self._is_checked:
                migrations.check(db)
                self._is_checked = True
            found = background.run_next(
                db, self._owner, self._stopping, carriers(self._config)
            )
            if found or time.monotonic() >= self._tidy_at_s:
                self._tidy_at_s = time.monotonic() + TIDY_S
                loads.tidy(db)
                exports.tidy(db, self._config)
                wizard.tidy(db, self._config)
            return found
        except (StoreError, WrongSchema) as error:
            log.warning("loads wait for the database: %s", error)
        except Exception:  # its heartbeat stops, and it is tried again
            log.exception("a load broke off")
        return False
