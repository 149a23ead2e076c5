"""The pages as a daemon of an init script: start, stop, status, exit statuses."""

from __future__ import annotations

import os
import re
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.engine import pages_daemon
from tests.cli.conftest import Run

NOT_RUNNING = 3
LOGROTATE = Path(__file__).parents[2] / "packaging" / "logrotate" / "massivesms"


@pytest.fixture
def pages(config: Config) -> Iterator[Config]:
    """A configuration with a free port; however the test ends, its daemon does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    written = config.file.read_text()
    config.file.write_text(
        written.replace(f"listen = {config.listen}", f"listen = 127.0.0.1:{port}")
    )
    yield configuration.load(config.file)
    pid = pages_daemon.running_pid(config)
    if pid is not None:
        os.killpg(pid, signal.SIGKILL)


def answers(config: Config) -> bool:
    try:
        urllib.request.urlopen(f"http://{config.listen}/login", timeout=10).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def test_when_start_has_said_so_the_pages_answer_until_stop(
    process: Run, pages: Config
) -> None:
    assert process("web", "status").code == NOT_RUNNING
    assert "not running" in process("web", "stop").done().out

    process("web", "start").done()
    assert answers(pages)
    pid = pages_daemon.running_pid(pages)
    assert pid is not None
    assert os.getsid(pid) != os.getsid(0), "it is a daemon"
    assert f"(process {pid})" in process("web", "status").done().out
    assert "already" in process("web", "start").done().out

    process("web", "restart").done()
    assert answers(pages)
    assert pages_daemon.running_pid(pages) not in (None, pid)

    process("web", "stop").done()
    assert not answers(pages)
    assert process("web", "status").code == NOT_RUNNING


def test_logrotate_knows_every_log_but_the_daily_ones(
    process: Run, pages: Config
) -> None:
    process("service", "start").done()
    process("web", "start").done()
    assert answers(pages)
    process("web", "stop").done()
    process("service", "stop").done()
    told = re.findall(r"^/var/log/massivesms/(.*)$", LOGROTATE.read_text(), re.M)
    daily = {file.name for file in pages.log_dir.glob("massivesms-2*.log")}
    assert {file.name for file in pages.log_dir.iterdir()} == {*told, *daily}
    assert daily


def test_pages_that_cannot_listen_are_said_with_the_log(
    process: Run, pages: Config
) -> None:
    host, port = pages.listen.split(":")
    with socket.socket() as other:
        other.bind((host, int(port)))  # taken, and nobody accepts
        process("web", "start").refused("did not start", "web.log")
    log = (pages.log_dir / "web.log").read_text()
    assert "in use" in log
    assert process("web", "status").code == NOT_RUNNING


def test_a_log_of_the_pages_that_cannot_be_written_is_said(
    process: Run, pages: Config
) -> None:
    pages.log_dir.write_text("a file where the directory should be")
    process("web", "start").refused("web.log", "cannot be written")
