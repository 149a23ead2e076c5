"""Owns one private PostgreSQL: Debian's programs, a directory and a port of our own.

It never meets a system cluster. PostgreSQL refuses to run as root, so that as root it
runs as the user that Debian made for it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

import psycopg

BIN = "/usr/lib/postgresql"
PASSWORD = "of the tests"
START_TIMEOUT_S = 60.0
FAST = ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=20"]


class PrivatePostgreSQL:
    """A server for `with`; `postgres` comes in with PASSWORD over 127.0.0.1."""

    def __init__(self, certificate: Path | None = None) -> None:
        found = sorted(Path(BIN).glob("*/bin"))
        if not found:
            raise RuntimeError("no PostgreSQL here: run scripts/prepare postgresql")
        self._bin = found[-1]
        self.directory = Path(tempfile.mkdtemp(prefix="massivesms-pg-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._as: list[str] = []
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.directory, account.pw_uid, account.pw_gid)
            ids = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}"]
            self._as = [*ids, "--clear-groups"]
        self._tls = self._with_tls(certificate) if certificate else []
        self._process: subprocess.Popen[bytes] | None = None

    def _with_tls(self, certificate: Path) -> list[str]:
        """Its key must be a file of the server's own user."""
        path = self.directory / "server.pem"
        shutil.copyfile(certificate, path)
        path.chmod(0o600)
        if self._as:
            shutil.chown(path, "postgres")
        names = (f"ssl_cert_file={path}", f"ssl_key_file={path}")
        return ["-c", "ssl=on", *(word for name in names for word in ("-c", name))]

    def __enter__(self) -> Self:
        secret = self.directory / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        data = self.directory / "data"
        init = [f"{self._bin}/initdb", "-D", str(data), "-U", "postgres", "-N"]
        init += ["-A", "scram-sha-256", f"--pwfile={secret}", "-E", "UTF8"]
        subprocess.run(
            ["setpriv", *self._as, *init], check=True, capture_output=True, cwd="/"
        )
        log = (self.directory / "log").open("wb")
        run = [f"{self._bin}/postgres", "-D", str(data), "-p", str(self.port)]
        run += ["-c", "listen_addresses=127.0.0.1", "-k", str(self.directory), *FAST]
        run += self._tls
        self._process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "INT", *self._as, *run],
            stdout=log, stderr=log, cwd="/",
        )  # fmt: skip
        log.close()
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > give_up_at or self._process.poll() is not None:
                    raise
                time.sleep(0.05)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """As the superuser, to the database postgres."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=PASSWORD,
            dbname="postgres", autocommit=True, connect_timeout=5,
        )  # fmt: skip
