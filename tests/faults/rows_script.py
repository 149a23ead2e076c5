"""Trunk scripts that hang, leave children, print without end, or are killed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from tests.engine.world import wait_until
from tests.fakes.smsc import Received
from tests.faults.run import Run, Scenario

RUN_S = 60.0
MEMORY_MB = 50
TIMEOUT_S = 1
CONCURRENCY = 4
#: Writes down what it was given, as an operator does, then misbehaves at numbers
#: that end in 3.
SCRIPT = """#!/bin/sh
printf '%s\\t%s\\n' "$2" "$3" >>{log}
case $2 in *3)
    {deed}
    ;;
esac
echo "0;OK;0;0"
"""
HANG = "trap '' TERM; sleep 600 & echo $! >>{pids}; wait; wait; sleep 600"
FORK = "sleep 600 & echo $! >>{pids}; setsid sleep 600 & echo $! >>{pids}"
PRINT = 'echo "0;OK;0;0"; head -c {octets} /dev/zero | tr "\\0" x; exit 0'
KILL = "kill -9 $$"
MB = 1024 * 1024


def script(deed: str, doubted: bool | None) -> Callable[[Run], None]:
    """`doubted`: whether misbehaving leaves messages in doubt; None = as it may."""

    def play(run: Run) -> None:
        log, pids = run.directory / "script.log", run.directory / "pids"
        octets = (1024 if run.full else 128) * MB
        values = {"log": log, "pids": pids, "octets": octets}
        file = run.directory / "scripts" / "send"
        file.write_text(SCRIPT.format(log=log, deed=deed.format(**values)))
        file.chmod(0o755)
        long_s = 60 if deed is PRINT else TIMEOUT_S
        settings = {
            "script": "send",
            "timeout_s": str(long_s),
            "concurrency": str(CONCURRENCY),
        }
        run.world.trunk("script", None, values=settings)
        run.load()
        service = run.service()
        wait_until(lambda: "is ready" in service.said(), 30, service.said)
        before_mb = memory_mb(service.process.pid, "VmRSS")
        try:
            run.finish(RUN_S)
            used_mb = memory_mb(service.process.pid, "VmHWM") - before_mb
            run.received_otherwise = read_script_log(log)
            check_doubts(run, doubted)
            assert used_mb <= MEMORY_MB, f"{used_mb} MB more than at the start"
            left = [pid for pid in started(pids) if is_alive(pid)]
            assert not left or deed is FORK, f"left running: {left}"
        finally:
            for pid in started(pids):
                with suppress(ProcessLookupError):
                    os.kill(pid, 9)

    return play


def check_doubts(run: Run, doubted: bool | None) -> None:
    """Exactly those whose script misbehaved are in doubt, or none."""
    if doubted is None:
        return
    found = {row["number"] for row in run.rows() if row["state"] == "in_doubt"}
    bad = {one.number for one in run.imported if one.number.endswith("3")}
    assert found == (bad if doubted else set()), f"in doubt: {sorted(found)}"


def read_script_log(log: Path) -> list[Received]:
    """What the script was given, as the handsets would show it."""
    lines = log.read_text("utf-8").splitlines()
    found = [line.split("\t", 1) for line in lines]
    return [Received(number, "", text, 0, 1, 1, 0.0) for number, text in found]


def memory_mb(pid: int, which: str) -> int:
    """VmRSS (now) or VmHWM (the most so far) of a process."""
    match = re.search(rf"{which}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert match, which
    return int(match[1]) // 1024


def started(pids: Path) -> list[int]:
    """Children that scripts have written down."""
    return [int(line) for line in pids.read_text().split()] if pids.exists() else []


def is_alive(pid: int) -> bool:
    """Runs, and is no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


ROWS = [
    Scenario(
        "script-hangs", "script hangs, deaf to TERM", script(HANG, True), 50, 40,
        reduced=20, may_doubt=None,
    ),
    Scenario(
        "script-forks", "script leaves children behind", script(FORK, None), 50, 40,
        reduced=20, may_doubt=None,
    ),
    Scenario(
        "script-prints", "script prints 1 GB", script(PRINT, False), 50, 10,
        reduced=10, may_doubt=0,
    ),
    Scenario(
        "script-killed", "script is killed", script(KILL, True), 50, 100,
        reduced=60, may_doubt=None,
    ),
]  # fmt: skip
