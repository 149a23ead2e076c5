"""Owns one private MariaDB: a real server of our own, for a test run or a demo.

It has its own data directory, its own socket and no option files, so it never
meets a system database, /etc/mysql or a fixed port. It knows nothing of our
schema: whoever starts it creates the databases.

Root has no password and is reached only through the socket, which lies in a
directory of mode 0700. `create_user` gives accounts that also work over TCP.
"""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import pymysql

from tests.servers.mariadb_data import (
    ENVIRONMENT,
    LOG_SIZE,
    POLL_S,
    DataDirectory,
    MariaDBError,
    run_as,
)

__all__ = ["MariaDBError", "PrivateMariaDB"]

MAX_SOCKET_PATH = 100  # sun_path holds 107 bytes; a little room for odd kernels
START_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 30.0
ALWAYS = f"""
    --innodb-buffer-pool-size=64M {LOG_SIZE} --key-buffer-size=1M
    --aria-pagecache-buffer-size=8M --max-connections=200
    --skip-name-resolve --default-time-zone=+00:00
    --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci
""".split()
# Every commit is on the disk before it is answered, as on a careful PBX.
DURABLE = ["--innodb-flush-log-at-trx-commit=1"]
# Nothing waits for the disk, but the operating system has every commit: a
# SIGKILL of the server loses nothing, only a power cut would.
FAST = ["--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync"]


class PrivateMariaDB:
    """A server of our own; start() or `with`, then connect(**connect_args).

    `directory` is kept and used again (the demo); without one, a temporary
    directory goes away with stop(). The server dies with the thread that
    started it, so start it from one that lives long (the main thread).
    """

    def __init__(
        self,
        directory: Path | str | None = None,
        *,
        durable: bool = False,
        tcp: bool = False,
        extra: Sequence[str] = (),
    ) -> None:
        self._is_temporary = directory is None
        made = directory or tempfile.mkdtemp(prefix="massivesms-db-")
        self.directory = Path(made).resolve()
        self._directory = DataDirectory(self.directory)
        self.socket_path = self.directory / "run" / "mariadb.sock"
        if len(os.fsencode(self.socket_path)) > MAX_SOCKET_PATH:
            short = tempfile.mkdtemp(prefix="massivesms-", dir="/tmp")
            self.socket_path = Path(short, "mariadb.sock")
        self.port: int | None = _free_port() if tcp else None
        self._options = [*ALWAYS, *(DURABLE if durable else FAST), *extra]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        if self._process is None or self._process.poll() is not None:
            return None
        return self._process.pid

    @property
    def connect_args(self) -> dict[str, Any]:
        """What pymysql.connect needs to come in as root, through the socket."""
        return {"unix_socket": str(self.socket_path), "user": "root", "password": ""}

    def start(self) -> Self:
        """Create the data directory when there is none, start, wait for SQL."""
        if self.pid is not None:
            return self
        with self._directory.hold() as lock:
            self._directory.prepare()
            self.socket_path.parent.mkdir(mode=0o700, exist_ok=True)
            self.socket_path.parent.chmod(0o700)
            # The server inherits the lock, so that a second one cannot start
            # on the same data even when we are gone and it is not, yet.
            with self._directory.log.open("ab") as log:
                self._process = subprocess.Popen(
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[lock.fileno()],
                    env=ENVIRONMENT,
                    start_new_session=True,  # Ctrl-C is for us, not for it
                )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise
        return self

    def stop(self) -> None:
        """Shut down in order; a temporary directory goes away."""
        self._shut_down()
        if self._is_temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
        if not self.socket_path.is_relative_to(self.directory):
            shutil.rmtree(self.socket_path.parent, ignore_errors=True)

    def kill(self) -> None:
        """SIGKILL, as the kernel does when memory runs out; start() recovers."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop in order, and start again on the same data, socket and port."""
        self._shut_down()
        self.start()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nobody answers."""
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGSTOP)
            # Until its last thread stands still, it might answer once more.
            os.waitid(os.P_PID, pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def thaw(self) -> None:
        """SIGCONT: it goes on where freeze() left it."""
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGCONT)

    def create_database(self, name: str) -> None:
        """An empty utf8mb4 database; it must not exist yet."""
        self._execute(f"CREATE DATABASE `{_word(name)}`")

    def drop_database(self, name: str) -> None:
        self._execute(f"DROP DATABASE IF EXISTS `{_word(name)}`")

    def create_user(self, name: str, password: str, database: str) -> dict[str, Any]:
        """An account for one database; returns its connect_args, TCP if there is."""
        for host in ("localhost", "127.0.0.1"):
            account = f"'{_word(name)}'@'{host}'"
            self._execute(
                f"CREATE OR REPLACE USER {account} IDENTIFIED BY %s", password
            )
            self._execute(f"GRANT ALL ON `{_word(database)}`.* TO {account}")
        who: dict[str, Any] = {"user": name, "password": password, "database": database}
        if self.port is None:
            return {"unix_socket": str(self.socket_path)} | who
        return {"host": "127.0.0.1", "port": self.port} | who

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _shut_down(self) -> None:
        if self._process is not None:
            self.thaw()
            self._process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(STOP_TIMEOUT_S)
            self.kill()

    def _command(self) -> list[str]:
        network = ["--skip-networking"]
        if self.port is not None:
            network = ["--bind-address=127.0.0.1", f"--port={self.port}"]
        return [
            *("setpriv", "--pdeathsig", "KILL"),
            *("mariadbd", "--no-defaults", *run_as()),
            f"--datadir={self._directory.data}",
            f"--tmpdir={self._directory.tmp}",
            f"--socket={self.socket_path}",
            f"--pid-file={self.directory / 'mariadb.pid'}",
            *network,
            *self._options,
        ]

    def _wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                pymysql.connect(**self.connect_args, connect_timeout=5).close()
            except pymysql.OperationalError as error:
                if self.pid is None or time.monotonic() > give_up_at:
                    said = self._directory.end_of_log()
                    raise MariaDBError(f"MariaDB did not start:\n{said}") from error
                time.sleep(POLL_S)
            else:
                return

    def _execute(self, sql: str, *values: str) -> None:
        connection = pymysql.connect(**self.connect_args, autocommit=True)
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)


def _word(name: str) -> str:
    if not re.fullmatch(r"\w{1,64}", name, re.ASCII):
        raise ValueError(f"not a plain name for a database or user: {name!r}")
    return name


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
