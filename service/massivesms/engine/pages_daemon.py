"""The pages as a daemon, for init scripts: start, stop, and whether they answer.

Owns web.pid beside the service's pid file, and web.log. What serves the pages
is handed in: the service does not know the web module.
"""

from __future__ import annotations

import os
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from daemon import DaemonContext

from ..config import Config
from ..domain.words import N_, Problem
from ..errors import ConfigError
from . import daemon
from .pid_file import PidFile

PID_FILE, LOG_FILE = "web.pid", "web.log"
START_WAIT_S = 20.0
LOOK_S = 0.1


def start(config: Config, serve: Callable[[Config], None]) -> int:
    """Starts the pages; their pid once they answer on [web] listen.

    Raises ConfigError when they do not.
    """
    log_file = _prepare_log(config)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        _become_daemon(config, log_file, serve)
    os.waitpid(child, 0)  # it ends at once: the daemon is a child of its child
    pid = _wait_until_they_answer(config)
    if pid is None:
        raise ConfigError(
            Problem(
                "pages_not_started",
                N_("The pages did not start. See %(file)s."),
                file=log_file,
            )
        )
    return pid


def stop(config: Config) -> bool:
    """Asks them to end and waits for it; False when they were not running."""
    return daemon.stop(_with_its_pid_file(config))


def running_pid(config: Config) -> int | None:
    """The pid of the pages' first process, or None."""
    return daemon.running_pid(_with_its_pid_file(config))


def _with_its_pid_file(config: Config) -> Config:
    return replace(config, pid_file=config.pid_file.with_name(PID_FILE))


def _prepare_log(config: Config) -> Path:
    log_file = config.log_dir / LOG_FILE
    try:
        config.log_dir.mkdir(parents=True, exist_ok=True)
        with log_file.open("a"):
            pass
    except OSError as error:
        raise daemon.log_unwritable(log_file, error) from error
    return log_file


def _become_daemon(
    config: Config, log_file: Path, serve: Callable[[Config], None]
) -> None:
    """Never returns: serve() and each of its workers end by SystemExit."""
    with (
        log_file.open("a") as log,
        DaemonContext(stdout=log, stderr=log, umask=0o007),
    ):
        # Never released: the workers share the lock, and it ends with the last.
        pid_file = PidFile(_with_its_pid_file(config).pid_file)
        if pid_file.hold():
            serve(config)
        sys.exit(1)


def _wait_until_they_answer(config: Config) -> int | None:
    until_s = time.monotonic() + START_WAIT_S
    was_seen = False
    while time.monotonic() < until_s:
        pid = running_pid(config)
        if pid is not None and _answers(config.listen):
            return pid
        if pid is None and was_seen:
            return None
        was_seen = was_seen or pid is not None
        time.sleep(LOOK_S)
    return None


def _answers(listen: str) -> bool:
    """Whether somebody accepts on unix:FILE or HOST:PORT."""
    if listen.startswith("unix:"):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(listen.removeprefix("unix:")) == 0
    host, _, port = listen.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=1).close()
    except (OSError, ValueError):
        return False
    return True
