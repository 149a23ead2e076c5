"""A restore on a machine that was set up: by root alone, and the rights are right."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.store.db import Database
from tests.another_user import not_root
from tests.cli.conftest import Ran, in_process
from tests.setup.conftest import Server, Setup, rows
from tests.setup.pbx_root import PbxRoot
from tests.setup.test_rights import denied, finding

Command = Callable[..., Ran]
NUMBER = "+34600111222"


@pytest.fixture
def ran(
    root: PbxRoot, server: Server, setup: Setup, conf: Path, tmp_path: Path
) -> Command:
    """Runs `massivesms` on a machine that was set up, with a list in it."""
    root.debian()
    run = tmp_path / "run"
    root.write(
        "etc/massivesms/massivesms.conf",
        f"[service]\npid_file = {run}/pid\nrun_dir = {run}\nscripts_dir = {run}\n",
    )
    setup().done()

    def call(*words: object) -> Ran:
        return in_process("--config", conf, *words)

    return call


@pytest.fixture
def backup(ran: Command, server: Server, conf: Path, tmp_path: Path) -> Path:
    """A backup that the application's user made, and a change since."""
    server.rows(
        "INSERT INTO massivesms.list (name, included, created_by, created_at)"
        " VALUES ('Customers', 0, 'ana', NOW())"
    )
    ran("list", "add", "Customers", NUMBER).done()
    file = tmp_path / "a backup"
    assert rows(server.application(conf), "SELECT CURRENT_USER()") == [
        ("massivesms@localhost",)
    ]
    ran("backup", file).done()
    ran("list", "add", "Customers", "+34600111223").done()
    return file


def state(server: Server) -> object:
    tables = "contact, massivesms.audit, massivesms.list"
    return server.state(), server.rows(f"CHECKSUM TABLE massivesms.{tables}")


def test_without_rights_it_says_what_root_runs_and_changes_nothing(
    ran: Command, server: Server, conf: Path, backup: Path
) -> None:
    before = state(server)
    key = conf.parent / "secret.key"
    pages = Database(configuration.load(conf).database)
    paths = (conf, key, backup, Path(server.socket))
    # They are at work: the rights are what is said all the same.
    with not_root(*paths), pages.transaction():
        said = ran("restore", backup, "--replace")
    pages.close()
    words = f"Run as root: massivesms --config {conf} restore '{backup}' --replace "
    said.refused("massivesms may not do this", words, "Nothing was changed")
    assert state(server) == before


def test_root_finds_its_way_in_and_the_rights_are_right_afterwards(
    ran: Command, root: PbxRoot, server: Server, conf: Path, backup: Path
) -> None:
    way = server.application(conf)
    server.rows("REVOKE ALL ON massivesms.purge_progress FROM massivesms@localhost")
    root.write("etc/issabel.conf", "mysqlrootpwd=of the root\n")
    server.rows("ALTER USER root@localhost IDENTIFIED BY 'of the root'")
    try:
        said = ran("restore", backup, "--replace", "--root", root.path)
    finally:
        by_root = {"unix_socket": server.socket, "user": "root"}
        sql = "ALTER USER root@localhost IDENTIFIED BY ''"
        rows({**by_root, "password": "of the root"}, sql)
    assert "given on 1 tables" in said.done().out
    assert rows(way, "SELECT number FROM contact") == [(NUMBER,)]
    found = finding(conf, "rights")
    assert found["good"], found
    for sql in (
        "DELETE FROM audit",
        "UPDATE audit SET subject = ''",
        "DROP TABLE list",
    ):
        denied(way, sql)
    ran("list", "add", "Customers", "+34600111224").done()
    (last,) = rows(way, "SELECT action FROM audit ORDER BY id DESC LIMIT 1")
    assert last == ("list.add",)


def test_root_without_a_way_in_is_told_how_to_give_the_password(
    ran: Command, root: PbxRoot, server: Server, backup: Path
) -> None:
    server.rows("ALTER USER root@localhost IDENTIFIED BY 'of the root'")
    try:
        said = ran("restore", backup, "--replace", "--root", root.path)
        said.refused("--replace --db-user root --db-password-stdin")
        wrong = ran("restore", backup, "--replace", "--db-user", "root")
        wrong.refused("Access denied")
    finally:
        by_root = {"unix_socket": server.socket, "user": "root"}
        sql = "ALTER USER root@localhost IDENTIFIED BY ''"
        rows({**by_root, "password": "of the root"}, sql)
