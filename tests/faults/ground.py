"""Where runs take place: private servers, and for each run a database, a
configuration and a directory of its own.

A run that failed keeps its directory; that of a good one goes away.
"""

from __future__ import annotations

import dataclasses
import json
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store import migrations
from massivesms.store.db import Database
from massivesms.store.failures import StoreUnavailable
from tests.servers.mariadb import PrivateMariaDB

CONFIGURATION = """
[database]
socket = {socket}
user = {user}
password = {password}
name = {name}
[cdr]
name = asteriskcdrdb
[service]
pid_file = {directory}/run{other}/massivesms.pid
run_dir = {directory}/run{other}
log_dir = {directory}/log{other}
scripts_dir = {directory}/scripts
[web]
listen = 127.0.0.1:0
secret_key_file = {directory}/secret.key
"""
DISK_MB = 192  # of a database that shall run full
PASSWORD = "faults"  # of each database's own user, who has no SUPER


class Place:
    """One run's own database, configuration and directory."""

    def __init__(self, directory: Path, server: PrivateMariaDB, name: str) -> None:
        self.directory, self.server, self.name = directory, server, name
        (directory / "scripts").mkdir()
        self.config = self.other_config("")
        root = dataclasses.replace(self.config.database, user="root", password="")
        self.db = Database(root)
        self._is_kept = False

    def other_config(self, other: str) -> Config:
        """The same database and key for a second service."""
        file = self.directory / f"massivesms{other}.conf"
        file.write_text(
            CONFIGURATION.format(
                socket=self.server.socket_path,
                user=self.name,
                password=PASSWORD,
                name=self.name,
                directory=self.directory,
                other=other,
            )
        )
        return configuration.load(file)

    def keep(self) -> None:
        """The directory stays, with all messages as they are in the database."""
        self._is_kept = True
        with suppress(StoreUnavailable):
            rows = self.db.atomically(lambda tx: tx.rows("SELECT * FROM message"))
            text = "\n".join(json.dumps(row, default=str) for row in rows)
            (self.directory / "messages.jsonl").write_text(text)

    def close(self) -> None:
        """Takes the database away, and the directory of a good run."""
        self.db.close()
        self.server.start()
        self.server.thaw()
        self.server.drop_database(self.name)
        if not self._is_kept:
            shutil.rmtree(self.directory, ignore_errors=True)


class Ground:
    """The servers of a session; start it from the main thread.

    `directory` gets a directory for each run. With `disk_mb` the server has a
    small disk of its own.
    """

    def __init__(self, directory: Path | None = None, disk_mb: int = 0) -> None:
        self._made = directory is None
        made = directory or tempfile.mkdtemp(prefix="massivesms-faults-")
        self.directory = Path(made)
        self._open = ExitStack()
        if disk_mb:
            disk = self._open.enter_context(small_disk(disk_mb))
            self.server = PrivateMariaDB(disk / "database")
        else:
            self.server = PrivateMariaDB()
        self._lock = threading.Lock()
        self._names = 0

    @contextmanager
    def place(self, name: str) -> Iterator[Place]:
        """A fresh database and directory; may be asked from any thread."""
        directory = self.directory / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        with self._lock:
            self._names += 1
            database = f"run_{self._names}"
            self.server.create_database(database)
            self.server.create_user(database, PASSWORD, database)
        place = Place(directory, self.server, database)
        migrations.upgrade(place.db)
        try:
            yield place
        finally:
            place.close()

    def __enter__(self) -> Self:
        self._open.enter_context(self.server)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()
        if not any(self.directory.iterdir()) and self._made:
            self.directory.rmdir()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A file system of that size, in memory. Raises CalledProcessError."""
    directory = Path(tempfile.mkdtemp(prefix="massivesms-disk-"))
    size = f"size={megabytes}m"
    mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(directory)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
        try:
            yield directory
        finally:
            subprocess.run(["umount", "-l", str(directory)], check=True)
    finally:
        directory.rmdir()


def why_no_disk() -> str:
    """Empty where a small disk can be made."""
    try:
        with small_disk(1):
            return ""
    except (OSError, subprocess.CalledProcessError):
        return "no file system can be mounted here (not root)"
