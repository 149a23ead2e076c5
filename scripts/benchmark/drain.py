"""Drain: a paused campaign is resumed, and the clock runs until all is settled.

The time is by the wall clock, from the commit that resumes the campaign until
campaign_count has nothing queued or submitting, so it includes what the service
needs to see that there is work. Straight line and service take turns.
"""

from __future__ import annotations

import csv
import time
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from scripts.benchmark import processes, straight
from scripts.benchmark.house import House, Installation, value, wait_until
from scripts.benchmark.peer import Peer
from scripts.benchmark.processes import Sample
from scripts.benchmark.texts import TEXT
from scripts.demonstration.place import DemoFailed

MEMORY_MESSAGES = 1_000_000
LOOK_S = 0.02
SAMPLE_S = 0.1
SLOWEST_PER_S = 200  # below this rate it is given up
TRUNK = "bench"

RESUME = "UPDATE campaign SET paused = 0, open = 1 WHERE id = %s AND paused = 1"
CAMPAIGN = "SELECT id FROM campaign WHERE name = %s"
LEFT = """
SELECT SUM(messages) FROM campaign_count
WHERE campaign_id = %s AND state IN ('queued', 'submitting')"""
SUBMITTED = (
    "SELECT COUNT(*) FROM message WHERE campaign_id = %s AND state = 'submitted'"
)
COUNTED = """
SELECT SUM(messages) FROM campaign_count
WHERE campaign_id = %s AND state = 'submitted'"""


@dataclass(frozen=True, slots=True)
class Drained:
    """One drain by the service."""

    messages: int
    wall_s: float
    per_second: float
    cpu_us_per_message: float
    rss_mb_start: float
    rss_mb_at_10_percent: float
    rss_mb_end: float
    rss_mb_max: float
    smsc_cpu_us_per_message: float


def measure(house: House, messages: int, runs: int, memory: bool) -> dict[str, Any]:
    """`drain`, and `memory` when asked for, as they stand in the JSON."""
    installation = house.installation("drain")
    make_list(installation, "recipients", messages)
    both = []
    with Peer() as peer:
        installation.add_trunk(TRUNK, peer.port)
        for run in range(1, runs + 1):
            line = straight.run(house.server.connect_args, peer.port, messages)
            came = peer.arrived()
            must_be(messages, "the straight line's", came.submissions)
            name = f"drain {run}"
            make_campaign(installation, name, "recipients")
            drained = drain(installation, peer, name, messages)
            both.append((line, came.cpu_us_per_message, drained))
        result = {"drain": _summary(both)}
        if memory and messages < MEMORY_MESSAGES:
            make_list(installation, "many", MEMORY_MESSAGES)
            make_campaign(installation, "memory", "many")
            drained = drain(installation, peer, "memory", MEMORY_MESSAGES)
        if memory:
            result["memory"] = _memory(drained)
    return result


def drain(installation: Installation, peer: Peer, name: str, messages: int) -> Drained:
    """Resumes a campaign and watches it to its end; every message is accounted for."""
    samples: list[tuple[float, Sample]] = []  # share settled, sample
    with installation.connect() as db, installation.running() as service:
        installation.wait_for_trunks(service)
        campaign_id = value(db, CAMPAIGN, name)
        peer.arrived()
        samples.append((0.0, processes.sample(service.pid)))
        value(db, RESUME, campaign_id)
        began_s = time.monotonic()

        def is_done() -> bool:
            left = int(value(db, LEFT, campaign_id) or 0)
            if time.monotonic() - samples[-1][1].at_s > SAMPLE_S:
                samples.append((1 - left / messages, processes.sample(service.pid)))
            return left <= 0

        wait_until(service, is_done, 60 + messages / SLOWEST_PER_S, LOOK_S)
        wall_s = time.monotonic() - began_s
        samples.append((1.0, processes.sample(service.pid)))
        came = peer.arrived()
    with installation.connect() as db:
        must_be(messages, "submitted in message", value(db, SUBMITTED, campaign_id))
        must_be(messages, "in campaign_count", value(db, COUNTED, campaign_id))
    must_be(messages, "the SMSC's", came.submissions)
    return _drained(messages, wall_s, samples, came.cpu_us_per_message)


def _drained(
    messages: int, wall_s: float, samples: list[tuple[float, Sample]], smsc_us: float
) -> Drained:
    first, last = samples[0][1], samples[-1][1]
    return Drained(
        messages=messages,
        wall_s=wall_s,
        per_second=messages / wall_s,
        cpu_us_per_message=(last.cpu_s - first.cpu_s) / messages * 1e6,
        rss_mb_start=first.rss_mb,
        rss_mb_at_10_percent=next(s.rss_mb for share, s in samples if share >= 0.1),
        rss_mb_end=last.rss_mb,
        rss_mb_max=max(s.rss_mb for _, s in samples),
        smsc_cpu_us_per_message=smsc_us,
    )


def make_list(installation: Installation, name: str, numbers: int) -> None:
    """A list of that many different numbers, loaded as a person would."""
    file = installation.directory / "numbers.csv"
    with file.open("w", encoding="ascii", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["number"])
        writer.writerows([f"+346{n:08}"] for n in range(numbers))
    installation.command("list", "create", name, "--csv", str(file), "--again")
    file.unlink()


def make_campaign(
    installation: Installation, name: str, list_name: str, *more: str, text: str = TEXT
) -> None:
    """A paused campaign to a list."""
    installation.command(
        *("campaign", "create", name, "--message", text, "--list", list_name, *more)
    )


def must_be(wanted: int, where: str, found: object) -> None:
    """A figure of a run that lost or doubled something is no figure."""
    if found is None or int(str(found)) != wanted:
        raise DemoFailed(f"{wanted} messages expected, but {where} are {found}")


def _summary(both: list[tuple[straight.Straight, float, Drained]]) -> dict[str, Any]:
    runs = [
        {
            "ratio": drained.per_second / line.per_second,
            "straight_per_second": line.per_second,
            "straight_cpu_us_per_message": line.cpu_s / line.messages * 1e6,
            "straight_smsc_cpu_us_per_message": smsc_us,
            **asdict(drained),
        }
        for line, smsc_us, drained in both
    ]
    medians = {key: median(run[key] for run in runs) for key in runs[0]}
    return {**medians, "runs": runs}


def _memory(drained: Drained) -> dict[str, Any]:
    change = drained.rss_mb_end / drained.rss_mb_at_10_percent - 1
    return {**asdict(drained), "rss_change_percent": change * 100}
