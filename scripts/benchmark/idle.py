"""Idle: what the service costs while trunks are bound and nothing is to be sent."""

from __future__ import annotations

import time
from typing import Any

from scripts.benchmark import processes
from scripts.benchmark.house import House
from scripts.benchmark.peer import Peer

TRUNKS = 20
SETTLE_S = 5.0  # what binding still does


def measure(house: House, seconds: float) -> dict[str, Any]:
    """`idle` as it stands in the JSON."""
    installation = house.installation("idle")
    with Peer() as peer:
        for n in range(1, TRUNKS + 1):
            installation.add_trunk(f"trunk {n}", peer.port)
        with installation.running() as service:
            installation.wait_for_trunks(service)
            time.sleep(SETTLE_S)
            before = processes.sample(service.pid)
            time.sleep(seconds)
            service.must_run()
            after = processes.sample(service.pid)
    took_s = after.at_s - before.at_s
    return {
        "idle": {
            "trunks": TRUNKS,
            "seconds": took_s,
            "cpu_percent_of_a_core": (after.cpu_s - before.cpu_s) / took_s * 100,
            "rss_mb": after.rss_mb,
        }
    }
