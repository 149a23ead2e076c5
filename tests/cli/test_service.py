"""The service as a process: daemon, foreground, its signals and exit statuses."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator

import pytest

from massivesms.config import Config
from massivesms.engine import daemon
from tests.cli.conftest import COMMAND, TIMEOUT_S, Run
from tests.conftest import NEWER, OLDER

NOT_RUNNING = 3


def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    until_s = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until_s, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture
def stopped_after(process: Run, config: Config) -> Iterator[None]:
    """However the test ends, its daemon does."""
    yield
    pid = daemon.running_pid(config)
    if pid is not None:
        os.kill(pid, signal.SIGKILL)


def test_start_status_restart_and_stop_keep_the_init_script_s_promises(
    process: Run, config: Config, stopped_after: None
) -> None:
    status = process("service", "status", "--json")
    assert (status.code, status.json["running"]) == (NOT_RUNNING, False)
    assert "not running" in process("service", "stop").done().out

    process("service", "start").done()
    pid = daemon.running_pid(config)
    assert pid is not None
    assert os.getsid(pid) != os.getsid(0), "it is a daemon"
    assert config.pid_file.read_text() == f"{pid}\n"
    assert f"(process {pid})" in process("service", "status").done().out
    assert "already" in process("service", "start").done().out
    assert daemon.running_pid(config) == pid
    process("run").refused(f"running already (process {pid})")

    process("service", "restart").done()
    new_pid = daemon.running_pid(config)
    assert new_pid not in (None, pid)

    process("service", "stop").done()
    assert process("service", "status").code == NOT_RUNNING
    (file,) = config.log_dir.iterdir()
    assert re.fullmatch(r"massivesms-\d{4}-\d\d-\d\d\.log", file.name)
    log = file.read_text()
    assert log.count("massivesms started") == log.count("massivesms stopped") == 2


def test_while_it_runs_a_message_at_once_shows_its_outcome(
    process: Run, spain: None, script: str, stopped_after: None
) -> None:
    process("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    process("service", "start").done()
    sent = process("send", "600111222", "Hola", "--json").done().json
    assert (sent["state"], sent["trunk"]) == ("submitted", "S")
    assert process("service", "status", "--json").done().json["services"]
    process("service", "stop").done()
    process("send", "600111222", "Hola").refused("not running")


def test_a_message_that_is_refused_at_once_is_exit_status_1(
    process: Run, config: Config, spain: None, script: str, stopped_after: None
) -> None:
    (config.scripts_dir / script).write_text("#!/bin/sh\necho '1;no such number;0;1'\n")
    process("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    process("service", "start").done()
    ran = process("send", "600111222", "Hola", "--json").refused("no such number")
    assert ran.json["state"] == "rejected"


def test_in_the_foreground_it_ends_on_sigterm(config: Config, process: Run) -> None:
    running = subprocess.Popen(
        [str(COMMAND), "--config", str(config.file), "run"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for(lambda: daemon.running_pid(config) == running.pid)
        running.send_signal(signal.SIGHUP)
        running.send_signal(signal.SIGTERM)
        _, err = running.communicate(timeout=TIMEOUT_S)
    finally:
        running.kill()
    assert running.returncode == 0
    assert "massivesms stopped" in err
    assert "Traceback" not in err
    assert process("service", "status").code == NOT_RUNNING


@pytest.mark.parametrize("words", [("run",), ("service", "start")], ids=" ".join)
@pytest.mark.parametrize(
    ("change", "said"),
    [(OLDER, "massivesms setup --upgrade"), (NEWER, "of a newer massivesms")],
    ids=["older", "newer"],
)
def test_it_does_not_start_on_tables_of_another_version(
    process: Run,
    config: Config,
    versions: Callable[[str], None],
    words: tuple[str, ...],
    change: str,
    said: str,
) -> None:
    versions(change)
    process(*words).refused(said)
    assert daemon.running_pid(config) is None


def test_a_log_that_cannot_be_written_is_said(process: Run, config: Config) -> None:
    config.log_dir.write_text("a file where the directory should be")
    process("service", "start").refused("massivesms-", ".log cannot be written")


def test_a_pid_file_that_cannot_be_written_is_said(
    process: Run, config: Config
) -> None:
    config.pid_file.parent.write_text("a file where the directory should be")
    process("run").refused("massivesms.pid", "cannot be written")


def test_wrong_usage_is_exit_status_2(run: Run) -> None:
    run("service", "fly").misused()
    run("service", "start", "now").misused()
