"""Reads what Linux knows of a process and of those that it has started."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from scripts.demonstration.place import DemoFailed

LOOK_S = 0.01
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1e6


@dataclass(frozen=True, slots=True)
class Sample:
    """One look: memory in use now, processor time since its start."""

    at_s: float  # monotonic
    rss_mb: float
    cpu_s: float


def sample(pid: int) -> Sample:
    """Of a process with its children; memory that they share is counted twice."""
    pids = family(pid)
    rss_mb = sum(_rss_mb(one) for one in pids)
    return Sample(time.monotonic(), rss_mb, sum(_cpu_s(one) for one in pids))


def family(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for one in found:
        for tasks in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += map(int, tasks.read_text().split())
            except OSError:
                continue
    return found


def peak_mb(pid: int) -> float:
    """The most memory that one process has had; 0 when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    for line in status.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def watched(
    process: subprocess.Popen[bytes], *, family: bool = False
) -> tuple[float, float]:
    """Seconds until a process has ended, and the most memory that it has had.

    With `family` that of the processes below it counts too. Raises DemoFailed when it
    ends with an error.
    """
    began_s, most_mb = time.monotonic(), 0.0
    while process.poll() is None:
        now_mb = sample(process.pid).rss_mb if family else 0.0
        most_mb = max(most_mb, peak_mb(process.pid), now_mb)
        try:
            process.wait(LOOK_S)
        except subprocess.TimeoutExpired:
            continue
    if process.returncode:
        raise DemoFailed(f"{process.args!r} ended with {process.returncode}")
    return time.monotonic() - began_s, most_mb


def _rss_mb(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_MB
    except OSError:
        return 0.0


def _cpu_s(pid: int) -> float:
    """User and system, all threads, and children that have ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) * TICK_S
