"""What holds for both packages on their way through a system's life.

A package's own room says how it is installed, upgraded and taken away.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.installing.house import SERVICES, House
from tests.installing.steps import must

NEXT = "massivesms setup"
AWAY = "THE DATABASE COULD NOT BE BROUGHT UP TO DATE"


def must_have_no_network() -> None:
    """Only the loopback: what is installed came with the package."""
    said = subprocess.run(
        ["ip", "-oneline", "link"], capture_output=True, text=True, check=True
    )
    must(said.stdout.count("\n") == 1, f"there is a network: {said.stdout}")


def look_at_installation(house: House, said: str) -> None:
    """It says what is next, starts nothing, and leaves the PBX's Python alone."""
    must(NEXT in said, f"the installation does not name `{NEXT}`:\n{said}")
    must(not house.pids(), "something was started without a configuration")
    house.root.run("massivesms", "--version")
    house.root.run("/usr/bin/python3.11", "-c", "import flask", status=1)
    folder = house.root.at("/etc/massivesms").stat()
    group = int(house.root.run("id", "-g", house.user()))
    must((folder.st_mode & 0o7777, folder.st_gid) == (0o750, group), "/etc/massivesms")


def look_at_logrotate(house: House) -> None:
    """logrotate takes the file as it is."""
    file = house.root.at("/etc/logrotate.d/massivesms")
    must(file.stat().st_mode & 0o777 == 0o644, "the mode is not 0644")
    said = house.root.run("logrotate", "--debug", "/etc/logrotate.d/massivesms")
    must("error" not in said, said)


def upgrade(house: House, install: str, version: str) -> None:
    """New files, the same data, and both run again as new processes."""
    before, count = house.pids(), house.count()
    must(count > 0, "there is no message to keep")
    said = house.root.shell(install)
    must(version in house.root.shell("cat /packages/version"), f"it is not {version}")
    house.must_run()
    old = before & house.pids()
    must(not old, f"processes {old} of the old version still run:\n{said}")
    must(house.count() == count, "messages are lost")


def upgrade_what_is_stopped(house: House, install: str) -> None:
    """Who has stopped it finds it stopped."""
    for name in SERVICES:
        house.root.run("service", name, "stop")
    house.root.shell(install)
    house.must_be_stopped()
    house.start()


def upgrade_without_database(house: House, install: str) -> None:
    """The package is installed all the same, says so, and what it says then helps."""
    house.db.kill()
    said = house.root.shell(install)
    must(AWAY in said, f"it does not say so:\n{said}")
    house.must_be_stopped()
    house.open_database()
    (advice,) = (li for li in said.splitlines() if "setup --upgrade &&" in li)
    house.root.shell(advice.partition(":")[2])
    house.must_run()


def left_behind(before: dict[str, str], house: House, expected: set[str]) -> None:
    """The system has the files that it had, but for what is expected to stay."""
    after = house.root.files()
    stayed = {path for path in after if path not in before}
    stayed = {p for p in stayed if not any(Path(p).is_relative_to(e) for e in expected)}
    must(not stayed, f"left behind: {sorted(stayed)[:20]}")
    gone = before.keys() - after.keys()
    must(not gone, f"gone: {sorted(gone)[:20]}")
    changed = [path for path, what in before.items() if after[path] != what]
    must(not changed, f"changed: {changed[:20]}")
