"""Says of a run that somebody carries it out, or another service takes it up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import StoreError
from ..store import source_runs
from ..store.db import Database

log = logging.getLogger(__name__)

BEAT_S = 20.0


@contextmanager
def beating(db: Database, run_id: int, owner: str) -> Iterator[None]:
    """Keeps a run ours by a thread of its own, for who has no other that looks."""
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_S):
            try:
                db.atomically(lambda tx: source_runs.beat(tx, run_id, owner))
            except StoreError as error:
                log.warning("no heartbeat of run %d: %s", run_id, error)
        db.close()

    thread = threading.Thread(target=beat, name="source heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
