"""Owns a running massivesms for journeys: web and service as real processes.

Its own database on the run's server, its own configuration, the SMSC simulator
in this process. What a journey does not do in the browser is set up by the real
command line. Knows no page.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from scripts.demonstration.processes import Child
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.servers.mariadb import PrivateMariaDB

DATABASE = "massivesms_journeys"
ADMINISTRATOR, PASSWORD = "ana", "caballo correcto grapa 7"
TRUNK = "Operador"
REFUSED = "666"  # numbers that begin so are unknown at the operator
MANNERS = Behaviour(
    system_id=None,
    reject={f"^34{REFUSED}": 0x0B},
    receipts=Receipts(delay_s=0.2),
)
SETTINGS = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
    "time_zone": "Europe/Madrid",
}
MASSIVESMS = str(Path(sys.executable).with_name("massivesms"))
READY_WAIT_S = 60.0


class Stack:
    """Everything that runs; `url` is where the pages are."""

    def __init__(self, mariadb: PrivateMariaDB, smsc: Smsc, directory: Path) -> None:
        self.smsc = smsc
        self.scripts = directory / "scripts"
        self.scripts.mkdir()
        self._directory = directory
        address = f"127.0.0.1:{_free_port()}"
        self.url = f"http://{address}"
        self._config = directory / "massivesms.conf"
        self.address_book = directory / "address_book.db"
        self._config.write_text(
            f"""
[database]
socket = {mariadb.socket_path}
user = root
name = {DATABASE}
[service]
pid_file = {directory}/run/massivesms.pid
run_dir = {directory}/run
log_dir = {directory}/log
scripts_dir = {self.scripts}
[web]
listen = {address}
secret_key_file = {directory}/secret.key
[pbx]
kind = issabel
address_book = {self.address_book}
"""
        )
        self._environment = {**os.environ, "MASSIVESMS_CONFIG": str(self._config)}
        mariadb.create_database(DATABASE)
        self._prepare()
        self._service = self._start("run", "KILL")
        self._web = self._start("web", "TERM")
        self._web.wait_for(self._answers, READY_WAIT_S)

    def command(self, *arguments: str, entered: str = "") -> str:
        """What `massivesms ...` prints."""
        done = self._run(*arguments, entered=entered)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ask(self, *arguments: str) -> Any:
        """What `massivesms ... --json` answers."""
        return json.loads(self.command(*arguments, "--json"))

    def add_smpp_trunk(self, name: str, *options: str, user: str) -> None:
        """A trunk to the simulator; receipts go to the sessions of its user."""
        values = [f"host={self.smsc.host}", f"port={self.smsc.port}"]
        values += [f"system_id={user}", "password=secreta"]
        pairs = [part for value in values for part in ("--set", value)]
        how = ("--type", "smpp", "--append-country-code")
        self.command("trunk", "add", name, *how, *pairs, *options)

    def add_script(self, name: str, text: str) -> None:
        """An executable file among the trunk scripts."""
        file = self.scripts / name
        file.write_text(text)
        file.chmod(0o755)

    def stop_service(self) -> None:
        """In order, as the init script does."""
        self._service.stop()

    def start_service(self) -> None:
        """Again, and until it can send."""
        self._service = self._start("run", "KILL")
        self._service.wait_for(self._is_running, READY_WAIT_S)

    def close(self) -> None:
        """Ends the processes."""
        self._service.stop()
        self._web.stop()

    def _prepare(self) -> None:
        self.command("db", "upgrade")
        for name, value in SETTINGS.items():
            self.command("config", "set", name, value)
        how = ("--role", "administrator", "--password-stdin")
        self.command("user", "add", ADMINISTRATOR, *how, entered=PASSWORD + "\n")
        self.add_smpp_trunk(TRUNK, user="operador")

    def _start(self, command: str, death: str) -> Child:
        log = self._directory / f"{command}.log"
        arguments = [MASSIVESMS, command]
        return Child(command, arguments, log, self._environment, death=death)

    def _run(
        self, *arguments: str, entered: str = ""
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [MASSIVESMS, *arguments],
            input=entered,
            capture_output=True,
            text=True,
            env=self._environment,
        )

    def _is_running(self) -> bool:
        """The database hears of it, and its trunk has signed in."""
        done = self._run("service", "status", "--json")
        return (
            done.returncode == 0
            and bool(json.loads(done.stdout)["services"])
            and self.ask("trunk", "show", TRUNK)["state"] == "ready"
        )

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
