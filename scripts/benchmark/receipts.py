"""Receipts: how quickly they are booked, after a drain and while one goes on.

After: the SMSC holds the receipts of a whole campaign back and then gives them as
quickly as they are answered. Meanwhile: it gives each with its answer, and the clock
runs until the last message is delivered. Both are held against the drain of the same
run. A receipt counts when it is in campaign_count.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from scripts.benchmark import processes
from scripts.benchmark.drain import (
    CAMPAIGN,
    LEFT,
    LOOK_S,
    RESUME,
    SLOWEST_PER_S,
    TRUNK,
    make_campaign,
    make_list,
    must_be,
)
from scripts.benchmark.house import House, Installation, Running, value, wait_until
from scripts.benchmark.peer import Peer

DELIVERED = """
SELECT SUM(messages) FROM campaign_count
WHERE campaign_id = %s AND state = 'delivered'"""
REALLY = "SELECT COUNT(*) FROM message WHERE campaign_id = %s AND state = 'delivered'"
KEPT = "SELECT COUNT(*) FROM receipt"


@dataclass(frozen=True, slots=True)
class Booked:
    """One run: a drain, its receipts, and a drain with its receipts at once."""

    messages: int
    drain_per_second: float
    per_second: float
    ratio: float
    cpu_us_per_receipt: float
    meanwhile_per_second: float
    meanwhile_ratio: float


def measure(house: House, messages: int, runs: int) -> dict[str, Any]:
    """`receipts` as it stands in the JSON."""
    installation = house.installation("receipts")
    make_list(installation, "recipients", messages)
    with Peer() as peer:
        installation.add_trunk(TRUNK, peer.port, "--set", "receipts=yes")
        every = [_run(installation, peer, run, messages) for run in range(runs)]
    rows = [asdict(one) for one in every]
    medians = {key: median(row[key] for row in rows) for key in rows[0]}
    return {"receipts": {**medians, "runs": rows}}


def _run(installation: Installation, peer: Peer, run: int, messages: int) -> Booked:
    names = f"receipts {run}", f"receipts at once {run}"
    for name in names:
        make_campaign(installation, name, "recipients")
    with installation.running() as service:
        installation.wait_for_trunks(service)
        look = _Look(installation, service, messages)
        peer.tell("hold")
        drain_s = look.seconds(LEFT, names[0], 0, resume=True)
        before = processes.sample(service.pid)
        peer.tell("give")
        after_s = look.seconds(DELIVERED, names[0], messages)
        cpu_s = processes.sample(service.pid).cpu_s - before.cpu_s
        peer.tell("at once")
        meanwhile_s = look.seconds(DELIVERED, names[1], messages, resume=True)
    for name in names:
        look.must_be_delivered(name)
    return Booked(
        messages=messages,
        drain_per_second=messages / drain_s,
        per_second=messages / after_s,
        ratio=drain_s / after_s,
        cpu_us_per_receipt=cpu_s / messages * 1e6,
        meanwhile_per_second=messages / meanwhile_s,
        meanwhile_ratio=drain_s / meanwhile_s,
    )


class _Look:
    """Watches campaigns of one run."""

    def __init__(
        self, installation: Installation, service: Running, messages: int
    ) -> None:
        self._db = installation.connect()
        self._service = service
        self._messages = messages

    def seconds(
        self, sql: str, name: str, wanted: int, *, resume: bool = False
    ) -> float:
        """Until a campaign's figure is that one; it is resumed first when so asked."""
        campaign_id = value(self._db, CAMPAIGN, name)
        if resume:
            value(self._db, RESUME, campaign_id)
        began_s = time.monotonic()

        def is_done() -> bool:
            found = value(self._db, sql, campaign_id)
            return found is not None and int(found) == wanted

        limit_s = 60 + self._messages / SLOWEST_PER_S
        wait_until(self._service, is_done, limit_s, LOOK_S)
        return time.monotonic() - began_s

    def must_be_delivered(self, name: str) -> None:
        """A figure of a run that lost a receipt is no figure."""
        campaign_id = value(self._db, CAMPAIGN, name)
        found = value(self._db, REALLY, campaign_id)
        must_be(self._messages, "delivered in message", found)
        must_be(0, "receipts without a message", value(self._db, KEPT))
