"""Modems: what twenty of them cost in one service, idle and sending.

They are simulated on pseudo-terminals, in a process of their own, and their networks
take each message at once; a real one takes seconds, so that the rate shows only how
much room is left.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.benchmark import processes
from scripts.benchmark.drain import CAMPAIGN, RESUME, make_campaign, make_list, must_be
from scripts.benchmark.house import (
    House,
    Installation,
    Running,
    value,
    wait_until,
)
from scripts.benchmark.processes import Sample
from scripts.demonstration.place import DemoFailed

MODEMS = 20
MAKES = ("huawei", "zte", "simcom")
SETTLE_S = 5.0  # what opening still does
SLOWEST_PER_S = 5
LOOK_S = 0.5
DELIVERED = """
SELECT SUM(messages) FROM campaign_count
WHERE campaign_id = %s AND state = 'delivered'"""


def measure(house: House, seconds: float, messages: int) -> dict[str, Any]:
    """`modems` as it stands in the JSON."""
    installation = house.installation("modems")
    log = installation.directory / "modems.log"
    with _simulated(installation, log) as ports:
        for n, port in enumerate(ports, start=1):
            installation.command(
                *("trunk", "add", f"modem {n}", "--type", "modem"),
                *("--set", f"port={port}", "--append-country-code"),
            )
        make_list(installation, "recipients", messages)
        make_campaign(installation, "modems", "recipients")
        with installation.running() as service:
            installation.wait_for_trunks(service)
            idle = _idle(service, seconds)
            sending = _send(installation, service, messages)
    return {"modems": {"modems": _judge(log, messages), **idle, **sending}}


@contextmanager
def _simulated(installation: Installation, log: Path) -> Iterator[list[str]]:
    """The modems' process; their ports."""
    makes = [MAKES[n % len(MAKES)] for n in range(MODEMS)]
    command = [sys.executable, "-m", "tests.fakes.modem", *makes, "--log", str(log)]
    said = installation.directory / "log" / "simulated.log"
    with _ended(installation.start("simulated", command)) as running:
        until_s = time.monotonic() + 30
        while "ready\n" not in said.read_text(encoding="utf-8"):
            if running.poll() is not None or time.monotonic() > until_s:
                raise DemoFailed(f"the modems said: {said.read_text()}")
            time.sleep(LOOK_S)
        yield [line.split()[1] for line in said.read_text().splitlines()[:-1]]


@contextmanager
def _ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _idle(service: Running, seconds: float) -> dict[str, float]:
    time.sleep(SETTLE_S)
    before = processes.sample(service.pid)
    time.sleep(seconds)
    service.must_run()
    after = processes.sample(service.pid)
    took_s = after.at_s - before.at_s
    return {
        "seconds": took_s,
        "cpu_percent_of_a_core": (after.cpu_s - before.cpu_s) / took_s * 100,
        "rss_mb": after.rss_mb,
    }


def _send(
    installation: Installation, service: Running, messages: int
) -> dict[str, float]:
    """Resumes the campaign and watches it until every receipt is booked."""
    samples: list[Sample] = [processes.sample(service.pid)]
    with installation.connect() as db:
        campaign_id = value(db, CAMPAIGN, "modems")
        value(db, RESUME, campaign_id)
        began_s = time.monotonic()

        def is_done() -> bool:
            samples.append(processes.sample(service.pid))
            return int(value(db, DELIVERED, campaign_id) or 0) >= messages

        wait_until(service, is_done, 60 + messages / SLOWEST_PER_S, LOOK_S)
        wall_s = time.monotonic() - began_s
    return {
        "messages": messages,
        "per_second": messages / wall_s,
        "cpu_ms_per_message": (samples[-1].cpu_s - samples[0].cpu_s) / messages * 1e3,
        "rss_mb_max": max(one.rss_mb for one in samples),
    }


def _judge(log: Path, messages: int) -> int:
    """How many modems have sent. Raises DemoFailed if anything was lost or doubled."""
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    must_be(messages, "the modems'", len(lines))
    must_be(messages, "the modems' numbers", len({one["number"] for one in lines}))
    return len({one["modem"] for one in lines})
