"""Pacing: trunks with speed limits, and when their segments come to the SMSC.

All trunks send at the same time, each to an SMSC of its own, from one service. The
minute begins with the first arrival, so what a full bucket lets out at the start
is in it. A sliding second is every second that begins with an arrival.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from scripts.benchmark.drain import make_campaign, make_list
from scripts.benchmark.house import House, Installation, value, wait_until
from scripts.benchmark.peer import Peer
from scripts.benchmark.texts import LONG_TEXT, TEXT
from scripts.demonstration.place import DemoFailed

SECOND_NS = 1_000_000_000
MORE_S = 4  # longer than what is looked at
START_WAIT_S = 30.0
RESUME_ALL = "UPDATE campaign SET paused = 0, open = 1 WHERE name LIKE 'pace %%'"


@dataclass(frozen=True, slots=True)
class Trunk:
    """One limit, and how long the messages are that go through it."""

    rate_per_s: int
    segments: int

    @property
    def name(self) -> str:
        """Also the key in the JSON."""
        return f"{self.rate_per_s}_per_s_{self.segments}_segment"


TRUNKS = tuple(Trunk(rate, segments) for segments in (1, 2) for rate in (50, 500))
Reads = Sequence[tuple[int, int]]  # ns, segments that came then


def measure(house: House, seconds: int) -> dict[str, Any]:
    """`pacing` as it stands in the JSON."""
    installation = house.installation("pacing")
    most = max(trunk.rate_per_s for trunk in TRUNKS)
    make_list(installation, "recipients", most * (seconds + 2 * MORE_S))
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer()) for _ in TRUNKS]
        for trunk, peer in zip(TRUNKS, peers, strict=True):
            rate = str(trunk.rate_per_s)
            installation.add_trunk(trunk.name, peer.port, "--rate", rate)
            text = TEXT if trunk.segments == 1 else LONG_TEXT
            name = f"pace {trunk.name}"
            only = ("--trunk", trunk.name)
            make_campaign(installation, name, "recipients", *only, text=text)
        arrivals = _send(installation, peers, seconds)
    found = {
        trunk.name: judge(reads, trunk.rate_per_s, seconds)
        for trunk, reads in zip(TRUNKS, arrivals, strict=True)
    }
    percents = [one["percent_of_allowance"] for one in found.values()]
    return {
        "pacing": {
            "seconds": seconds,
            "percent_of_allowance_lowest": min(percents),
            "percent_of_allowance_highest": max(percents),
            "most_over_in_a_second": max(
                one["most_over_in_a_second"] for one in found.values()
            ),
            "trunks": found,
        }
    }


def _send(
    installation: Installation, peers: Sequence[Peer], seconds: int
) -> list[Reads]:
    """What came to each SMSC until a little after every minute is over."""
    reads: list[list[tuple[int, int]]] = [[] for _ in peers]
    with installation.connect() as db, installation.running() as service:
        installation.wait_for_trunks(service)
        value(db, RESUME_ALL)

        def is_over() -> bool:
            for came, peer in zip(reads, peers, strict=True):
                came.extend(peer.arrived().reads)
            return all(
                came and came[-1][0] - came[0][0] > (seconds + MORE_S) * SECOND_NS
                for came in reads
            )

        wait_until(service, is_over, START_WAIT_S + seconds * 2, look_s=1.0)
    return list(reads)


def judge(reads: Reads, rate_per_s: int, seconds: int) -> dict[str, Any]:
    """Segments of the first `seconds`, and the worst sliding second of all."""
    if not reads:
        raise DemoFailed("nothing came")
    end_ns = reads[0][0] + seconds * SECOND_NS
    segments = sum(n for ns, n in reads if ns < end_ns)
    return {
        "rate_per_s": rate_per_s,
        "segments": segments,
        "percent_of_allowance": segments / (rate_per_s * seconds) * 100,
        "most_over_in_a_second": fullest_second(reads) - rate_per_s,
    }


def fullest_second(reads: Reads) -> int:
    """The most segments in any second, its end not included."""
    most = inside = first = 0
    for ns, n in reads:
        inside += n
        while reads[first][0] <= ns - SECOND_NS:
            inside -= reads[first][1]
            first += 1
        most = max(most, inside)
    return most
