"""Secrets: a trunk's password is where it must be, encrypted, and nowhere else."""

from __future__ import annotations

import base64
import json
import logging
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.event_log.writing import EventLog
from massivesms.store import mail_accounts, mails
from massivesms.store.db import Database
from tests.cli.conftest import COMMAND
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.mail_server import MailServer
from tests.fakes.smsc import Smsc
from tests.servers.mariadb import PrivateMariaDB
from tests.web.browser import Browser
from tests.web.security.house import PLANTED, House, methods, rules

TELL = """#!/bin/sh
env > {file}.env
tr '\\0' ' ' < /proc/$$/cmdline > {file}.cmdline
cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' > {file}.all
echo '0;sent;0;0'
"""


def dump(server: PrivateMariaDB) -> str:
    """The whole database as somebody would back it up."""
    socket = f"--socket={server.socket_path}"
    command = ["mariadb-dump", socket, "--user=root", "--hex-blob", "massivesms"]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode("utf-8", "replace")


@pytest.fixture
def debug_log(config: Config) -> Iterator[EventLog]:
    """Everything that anybody logs, down to DEBUG, in the event log."""
    handler, root = EventLog(config.log_dir), logging.getLogger()
    handler.follow(handler._zone, frozenset({"service", "trunks", "sending"}))
    level, root.level = root.level, logging.DEBUG
    root.addHandler(handler)
    root.manager._clear_cache()  # type: ignore[attr-defined]
    yield handler
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)


def test_a_dump_of_the_database_has_no_password(
    client: Browser, house: House, schema: PrivateMariaDB
) -> None:
    change = {
        "name": "Salida", "priority": "1", "active": "y", "host": "smsc.example",
        "port": "2775", "system_id": "ana", "password": PLANTED + "2",
        "bind_mode": "transceiver",
    }  # fmt: skip
    client.send(f"/trunks/{house.ids['trunk_id']}/edit", change)
    text = dump(schema)
    assert "Salida" in text and "trunk.change" in text
    assert PLANTED not in text
    assert PLANTED.encode().hex() not in text.lower()


def test_a_webhooks_secret_and_headers_and_the_token_are_in_no_dump_and_no_log(
    client: Browser,
    house: House,
    schema: PrivateMariaDB,
    config: Config,
    debug_log: EventLog,
) -> None:
    hook = f"/configuration/webhooks/{house.ids['webhook_id']}"
    renewed = client.send(f"{hook}/secret", follow=False).text
    (secret,) = re.findall(r"whsec_([A-Za-z0-9+/=]{44})", renewed)
    shown = client.send("/configuration/monitoring/token", follow=False).text
    (token,) = re.findall(r"<code>([\w-]{43})</code>", shown)
    client.send("/configuration/webhooks/hosts", {"webhook_hosts": "127.0.0.1"})
    change = {"name": "CRM", "url": "http://127.0.0.1:1/", "events": ["incoming"]}
    client.send(f"{hook}/edit", change)
    assert "refuses the connection" in client.send(f"{hook}/test").text
    client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    text = dump(schema) + "".join(f.read_text() for f in config.log_dir.iterdir())
    assert "webhook.secret" in text and "metrics.token" in text
    decoded = base64.b64decode(secret).hex()
    for one in (secret, token, decoded, PLANTED):
        assert one not in text and one.encode().hex() not in text.lower()


def test_no_page_shows_one(app: Flask, client: Browser, house: House) -> None:
    found = 0
    for rule in rules(app):
        if "GET" in methods(rule):
            answer = client.get(house.address(app, rule))
            assert PLANTED not in answer.text, rule.rule
            found += answer.status_code == 200
    assert found > 30


def test_a_form_that_is_refused_forgets_the_password(
    client: Browser, house: House
) -> None:
    wrong = {"name": "", "host": "x", "password": "an0ther-s3cret"}
    for url in ("/trunks/new/smpp", f"/trunks/{house.ids['trunk_id']}/edit"):
        text = client.send(url, wrong).text
        assert "field-error" in text and "an0ther-s3cret" not in text


def test_the_mail_account_keeps_its_password_to_itself(
    client: Browser, house: House, config: Config, db: Database,
    schema: PrivateMariaDB, debug_log: EventLog,
) -> None:  # fmt: skip
    """On the page, after a refusal, in the dump, and in the log while mail leaves."""
    account = {
        "from_address": "sms@example.org", "host": "127.0.0.1", "user": "ana",
        "password": PLANTED + "3", "timeout_s": "2", "security": "none",
    }  # fmt: skip
    with MailServer(users={"ana": PLANTED + "3"}) as server:
        wrong = client.send("/configuration/mail/", {**account, "port": "x"})
        assert "field-error" in wrong.text and PLANTED not in wrong.text
        right = client.send("/configuration/mail/", {**account, "port": server.port})
        assert "is saved" in right.text and PLANTED not in right.text
        with db.transaction() as tx:
            mails.add(tx, "report", ["eva@example.com"], "Informe", "x")
        with Engine(config):
            wait_until(lambda: "Informe" in server.subjects, 20)
    assert "AUTH" in server.commands[0]
    with MailServer(users={"ana": "another"}, port=server.port) as other:
        with db.transaction() as tx:
            mails.add(tx, "report", ["eva@example.com"], "Informe", "x")
        with Engine(config):
            wait_until(lambda: db.atomically(mail_accounts.state)["tries"], 20)
        assert not other.received
    # One for each day: there are two when it is midnight in Madrid, not yet in UTC.
    logs = list(config.log_dir.glob("massivesms-2*.log"))
    everything = [path.read_text() for path in config.log_dir.iterdir()]
    assert "no mail can leave" in "".join(everything) and logs
    page = client.page("/configuration/mail/").html
    for text in (*everything, page, dump(schema)):
        assert PLANTED not in text
        assert base64.b64encode(PLANTED.encode()).decode()[:-4] not in text


def test_the_command_line_shows_none(config: Config, house: House) -> None:
    for words in (
        ("trunk", "show", "Salida"),
        ("trunk", "list"),
        ("audit",),
        ("doctor",),
        ("mail", "show"),
    ):
        command = [str(COMMAND), "--config", str(config.file), *words, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert PLANTED not in done.stdout + done.stderr, words
        assert json.loads(done.stdout.splitlines()[0]) is not None


def test_while_it_sends_no_log_no_process_and_no_script_knows_it(
    config: Config, db: Database, debug_log: EventLog, tmp_path: Path
) -> None:
    """A trunk that signs in with the password, beside one whose script looks round."""
    script = config.scripts_dir / "tell.sh"
    script.write_text(TELL.format(file=tmp_path / "told"))
    script.chmod(0o755)
    world = World(config, db)
    world.set(log_events="service,trunks,campaigns,sending")
    with Smsc() as smsc, Engine(config):
        values = {"system_id": "ana", "password": "secr3t-p"}
        smpp = world.trunk("Uno", smsc, values=values)
        world.wait_for_session(smpp, "ready")
        script_trunk = world.trunk("Dos", values={"script": "tell.sh"}, priority=2)
        made = world.campaign("C", numbered(3))
        wait_until(lambda: world.row(made)["counts"].get("submitted") == 3, 20)
        two = world.campaign("D", numbered(1), trunk_id=script_trunk)
        wait_until(lambda: world.row(two)["counts"].get("submitted") == 1, 20)
        assert "secr3t-p" not in _every_command_line()
    (log,) = config.log_dir.iterdir()
    text = log.read_text()
    assert "is ready" in text and "secr3t-p" not in text
    assert "is being sent (C), 3 messages wait" in text
    assert re.search(r"sending   message \d+ of campaign \d+: submitted", text)
    assert "Mensaje" not in text and not re.search(r"\+3460\d{7}", text)
    told = [path.read_text(errors="replace") for path in tmp_path.glob("told.*")]
    assert len(told) == 3
    assert all("secr3t-p" not in one for one in told)
    assert str(config.secret_key_file) not in told[0]


def _every_command_line() -> str:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found.append(path.read_bytes().decode("utf-8", "replace"))
        except OSError:
            continue  # it has just ended
    return "\n".join(found)


def test_a_password_comes_to_the_command_by_no_argument(config: Config) -> None:
    """It is asked for, or read from standard input."""
    command = [str(COMMAND), "--config", str(config.file), "user", "add", "--help"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "--password-stdin" in text and "--password " not in text


def test_the_key_is_for_its_owner_only(config: Config) -> None:
    config.secret_key()
    assert stat.S_IMODE(config.secret_key_file.stat().st_mode) == 0o600


def test_the_key_is_not_in_the_database(
    house: House, config: Config, schema: PrivateMariaDB
) -> None:
    key = config.secret_key().hex()
    text = dump(schema).lower()
    assert key not in text and sys.getsizeof(text) > 10_000
