"""Owns what runs in a benchmark: one durable database server, installations on it.

Everything lies in a directory of this run, which goes away with it. An installation
is a database with its configuration file, driven by the real command line; the
service is the real one, in a process.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pymysql

from massivesms import config as configuration
from massivesms.store import settings
from massivesms.store.db import Database
from scripts.demonstration.place import ROOT, DemoFailed, Place, free_port
from scripts.demonstration.processes import Child
from tests.servers.mariadb import PrivateMariaDB

#: Room as a PBX with a large database would give, for both sides alike.
SERVER_OPTIONS = [
    "--innodb-buffer-pool-size=1G",
    "--innodb-log-file-size=1G",
    "--local-infile=1",
]
SETTINGS = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
    "time_zone": "Europe/Madrid",
}
READY_WAIT_S = 60.0
COMMAND_WAIT_S = 3600.0
LOOK_S = 0.1


class House:
    """The server and the directory; `stack` ends them."""

    def __init__(self, parent: Path, stack: ExitStack) -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(prefix="run-", dir=parent)
        self.directory = Path(stack.enter_context(place))
        self._stack = stack
        self.server = PrivateMariaDB(
            self.directory / "db", durable=True, extra=SERVER_OPTIONS
        )
        stack.callback(self.server.stop)
        self.server.start()

    def installation(self, name: str) -> Installation:
        """A new one, with its schema and the settings of a Spanish PBX."""
        self.server.create_database(name)
        user = self.server.create_user(name, secrets.token_hex(16), name)
        return Installation(Place(self.directory / name), user)


class Installation:
    """One database of the product and its configuration."""

    def __init__(self, place: Place, user: dict[str, Any]) -> None:
        self.directory = place.directory
        self.config_file = place.config_file
        self.address = f"127.0.0.1:{free_port()}"
        self._user = user
        self._environment = {**os.environ, "MASSIVESMS_CONFIG": str(place.config_file)}
        place.write_config(user, self.address)
        self.command("db", "upgrade")
        db = self.database()
        db.atomically(lambda tx: settings.save(tx, SETTINGS))
        db.close()

    def command(self, *arguments: str, entered: str = "") -> str:
        """What `massivesms ...` prints. Raises DemoFailed with what it refuses."""
        done = subprocess.run(
            [_massivesms(), *arguments],
            input=entered,
            capture_output=True,
            text=True,
            env=self._environment,
            timeout=COMMAND_WAIT_S,
            start_new_session=True,
        )
        if done.returncode:
            raise DemoFailed(f"massivesms {arguments[0]}: {done.stderr.strip()}")
        return done.stdout

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command that is watched while it runs."""
        return self.start(arguments[0], [_massivesms(), *arguments])

    def start(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        """Any program on this installation; its output goes to a log of that name."""
        with (self.directory / "log" / f"{name}.log").open("wb") as log:
            return subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=ROOT,
            )

    def ask(self, *arguments: str) -> Any:
        """What `massivesms ... --json` answers."""
        return json.loads(self.command(*arguments, "--json"))

    def connect(self) -> pymysql.Connection[Any]:
        """A connection that commits by itself."""
        return pymysql.connect(
            **self._user, charset="utf8mb4", autocommit=True, local_infile=True
        )

    def database(self) -> Database:
        """The same through the product's store."""
        return Database(configuration.load(str(self.config_file)).database)

    def add_trunk(self, name: str, port: int, *more: str) -> None:
        """An SMPP trunk with a window of 1000 and, unless asked for, no limit."""
        values = {
            "host": "127.0.0.1",
            "port": str(port),
            "system_id": "bench",
            "password": "bench",
            "window": "1000",
            "receipts": "no",
        }
        pairs = [part for k, v in values.items() for part in ("--set", f"{k}={v}")]
        self.command(
            *("trunk", "add", name, "--type", "smpp", *pairs),
            *("--sender", "massivesms", "--append-country-code", *more),
        )

    @contextmanager
    def running(self, what: str = "run") -> Iterator[Running]:
        """The service (`run`) or the pages (`web`), until the end of the block."""
        log = self.directory / "log" / f"{what}.log"
        # gunicorn's master, asked to end, ends its workers.
        death = "TERM" if what == "web" else "KILL"
        command = [_massivesms(), what]
        child = Running(what, command, log, self._environment, death=death)
        try:
            yield child
        finally:
            child.stop()

    def wait_for_trunks(self, service: Running) -> None:
        """Until all of them are bound."""

        def are_ready() -> bool:
            return {one["state"] for one in self.ask("trunk", "list")} == {"ready"}

        service.wait_for(are_ready, READY_WAIT_S)


class Running(Child):
    """A process of the product that is measured."""

    @property
    def pid(self) -> int:
        """setpriv has become the process itself."""
        return self._process.pid


def value(db: pymysql.Connection[Any], sql: str, *values: object) -> Any:
    """The first column of the first row, or None."""
    with db.cursor() as cursor:
        cursor.execute(sql, values)
        found = cursor.fetchone()
    return found[0] if found else None


def wait_until(service: Running, done: Any, limit_s: float, look_s: float) -> None:
    """Until `done()`. Raises DemoFailed when the service ends or it takes too long."""
    until_s = time.monotonic() + limit_s
    while not done():
        service.must_run()
        if time.monotonic() > until_s:
            raise DemoFailed(f"not done after {limit_s:.0f} s")
        time.sleep(look_s)


def _massivesms() -> str:
    return str(Path(sys.executable).with_name("massivesms"))
