"""Claims of one campaign while something large is loaded into others.

As the service claims: candidates that nobody else is about to take, made ours, counted,
committed. What a load holds up is seen in how long the longest of them took.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from massivesms.errors import MassiveSmsError
from massivesms.store import claims
from massivesms.store.db import Transaction
from scripts.benchmark.drain import make_campaign, make_list
from scripts.benchmark.house import Installation, value
from scripts.demonstration.place import DemoFailed

NAME = "claimed"
AT_ONCE = 5
EVERY_S = 0.05
TRUNK_ID, TOKEN = 1, 1
CAMPAIGN = "SELECT id FROM campaign WHERE name = %s"
RESUME = "UPDATE campaign SET paused = 0 WHERE id = %s"


def prepare(installation: Installation, messages: int) -> int:
    """A campaign that is claimed from; its id."""
    make_list(installation, NAME, messages)
    make_campaign(installation, NAME, NAME)
    with installation.connect() as db:
        campaign_id = int(value(db, CAMPAIGN, NAME))
        value(db, RESUME, campaign_id)
    return campaign_id


class Waits:
    """How long each claim took."""

    def __init__(self) -> None:
        self.times_s: list[float] = []

    @property
    def longest_ms(self) -> float:
        """Raises DemoFailed when there was no claim at all."""
        if not self.times_s:
            raise DemoFailed("nothing was claimed meanwhile")
        return max(self.times_s) * 1000


@contextmanager
def claiming(installation: Installation, campaign_id: int) -> Iterator[Waits]:
    """Claims in a thread until the end of the block."""
    waits, ended = Waits(), threading.Event()
    failures: list[Exception] = []

    def work() -> None:
        db = installation.database()
        try:
            while not ended.wait(EVERY_S):
                began_s = time.monotonic()
                db.atomically(lambda tx: _claim(tx, campaign_id))
                waits.times_s.append(time.monotonic() - began_s)
        except (DemoFailed, MassiveSmsError) as error:
            failures.append(error)
        finally:
            db.close()

    thread = threading.Thread(target=work, name="claims")
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()
    if failures:
        raise DemoFailed(f"claims ended: {failures[0]}")


def _claim(tx: Transaction, campaign_id: int) -> None:
    if claims.claimable(tx, campaign_id) is None:
        raise DemoFailed("the campaign is not claimable")
    found = claims.candidates(tx, campaign_id, 0, AT_ONCE, skip=True)
    if not claims.claim(tx, found, TRUNK_ID, TOKEN):
        raise DemoFailed("the campaign has no message left to claim")
