"""Disks run full: the database's, and that of the log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.engine.world import wait_until
from tests.faults import rows_database
from tests.faults.ground import DISK_MB, small_disk, why_no_disk
from tests.faults.processes import FaultyService
from tests.faults.run import Run, Scenario

RUN_S = 60.0
FULL = Path("/dev/full")  # every write to it: no space left on device


def database_full(run: Run) -> None:
    """A real disk without one free block, for some seconds in mid-campaign."""
    smsc = rows_database.begin(run)
    ballast = run.place.server.directory.parent / "ballast"
    fill(ballast)
    time.sleep(run.draw("full for", 1.0, 5.0))
    run.note("went out meanwhile", smsc.arrived())
    ballast.unlink()
    if run.place.server.pid is None:  # InnoDB now and then gives up on a full disk
        run.note("the server ended itself", 1)
        run.place.server.start()
    rows_database.resume(run, smsc)


def fill(file: Path) -> None:
    """Takes every free block."""
    block = b"\0" * 65536
    with file.open("wb", buffering=0) as ballast:
        try:
            while True:
                ballast.write(block)
        except OSError:
            block = b""
    assert os.statvfs(file.parent).f_bfree < 16


def log_full(run: Run) -> None:
    """No line of the log can be written from the start; sending goes on."""
    smsc = run.operator(answer_delay_s=[0.0, 0.02])
    run.trunk(smsc)
    run.load()
    run.open.enter_context(FaultyService(run.config, log=FULL))
    run.finish(RUN_S)


def log_disk_full(run: Run) -> None:
    """A daemon's log fills its disk and has room again later; or somebody, as
    people do, deletes the log to make room, while it is full."""
    smsc = run.operator(answer_delay_s=[0.0, 0.02])
    run.trunk(smsc)
    run.load()
    disk = run.open.enter_context(small_disk(1))
    ballast = disk / "ballast"
    run.config.log_dir.symlink_to(disk)
    command = ["massivesms", "--config", str(run.config.file), "service"]
    fill(ballast)
    control(command, "start")
    run.open.callback(control, command, "stop")
    smsc.wait_for(run.draw("deleted or freed after", 1, run.size // 2), RUN_S)
    if run.choose("log deleted while full", [True, False]):
        for log in disk.glob("massivesms-*.log"):
            log.unlink()
    run.trunk(smsc, "two")
    run.finish(RUN_S)
    ballast.unlink()
    run.trunk(smsc, "three")
    wait_until(
        lambda: any(
            "three is ready" in log.read_text() for log in disk.glob("massivesms-*.log")
        ),
        30,
    )


def control(command: list[str], verb: str) -> None:
    """massivesms service start|stop, of this virtual environment."""
    program = Path(sys.executable).with_name(command[0])
    subprocess.run(
        [str(program), *command[1:], verb],
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
    )


ROWS = [
    Scenario(
        "disk-full", "disk of the database full", database_full, 10, 2000,
        reduced=400, hurts=True,
        disk_mb=DISK_MB, lacks=why_no_disk,
    ),
    Scenario(
        "db-says-full", "1114 and 1021, table and disk full",
        rows_database.error(1114, 1021), 10, 1000,
    ),
    Scenario("log-full", "disk of the log full", log_full, 10, 1000, may_doubt=0),
    Scenario(
        "log-disk-full", "disk of the log full, log deleted", log_disk_full, 10, 1000,
        may_doubt=0, lacks=why_no_disk,
    ),
]  # fmt: skip
