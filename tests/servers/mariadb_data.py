"""Owns the directory of a private MariaDB: made whole, one server at a time.

It starts no server that stays; that is mariadb.py.
"""

import fcntl
import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import IO

# Nothing of the caller's environment; sbin is not in everyone's PATH.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}
LOG_SIZE = "--innodb-log-file-size=48M"
# Root comes in through the socket only: it has no password.
ONLY_BY_SOCKET = """
    DELETE FROM mysql.global_priv WHERE User = 'root' AND Host <> 'localhost';
"""
LOCK_TIMEOUT_S = 10.0
POLL_S = 0.02


class MariaDBError(RuntimeError):
    """The private server could not be made, started or reached."""


class DataDirectory:
    """`data/` and what lies beside it: run/ (the socket), tmp/, server.log, lock."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data = path / "data"
        self.tmp = path / "tmp"
        self.log = path / "server.log"

    def prepare(self) -> None:
        """Make what is missing; call it while the lock is held."""
        self.tmp.mkdir(exist_ok=True)
        if not self.data.exists():
            self._initialise()

    def hold(self) -> IO[str]:
        """Lock it, waiting a little for a server that is dying.

        The lock is as long as the file is open, here or in a child. Raises
        MariaDBError when another server lives in it.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (self.path / "lock").open("a")
        give_up_at = time.monotonic() + LOCK_TIMEOUT_S
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > give_up_at:
                    lock.close()
                    raise MariaDBError(f"another server uses {self.path}") from error
                time.sleep(POLL_S)
            else:
                return lock

    def end_of_log(self) -> str:
        """The last words of the server, for an error message."""
        return self.log.read_text(errors="replace")[-2000:]

    def _initialise(self) -> None:
        # Made beside its place and moved there when whole: `data` is complete
        # or it is not there.
        unfinished = self.path / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        grants = self.path / "grants.sql"
        grants.write_text(ONLY_BY_SOCKET)
        command = [
            *("mariadb-install-db", "--no-defaults", *run_as()),
            "--auth-root-authentication-method=normal",
            "--skip-test-db",  # nor the anonymous users that come with it
            "--skip-name-resolve",
            f"--extra-file={grants}",
            f"--datadir={unfinished}",
            *("--innodb-flush-method=nosync", LOG_SIZE),
        ]
        try:
            with self.log.open("ab") as log:
                subprocess.run(
                    command,
                    # In /tmp another server that starts deletes our tables.
                    env={**ENVIRONMENT, "TMPDIR": str(self.tmp)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    check=True,
                )
        except FileNotFoundError as error:
            raise MariaDBError("no MariaDB here: run scripts/prepare") from error
        except subprocess.CalledProcessError as error:
            said = self.end_of_log()
            raise MariaDBError(f"mariadb-install-db failed:\n{said}") from error
        unfinished.rename(self.data)


def run_as() -> list[str]:
    """The option by which MariaDB agrees to run as root, when we are root.

    In the short form, because mariadb-install-db given --user= also changes
    the owner of a PAM helper that belongs to the system.
    """
    return ["-uroot"] if os.geteuid() == 0 else []
