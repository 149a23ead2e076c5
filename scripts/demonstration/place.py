"""Owns the demo's directory: what is kept in it, and that one demo uses it.

Nothing in it is needed by anybody else; without it, the next demo begins anew.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shlex
import socket
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE_SCRIPT = ROOT / "scripts" / "trunk-scripts" / "sample"
FIRST_PORT, PORTS = 8093, 100


class DemoFailed(Exception):
    """What stops the demo, in words for the person who started it."""


class Place:
    """The directory, made when it is missing, and locked until the demo ends.

    Raises DemoFailed when another demo runs in it, or it is another user's.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if (owner := directory.stat().st_uid) != os.geteuid():
            raise DemoFailed(
                f"{directory} belongs to another user (id {owner}): run the demo as "
                "that user, remove it, or set MASSIVESMS_DEMO_DIR to another directory"
            )
        for name in ("run", "log", "scripts"):
            (directory / name).mkdir(exist_ok=True)
        self.config_file = directory / "massivesms.conf"
        self.smsc_log = directory / "simulator.log"
        self.modem_log = directory / "modems.log"
        self.script_log = directory / "sample-script.log"
        # The lock goes away with the process, however it dies.
        self._lock = (directory / "lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DemoFailed(self._another()) from error
        self._lock.truncate(0)
        self._lock.write(f"{os.getpid()}\n")
        self._lock.flush()

    @property
    def password(self) -> str:
        """The administrator's, made at random once and kept for their eyes only."""
        file = self.directory / "password"
        try:
            return file.read_text(encoding="ascii").strip()
        except FileNotFoundError:
            _write_private(file, secrets.token_hex(8) + "\n")
            return self.password

    @property
    def has_password(self) -> bool:
        """Whether one was made by an earlier run."""
        return (self.directory / "password").exists()

    def write_config(self, database: Mapping[str, object], listen: str) -> None:
        """The configuration file of this run."""
        here = self.directory
        text = f"""\
[database]
socket = {database["unix_socket"]}
user = {database["user"]}
password = {database["password"]}
name = {database["database"]}
[service]
pid_file = {here}/run/massivesms.pid
run_dir = {here}/run
log_dir = {here}/log
scripts_dir = {here}/scripts
[web]
listen = {listen}
secret_key_file = {here}/secret.key
"""
        _write_private(self.config_file, text)

    def place_script(self) -> str:
        """A copy of the sample script that writes to a log of ours; its name."""
        begin, rest = SAMPLE_SCRIPT.read_text(encoding="utf-8").split("\n", 1)
        log = f"SMS_SAMPLE_LOG={shlex.quote(str(self.script_log))}"
        copy = self.directory / "scripts" / "sample"
        _write_private(copy, f"{begin}\n{log}\n{rest}")
        copy.chmod(0o755)
        return copy.name

    def forget_logs(self) -> None:
        """What earlier runs sent; nobody may be writing."""
        self.smsc_log.unlink(missing_ok=True)
        self.modem_log.unlink(missing_ok=True)
        self.script_log.unlink(missing_ok=True)

    def _another(self) -> str:
        self._lock.seek(0)
        pid = self._lock.read().strip() or "?"
        return (
            f"another demo is running in {self.directory} (process {pid}): "
            "end it with Ctrl-C there, or set MASSIVESMS_DEMO_DIR to another directory"
        )


def free_port() -> int:
    """The first port from 8093 up that nobody listens on. Raises DemoFailed."""
    for port in range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            # As a server does it: connections that have ended do not hinder.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    last = FIRST_PORT + PORTS - 1
    raise DemoFailed(f"all ports from {FIRST_PORT} to {last} of 127.0.0.1 are busy")


def _write_private(file: Path, text: str) -> None:
    """Whole or not at all, and readable by its owner alone."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    unfinished.replace(file)
