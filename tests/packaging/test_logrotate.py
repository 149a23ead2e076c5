"""logrotate itself turns the logs over, on files of a directory of its own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FILE = Path(__file__).parents[2] / "packaging" / "logrotate" / "massivesms"
pytestmark = pytest.mark.skipif(
    shutil.which("logrotate", path="/usr/sbin:/usr/bin") is None,
    reason="logrotate is not installed",
)


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    directory = tmp_path / "log"
    directory.mkdir(mode=0o750)
    return directory


def rotate(logs: Path) -> None:
    """One night's run, a night after every log was seen first."""
    copied = logs.parent / "logrotate"
    copied.write_text(FILE.read_text().replace("/var/log/massivesms", str(logs)))
    state = logs.parent / "state"
    seen = [f'"{file}" 2020-1-1-0:0:0' for file in logs.iterdir()]
    state.write_text("\n".join(["logrotate state -- version 2", *seen]) + "\n")
    subprocess.run(["/usr/sbin/logrotate", "--state", state, copied], check=True)


def log(logs: Path, name: str) -> Path:
    path = logs / name
    path.write_text("what happened\n")
    return path


def test_what_was_said_is_kept_and_the_file_stays_who_writes_it(logs: Path) -> None:
    path = log(logs, "web.log")
    inode = path.stat().st_ino
    rotate(logs)
    assert (path.read_text(), path.stat().st_ino) == ("", inode)
    (old,) = logs.glob("web.log-*")
    assert old.read_text() == "what happened\n"


def test_the_daily_logs_of_events_are_left_to_the_service(logs: Path) -> None:
    old = log(logs, "massivesms-2020-01-01.log")
    rotate(logs)
    assert list(logs.iterdir()) == [old]
