"""The whole product at work as the database user that setup makes: pages and service.

What the rights forbid would show here as an error of the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.store.db import Database
from massivesms_web import create_app
from tests.cli.conftest import Ran, in_process
from tests.engine.process import Service
from tests.engine.world import wait_until
from tests.setup.conftest import Server, Setup
from tests.setup.pbx_root import PbxRoot
from tests.web.browser import Browser
from tests.web.sending import csv, rows

PASSWORD = "correct horse battery"
NUMBERS = [f"6001112{n:02}" for n in range(40)]
SENDS = "#!/bin/sh\necho '0;sent;0;0'\n"
SPAIN = {
    "country_code": "34",
    "mobile_prefixes": "6,7",
    "min_mobile_length": "9",
    "max_mobile_length": "9",
}


@pytest.fixture
def conf(root: PbxRoot, server: Server, setup: Setup, tmp_path: Path) -> Path:
    """A stand-alone machine that was set up, with directories of the test's own."""
    root.debian()
    scripts = tmp_path / "scripts"
    scripts.mkdir()
    file = root.write(
        "etc/massivesms/massivesms.conf",
        f"[service]\npid_file = {tmp_path}/run/pid\nrun_dir = {tmp_path}/run\n"
        f"log_dir = {tmp_path}/log\nscripts_dir = {scripts}\n",
    )
    setup().done()
    (scripts / "send.sh").write_text(SENDS)
    (scripts / "send.sh").chmod(0o755)
    return file


@pytest.fixture
def db(conf: Path) -> Iterator[Database]:
    """What the application itself sees."""
    database = Database(configuration.load(conf).database)
    yield database
    database.close()


def command(conf: Path, *words: str, entered: str = "") -> Ran:
    return in_process("--config", conf, *words, input=entered).done()


def test_lists_campaigns_sending_and_removing_work_with_the_rights_of_setup(
    conf: Path, db: Database, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASSIVESMS_CONFIG", str(conf))
    user = ("user", "add", "ana", "--role", "administrator", "--password-stdin")
    command(conf, *user, entered=PASSWORD + "\n")
    for name, value in SPAIN.items():
        command(conf, "config", "set", name, value)
    command(conf, "trunk", "add", "S", "--type", "script", "--set", "script=send.sh")
    config = configuration.load(conf)
    app = create_app(config)
    app.test_client_class = Browser
    browser = app.test_client()
    assert isinstance(browser, Browser)

    with Service(config) as service:
        assert browser.sign_in("ana", "wrong password").status_code == 401
        assert browser.sign_in("ana", PASSWORD).status_code == 302
        file = {"file": csv(*NUMBERS, NUMBERS[0], "x")}
        browser.send("/lists/new", {"name": "Clientes", "source": "file", **file})
        (made,) = rows(db, "SELECT id, included FROM list")
        assert made["included"] == len(NUMBERS)
        campaign = {"name": "Otoño", "text": "Oferta", "recipients": "list"}
        route = {"trunk_id": "0", "list_id": str(made["id"])}
        browser.send("/campaigns/new", {**campaign, **route})
        single = {"number": "600 111 299", "text": "Hola", "trunk_id": "0"}
        browser.send("/send/", {**single, "how": "now"})
        wait_until(lambda: sent(db) == len(NUMBERS) + 1, 30, service.said)
        for page in ("/", "/messages/", "/campaigns/", "/lists/", "/trunks/"):
            browser.page(page)
        (row,) = rows(db, "SELECT id FROM campaign WHERE id > 1")
        browser.send(f"/campaigns/{row['id']}/delete")
        browser.send(f"/lists/{made['id']}/delete")
        wait_until(lambda: sent(db) == 1, 30, service.said)
        browser.send("/sign-out")
        assert "denied" not in service.said()
    app.extensions["massivesms"].db.close()

    done = {row["action"] for row in rows(db, "SELECT action FROM audit")}
    assert {"list.create", "campaign.create", "campaign.remove"} <= done, done


def sent(db: Database) -> int:
    (row,) = rows(db, "SELECT COUNT(*) AS n FROM message WHERE state = 'submitted'")
    return int(row["n"])
