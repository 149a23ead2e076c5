"""What is done with massivesms in a root, whichever package brought it there.

Beside the root, on the same loopback, run a private MariaDB and the simulated SMSC.
"""

from __future__ import annotations

import json
import re
import time
import urllib.request
from pathlib import Path
from typing import Any

import pymysql

from tests.fakes.smsc import Smsc
from tests.installing.root import Root
from tests.installing.steps import must
from tests.servers.mariadb import PrivateMariaDB

PAGES = "http://127.0.0.1:8093/"
NUMBER = "+34600111222"
SERVICES = ("massivesms", "massivesms-web")
WAIT_S = 20.0
BY_HAND = (
    "CREATE DATABASE massivesms CHARACTER SET utf8mb4",
    "CREATE USER massivesms@localhost IDENTIFIED BY 'secreta'",
    "GRANT ALL ON massivesms.* TO massivesms@localhost",
)
CONFIGURATION = "[database]\nuser = massivesms\npassword = secreta\n"


class House:
    """A root with its database and its operator."""

    def __init__(self, root: Root, db: PrivateMariaDB, smsc: Smsc) -> None:
        self.root = root
        self.db = db
        self.smsc = smsc
        root.bind(db.socket_path.parent, "/run/mysqld")
        self.open_database()

    def open_database(self) -> None:
        """Everybody of the root may come to the socket, where PBXs have it."""
        self.db.start()
        self.db.socket_path.parent.chmod(0o755)
        usual = self.db.socket_path.with_name("mysqld.sock")
        if not usual.is_symlink():
            usual.symlink_to(self.db.socket_path.name)

    def set_up_by_hand(self) -> None:
        """As the appendix of packaging/README.md says."""
        with pymysql.connect(**self.db.connect_args) as connection:
            for statement in BY_HAND:
                connection.cursor().execute(statement)
        user = self.user()
        self.root.write("/etc/massivesms/massivesms.conf", CONFIGURATION, 0o640)
        self.root.run("chown", f"root:{user}", "/etc/massivesms/massivesms.conf")
        key = "/etc/massivesms/secret.key"
        self.root.write(key, "5c" * 32 + "\n", 0o600)
        self.root.run("chown", user, key)
        self.root.run("massivesms", "db", "upgrade")
        self.start()

    def user(self) -> str:
        """Who the package's settings say the service runs as."""
        for folder in ("default", "sysconfig"):
            path = self.root.at(f"/etc/{folder}/massivesms")
            if path.exists():
                return re.findall(r"^MASSIVESMS_USER=(\w+)$", path.read_text(), re.M)[0]
        raise FileNotFoundError("there is no settings file")

    def add_trunk(self) -> None:
        """The simulated operator, and numbers of Spain."""
        self.root.run("massivesms", "config", "set", "country_code", "34")
        values = [f"port={self.smsc.port}", "system_id=pbx", "password=secreta"]
        pairs = [p for value in ["host=127.0.0.1", *values] for p in ("--set", value)]
        self.root.run("massivesms", "trunk", "add", "Op", "--type", "smpp", *pairs)

    def send(self, text: str) -> None:
        """A message goes out at once, and the operator has it, with its text."""
        sent = self.ask("send", NUMBER, text)
        must(sent["state"] == "submitted", f"send: {sent}")
        arrived = [message.text for message in self.smsc.messages()]
        must(arrived[-1:] == [text], f"the operator has {arrived}")

    def ask(self, *words: str) -> Any:
        """What a command answers with --json."""
        return json.loads(self.root.run("massivesms", *words, "--json"))

    def count(self) -> int:
        """Messages in the database."""
        with pymysql.connect(**self.db.connect_args) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT COUNT(*) FROM massivesms.message")
            return int(cursor.fetchone()[0])

    def start(self) -> None:
        """Both, as an administrator does."""
        for name in SERVICES:
            self.root.run("service", name, "start")

    def must_run(self) -> None:
        """Both say so, as the right user, and the pages answer."""
        for name in SERVICES:
            self.root.run("service", name, "status")
        told = int(self.root.run("id", "-u", self.user()))
        for pid in self.pids():
            runs_as = Path(f"/proc/{pid}").stat().st_uid
            must(runs_as == told, f"process {pid} runs as user {runs_as}, not {told}")
        with urllib.request.urlopen(PAGES, timeout=WAIT_S) as answer:
            must(b"massivesms" in answer.read(), "the pages answer something else")

    def must_be_stopped(self) -> None:
        """Nothing of it runs."""
        until_s = time.monotonic() + WAIT_S
        while left := self.root.processes("massivesms"):
            must(time.monotonic() < until_s, f"processes are left: {left}")
            time.sleep(0.1)

    def pids(self) -> set[int]:
        """Its processes."""
        return set(self.root.processes("massivesms"))
