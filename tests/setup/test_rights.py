"""What the application's user of the database may do, tried by coming in as it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.cli.conftest import Ran, in_process
from tests.setup.conftest import Server, Setup, rows
from tests.setup.pbx_root import PbxRoot

DENIED = {1044, 1142, 1143, 1227, 1370}
ADDED = (
    "INSERT INTO audit (at, user_name, action, subject, details)"
    " VALUES (NOW(), 'ana', 'x', 'x', '{}')"
)
FORBIDDEN = [
    "UPDATE audit SET subject = 'y'",
    "DELETE FROM audit",
    "REPLACE INTO audit SELECT * FROM audit",
    "INSERT INTO audit (id, at, user_name, action, subject, details)"
    " VALUES (1, NOW(), '', '', '', '') ON DUPLICATE KEY UPDATE subject = 'y'",
    "TRUNCATE TABLE audit",
    "DROP TABLE audit",
    "ALTER TABLE audit DROP COLUMN subject",
    "RENAME TABLE audit TO other",
    "CREATE OR REPLACE TABLE audit (id INT)",
    "CREATE TRIGGER t BEFORE INSERT ON audit FOR EACH ROW SET NEW.subject = ''",
    "LOCK TABLES audit WRITE",
    "CREATE TABLE more (id INT)",
    "DROP TABLE message",
    "ALTER TABLE setting ADD COLUMN x INT",
    "DELETE FROM schema_migration",
    "INSERT INTO schema_migration VALUES (99, 'x', NOW())",
    "GRANT DELETE ON audit TO massivesms@localhost",
    "SET GLOBAL read_only = 1",
    "INSERT INTO asteriskcdrdb.cdr (src) VALUES ('1')",
    "DELETE FROM asteriskcdrdb.cdr",
    "SELECT * FROM asterisk.ampusers",
    "DELETE FROM asterisk.contactmanager_groups",
    "SELECT * FROM mysql.user",
]
ALLOWED = [
    ADDED,
    "SELECT * FROM audit",
    "SELECT * FROM schema_migration",
    "INSERT INTO setting VALUES ('x', 'y', NOW())",
    "UPDATE setting SET value = 'z'",
    "DELETE FROM setting",
    "SELECT GET_LOCK('a', 0), RELEASE_LOCK('a')",
    "SELECT * FROM asteriskcdrdb.cdr",
    "SELECT * FROM asterisk.contactmanager_groups",
    "SELECT * FROM call_center.dont_call",
]


@pytest.fixture
def way(
    root: PbxRoot, server: Server, setup: Setup, conf: Path
) -> Iterator[dict[str, Any]]:
    """How the application comes in, on a PBX that was set up."""
    root.debian()
    root.freepbx()
    server.pbx()
    server.rows("CREATE TABLE asterisk.ampusers (username VARCHAR(20))")
    setup().done()
    yield server.application(conf)


def denied(way: dict[str, Any], sql: str) -> None:
    with pytest.raises(pymysql.MySQLError) as error:
        rows(way, sql)
    # Asked for a table that it may not even see, MariaDB says "denied" too.
    assert error.value.args[0] in DENIED, (sql, error.value)


def test_the_application_does_what_it_needs_and_nothing_else(
    way: dict[str, Any], server: Server
) -> None:
    for sql in ALLOWED:
        rows(way, sql)
    for sql in FORBIDDEN:
        denied(way, sql)
    kept = server.rows("SELECT subject FROM massivesms.audit WHERE user_name = 'ana'")
    assert kept == [("x",)]


TOO_MANY = {
    "by hand": ["ALL ON massivesms.*"],
    "by a pattern": ["ALL ON `massive%`.*"],
    "everywhere": ["ALL ON *.*"],
    "some": ["SUPER ON *.*", "DELETE ON massivesms.audit"],
    "a column": ["UPDATE (subject) ON massivesms.audit"],
    "the call records": ["ALL ON asteriskcdrdb.cdr"],
}


@pytest.mark.parametrize("option", ["", " WITH GRANT OPTION"], ids=["", "to others"])
def test_rights_that_are_too_many_are_taken(
    way: dict[str, Any], server: Server, setup: Setup, option: str
) -> None:
    for name, too_many in TOO_MANY.items():
        for grant in too_many:
            server.rows(f"GRANT {grant} TO massivesms@localhost{option}")
        out = setup().done().out
        assert "changed          rights of massivesms@localhost: " in out, name
        for sql in FORBIDDEN:
            denied(way, sql)
        for sql in ALLOWED:
            rows(way, sql)
    assert "as it should be  rights of massivesms" in setup().done().out


def test_every_account_of_the_user_is_cut_down(
    way: dict[str, Any], server: Server, setup: Setup
) -> None:
    server.rows("CREATE USER massivesms@'%' IDENTIFIED BY 'net'")
    server.rows("GRANT ALL ON massivesms.* TO massivesms@'%'")
    setup().done()
    network = {"host": "127.0.0.1", "port": server.mariadb.port, "password": "net"}
    way = {"user": "massivesms", "database": "massivesms", **network}
    denied(way, "DELETE FROM audit")
    rows(way, "SELECT * FROM campaign")


def test_rights_on_other_databases_are_left_alone(
    way: dict[str, Any], server: Server, setup: Setup
) -> None:
    server.rows("CREATE TABLE call_center.customers (number VARCHAR(20))")
    server.rows("GRANT SELECT ON call_center.customers TO massivesms@localhost")
    assert "as it should be  rights" in setup().done().out
    rows(way, "SELECT * FROM call_center.customers")


def test_a_role_that_opens_the_audit_is_said(
    way: dict[str, Any], server: Server, setup: Setup
) -> None:
    server.rows("CREATE ROLE helpers")
    server.rows("GRANT DELETE ON massivesms.audit TO helpers")
    server.rows("GRANT helpers TO massivesms@localhost")
    server.rows("SET DEFAULT ROLE helpers FOR massivesms@localhost")
    try:
        setup().refused("massivesms can still change the audit")
    finally:
        server.rows("DROP ROLE helpers")


def test_call_records_are_written_only_while_the_setting_says_so(
    way: dict[str, Any], server: Server, setup: Setup
) -> None:
    write = "INSERT INTO asteriskcdrdb.cdr (src) VALUES ('1')"
    save = "REPLACE INTO setting VALUES ('write_call_records', '{}', NOW())"
    rows(way, save.format("yes"))
    setup().done()
    rows(way, write)
    denied(way, "DELETE FROM asteriskcdrdb.cdr")
    rows(way, save.format("no"))
    setup("--upgrade").done()
    denied(way, write)


def test_the_original_s_database_can_be_read(
    way: dict[str, Any], server: Server, setup: Setup
) -> None:
    server.rows("CREATE DATABASE massive_sms")
    try:
        server.rows("CREATE TABLE massive_sms.list (list INT, name VARCHAR(20))")
        setup().done()
        rows(way, "SELECT * FROM massive_sms.list")
        denied(way, "DELETE FROM massive_sms.list")
    finally:
        server.rows("DROP DATABASE massive_sms")


# --- what the other commands say of it -----------------------------------------------


def ran(conf: Path, *words: str) -> Ran:
    return in_process("--config", conf, *words)


def test_the_application_s_user_cannot_upgrade_and_is_told_who_can(
    way: dict[str, Any], server: Server, conf: Path
) -> None:
    assert "up to date" in ran(conf, "db", "upgrade").done().out
    server.rows("DELETE FROM massivesms.schema_migration WHERE version = 7")
    ran(conf, "db", "upgrade").refused("Run as root: massivesms setup --upgrade")
    ran(conf, "db", "status").refused("0007")


def finding(conf: Path, what: str) -> dict[str, Any]:
    found = {f["what"]: f for f in ran(conf, "doctor", "--json").json}
    return found[what]


def test_the_doctor_sees_rights_that_are_too_few_or_too_many(
    way: dict[str, Any], server: Server, conf: Path
) -> None:
    assert finding(conf, "rights")["good"]
    server.rows("GRANT DELETE ON massivesms.audit TO massivesms@localhost")
    assert "could change the audit" in finding(conf, "rights")["said"]
    server.rows("REVOKE ALL ON massivesms.audit FROM massivesms@localhost")
    said = finding(conf, "rights")["said"]
    assert "lacks rights on massivesms.audit" in said and "massivesms setup" in said


def test_the_doctor_sees_that_call_records_cannot_be_written(
    way: dict[str, Any], conf: Path
) -> None:
    rows(way, "INSERT INTO setting VALUES ('write_call_records', 'yes', NOW())")
    assert "asteriskcdrdb.cdr" in finding(conf, "rights")["said"]


def test_the_doctor_sees_the_keys_the_file_and_the_menu(
    way: dict[str, Any], conf: Path
) -> None:
    key = conf.parent / "sso.key"
    assert finding(conf, "sign-on key")["good"]
    key.chmod(0o644)
    assert "read by everybody" in finding(conf, "sign-on key")["said"]
    key.chmod(0o640)
    key.write_text("short")
    assert "damaged" in finding(conf, "sign-on key")["said"]
    key.unlink()
    assert "missing" in finding(conf, "sign-on key")["said"]
    assert "massivesms/module.xml is missing" in finding(conf, "menu")["said"]
    conf.chmod(0o644)
    assert "chmod 640" in finding(conf, "configuration")["said"]
