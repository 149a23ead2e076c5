"""Owns the running parts of the demo, and drives them by the real command line.

Database, simulator, web and service are processes; everything that is set up is
set up by `massivesms ...`, as an administrator would do it. Safe to run again on
what an earlier run left, finished or not.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pymysql

from scripts.demonstration.place import DemoFailed, Place, free_port
from scripts.demonstration.processes import Child
from tests.servers.mariadb import PrivateMariaDB

DATABASE = "massivesms"
DATABASE_EXISTS = 1007
ADMINISTRATOR = "admin"
SMPP_TRUNK, SCRIPT_TRUNK = "Simulator", "Sample script"
#: Trunk -> make of the simulated modem.
MODEMS = {"Modem 1 (Huawei)": "huawei", "Modem 2 (ZTE)": "zte"}
TAKE_S = 0.05  # a real network takes seconds; slow enough for the progress to be seen
SEGMENTS_PER_S = 200  # slow enough for the progress to be seen
SETTINGS = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
    "time_zone": "Europe/Madrid",
}
RECEIPTS_AFTER_S = 0.5
#: Somebody who is in no campaign, so that the next one finds everybody as before.
LEAVES = "34600000001"
#: Number -> what the person there answers.
REPLIES = {
    "34699195115": "Sí, allí estaré. Gracias",
    "34784068578": "¡Muchas gracias! 🎉",
    "34758261538": "OTRA",
    "34764586203": (
        "Gracias por la invitación. Vamos los cuatro, pero llegaremos un poco tarde "
        "porque el tren no sale hasta las ocho. ¿Hay que llevar algo? Si hace falta, "
        "podemos traer el postre. Un abrazo a todos y hasta el sábado"
    ),
    LEAVES: "BAJA",
}
READY_WAIT_S = 60.0
COMMAND_WAIT_S = 120.0


class House:
    """Everything that runs; the stack ends it in reverse order."""

    def __init__(
        self, place: Place, stack: ExitStack, *, has_modems: bool = False
    ) -> None:
        self.has_modems = has_modems
        self._place = place
        self._stack = stack
        self._children: list[Child] = []
        self._environment = {
            **os.environ,
            "MASSIVESMS_CONFIG": str(place.config_file),
        }
        self.url = ""
        self.going_on: list[str] = []  # campaigns of earlier runs

    def open(self) -> None:
        """Starts and prepares all of it. Raises DemoFailed."""
        self._start_database()
        self._place.forget_logs()
        if self.has_modems:
            self._prepare()
            self._renew_modems(self._start_modems())
        else:
            port = self._start_simulator()
            self._prepare()
            self._renew_smpp_trunk(port)
        # Asked before the service goes on with them: it may soon have finished.
        listed = self.ask("campaign", "list")
        self.going_on = [one["name"] for one in listed if one["state"] == "running"]
        self._start_service()
        self._start_web()
        self._wait_for_trunks()

    def command(self, *arguments: str, entered: str = "") -> str:
        """What `massivesms ...` prints. Raises DemoFailed with what it refuses."""
        done = subprocess.run(
            [str(Path(sys.executable).with_name("massivesms")), *arguments],
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

    def ask(self, *arguments: str) -> Any:
        """What `massivesms ... --json` answers."""
        return json.loads(self.command(*arguments, "--json"))

    def ask_lines(self, *arguments: str) -> list[Any]:
        """The same, for commands that answer an object a line."""
        lines = self.command(*arguments, "--json").splitlines()
        return [json.loads(line) for line in lines]

    def write_to_one_who_leaves(self) -> None:
        """One message more, to which BAJA is answered; not when that was done before
        and the number gets nothing any more."""
        with suppress(DemoFailed):
            self.command("send", f"+{LEAVES}", "¿Quiere recibir nuestras ofertas?")

    def look_after(self) -> None:
        """Raises DemoFailed when a part of it has ended by itself."""
        for child in self._children:
            child.must_run()

    def _start_database(self) -> None:
        server = PrivateMariaDB(self._place.directory / "db")
        is_new = not (self._place.directory / "db" / "data").exists()
        print("Database: making it ..." if is_new else "Database: starting it ...")
        self._stack.callback(server.stop)
        server.start()
        try:
            server.create_database(DATABASE)
        except pymysql.err.ProgrammingError as error:
            if error.args[0] != DATABASE_EXISTS:
                raise
        user = server.create_user(DATABASE, secrets.token_hex(16), DATABASE)
        listen = f"127.0.0.1:{free_port()}"
        self.url = f"http://{listen}/"
        self._place.write_config(user, listen)
        self.command("db", "upgrade")

    def _start_simulator(self) -> int:
        child = self._start(
            "the SMSC simulator",
            [
                *(sys.executable, "-m", "tests.fakes.smsc", "--port", "0"),
                *("--log", str(self._place.smsc_log)),
                *("--behaviour", f"receipts.delay_s={RECEIPTS_AFTER_S}"),
                f"replies={_replies()}",
            ],
        )
        child.wait_for(lambda: "\n" in child.output, READY_WAIT_S)
        found = re.match(r"listening on 127\.0\.0\.1:(\d+)\n", child.output)
        if not found:
            raise DemoFailed(f"the simulator said: {child.output.strip()}")
        return int(found[1])

    def _start_modems(self) -> list[str]:
        """The ports of the simulated modems, in the order of MODEMS."""
        child = self._start(
            "the simulated modems",
            [
                *(sys.executable, "-m", "tests.fakes.modem", *MODEMS.values()),
                *("--log", str(self._place.modem_log), "--take-s", str(TAKE_S)),
                *("--replies", _replies()),
            ],
        )
        child.wait_for(lambda: "ready\n" in child.output, READY_WAIT_S)
        return [line.split()[1] for line in child.output.splitlines()[:-1]]

    def _prepare(self) -> None:
        """Settings, administrator and the script, as far as they are missing; trunks
        whose other end does not run this time are turned off."""
        if not self.ask("config", "show")["country_code"]:
            print("Settings: Spanish numbers, an administrator, trunks ...")
            for name, value in SETTINGS.items():
                self.command("config", "set", name, value)
        self._prepare_administrator()
        trunks = {trunk["name"]: trunk for trunk in self.ask("trunk", "list")}
        idle = {SMPP_TRUNK} if self.has_modems else set(MODEMS)
        for name in idle & trunks.keys():
            self.command("trunk", "disable", name)
        script = self._place.place_script()
        if SCRIPT_TRUNK not in trunks:
            keys = ("--type", "script", "--priority", "2", "--sender", "massivesms")
            values = ("--set", f"script={script}")
            self.command("trunk", "add", SCRIPT_TRUNK, *keys, *values)
        elif trunks[SCRIPT_TRUNK]["state"] in ("off", "stopped"):
            self.command("trunk", "enable", SCRIPT_TRUNK)

    def _prepare_administrator(self) -> None:
        names = [user["name"] for user in self.ask("user", "list")]
        if ADMINISTRATOR in names and self._place.has_password:
            return
        password = self._place.password
        how = ["add", ADMINISTRATOR, "--role", "administrator"]
        if ADMINISTRATOR in names:
            how = ["password", ADMINISTRATOR]
        self.command("user", *how, "--password-stdin", entered=password + "\n")

    def _renew_smpp_trunk(self, port: int) -> None:
        if self._is_to_be_made(SMPP_TRUNK, str(port)):
            self._add_smpp_trunk(port)

    def _renew_modems(self, ports: list[str]) -> None:
        for name, port in zip(MODEMS, ports, strict=True):
            if self._is_to_be_made(name, port):
                self.command(
                    *("trunk", "add", name, "--type", "modem", "--priority", "1"),
                    *("--set", f"port={port}", "--append-country-code"),
                )

    def _is_to_be_made(self, name: str, port: str) -> bool:
        """A new simulator is a new operator: its ids begin anew, and must not be
        taken for those of messages that an earlier one left without receipt."""
        if name not in {trunk["name"] for trunk in self.ask("trunk", "list")}:
            return True
        try:
            self.command("trunk", "remove", name)
        except DemoFailed:  # somebody's unfinished campaign names it
            self.command("trunk", "set", name, f"port={port}")
            self.command("trunk", "enable", name)
            return False
        return True

    def _add_smpp_trunk(self, port: int) -> None:
        values = {
            "host": "127.0.0.1",
            "port": str(port),
            "system_id": "demo",
            "password": secrets.token_hex(4),  # the simulator takes any
            "receipts": "yes",
        }
        pairs = [part for k, v in values.items() for part in ("--set", f"{k}={v}")]
        self.command(
            *("trunk", "add", SMPP_TRUNK, "--type", "smpp", *pairs),
            *("--priority", "1", "--sender", "massivesms", "--append-country-code"),
            *("--rate", str(SEGMENTS_PER_S)),
        )

    def _start_service(self) -> None:
        self._start("the service", [_massivesms(), "run"])

    def _start_web(self) -> None:
        # gunicorn's master, asked to end, ends its workers.
        child = self._start("the web module", [_massivesms(), "web"], death="TERM")
        child.wait_for(lambda: _answers(self.url), READY_WAIT_S)

    def _wait_for_trunks(self) -> None:
        until_s = time.monotonic() + READY_WAIT_S
        while True:
            states = {t["name"]: t["state"] for t in self.ask("trunk", "list")}
            ours = MODEMS if self.has_modems else (SMPP_TRUNK,)
            waiting = [n for n in (*ours, SCRIPT_TRUNK) if states[n] != "ready"]
            if not waiting:
                return
            self.look_after()
            if time.monotonic() > until_s:
                raise DemoFailed(f"not ready: {', '.join(waiting)} ({states})")

    def _start(self, name: str, command: list[str], *, death: str = "KILL") -> Child:
        log = self._place.directory / "log" / f"{name.split()[-1]}.log"
        child = Child(name, command, log, self._environment, death=death)
        self._stack.callback(child.stop)
        self._children.append(child)
        return child


def _replies() -> str:
    """Who answers what, as the simulators want it."""
    return json.dumps({f"^{number}$": said for number, said in REPLIES.items()})


def _massivesms() -> str:
    return str(Path(sys.executable).with_name("massivesms"))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
