"""A restore brings all of it, or changes nothing; and it sends nothing by itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store import migrations, services
from massivesms.store.db import Database
from tests.backup.conftest import Run, dump
from tests.backup.looking import in_database, leftovers, one
from tests.cli.conftest import in_process
from tests.servers.mariadb import PrivateMariaDB

# --- nothing is sent by itself -----------------------------------------------------


def test_campaigns_come_back_paused_and_sending_is_off(
    run: Run, filled: Database, backup: Path
) -> None:
    ran = run("restore", backup, "--replace").done()
    assert one(filled, "SELECT COUNT(*) FROM campaign WHERE paused = 0") == 0
    assert one(filled, "SELECT value FROM setting WHERE name = 'sending'") == "no"
    assert "2 campaigns are paused and sending is off" in ran.out
    assert "config set sending yes" in ran.out


def test_with_resume_all_is_as_it_was(run: Run, filled: Database, backup: Path) -> None:
    run("restore", backup, "--replace", "--resume").done()
    assert one(filled, "SELECT COUNT(*) FROM campaign WHERE paused = 0") == 2
    assert one(filled, "SELECT value FROM setting WHERE name = 'sending'") is None


def test_what_was_on_its_way_is_in_doubt_and_counted_so(
    run: Run, filled: Database, backup: Path
) -> None:
    run("restore", backup, "--replace", "--resume").done()
    found = one(
        filled,
        "SELECT COUNT(*) FROM message WHERE state = 'in_doubt'"
        " AND result_code = 'restored_in_flight' AND claim_token IS NULL",
    )
    assert found == 3
    with filled.transaction() as tx:
        counted = tx.tuples(
            "SELECT campaign_id, state, SUM(messages), SUM(segments)"
            " FROM campaign_count GROUP BY 1, 2 HAVING SUM(messages) <> 0 ORDER BY 1, 2"
        )
        there = tx.tuples(
            "SELECT campaign_id, state, COUNT(*), SUM(segments) FROM message"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )
    assert counted == there


def test_the_record_of_changes_is_never_shortened(
    run: Run, filled: Database, backup: Path
) -> None:
    with filled.transaction() as tx:
        tx.execute(
            "INSERT INTO audit (at, user_name, action, subject, details)"
            " VALUES (NOW(3), 'eva', 'list.remove', 'after the backup', '{}')"
        )
    with filled.transaction() as tx:
        before = tx.tuples("SELECT at, user_name, action, subject FROM audit")
    run("restore", backup, "--replace").done()
    with filled.transaction() as tx:
        after = tx.tuples("SELECT at, user_name, action, subject FROM audit")
    assert len(after) == len(before) + 1
    assert after[: len(before)] == before
    assert after[-1][2] == "backup.restore"


def test_who_refused_or_was_erased_since_stays_so(
    run: Run, filled: Database, backup: Path
) -> None:
    with filled.transaction() as tx:
        tx.execute(
            "INSERT INTO blocked_number (number, campaign_id, source, created_by,"
            " created_at, opted_out_at, inbound_id) VALUES"
            " ('+34600999999', 0, 'opt_out', '(incoming)', NOW(), NOW(), 7),"
            " ('+34600999998', 2, 'manual', 'eva', NOW(), NULL, NULL)"
        )
        tx.execute(
            "INSERT INTO erased_number VALUES (UNHEX(SHA2('z', 256)), 'eva', NOW())"
        )
    ran = run("restore", backup, "--replace").done()
    assert "2 numbers that were blocked or erased" in ran.out
    assert one(filled, "SELECT GROUP_CONCAT(number) FROM blocked_number") == (
        "+34600999999"
    )
    sql = "SELECT opted_out_at IS NOT NULL AND inbound_id IS NULL FROM blocked_number"
    assert one(filled, sql) == 1, "the wish stays, its message is of another history"
    assert one(filled, "SELECT COUNT(*) FROM erased_number") == 2
    assert one(filled, "SELECT numbers FROM blocked_total") == 1


def test_blocks_of_the_backup_and_of_since_are_counted_once_each(
    run: Run, filled: Database, tmp_path: Path
) -> None:
    run("blocked", "add", "+34600999991").done()
    run("blocked", "add", "+34600999992").done()
    file = tmp_path / "b"
    run("backup", file).done()
    run("blocked", "remove", "+34600999991").done()
    run("blocked", "add", "+34600999993").done()
    run("restore", file, "--replace").done()
    assert one(filled, "SELECT COUNT(*) FROM blocked_number") == 3
    assert one(filled, "SELECT numbers FROM blocked_total") == 3


def put_everywhere(db: Database, *numbers: str) -> None:
    """Numbers of a message that is on its way, a bad row and a delivery receipt."""
    offer = one(db, "SELECT id FROM campaign WHERE name = 'Offer'")
    with db.transaction() as tx:
        for number in numbers:
            tx.execute(
                "INSERT INTO message (campaign_id, state, number, segments, created_at,"
                " claimed_at) VALUES (%s, 'submitting', %s, 1, NOW(), NOW())",
                (offer, number),
            )
            tx.execute(
                "INSERT INTO campaign_count VALUES (%s, 'submitting', 0, 1, 1)"
                " ON DUPLICATE KEY UPDATE messages = messages + 1,"
                " segments = segments + 1",
                (offer,),
            )
            tx.execute(
                "INSERT INTO import_problem (import_id, line, number, code, params)"
                " VALUES (1, 9, %s, 'duplicate', '{}')",
                (f"{number[3:6]} {number[6:]}",),
            )
            tx.execute(
                "INSERT INTO receipt (trunk_id, smsc_message_id, number, state,"
                " received_at) VALUES (1, 'x', %s, 'delivered', NOW())",
                (number,),
            )


def test_a_number_that_was_erased_since_is_erased_again(
    run: Run, filled: Database, tmp_path: Path
) -> None:
    """Wherever the backup has it: lists, messages, loads, receipts, blocked numbers."""
    gone, other = "+34600000001", "+34600000002"
    put_everywhere(filled, gone, other)
    run("blocked", "add", gone).done()
    run("blocked", "add", other).done()
    listed = "SELECT included FROM list WHERE name = 'Customers'"
    in_list = one(filled, listed)
    file = tmp_path / "b"
    run("backup", file).done()
    with filled.transaction() as tx:  # sent meanwhile
        tx.execute("UPDATE message SET state = 'submitted' WHERE state = 'submitting'")
    run("erase", gone).done()

    ran = run("restore", file, "--replace").done()
    assert "1 erased numbers were still in the backup" in ran.out
    for table, held in dump(filled, "audit").items():
        assert "600000001" not in str(held).replace(" ", ""), table
    assert one(filled, listed) == int(str(in_list)) - 1
    assert one(filled, "SELECT numbers FROM blocked_total") == 1
    with filled.transaction() as tx:
        counted = tx.tuples(
            "SELECT campaign_id, state, SUM(messages), SUM(segments)"
            " FROM campaign_count GROUP BY 1, 2 HAVING SUM(messages) <> 0 ORDER BY 1, 2"
        )
        there = tx.tuples(
            "SELECT campaign_id, state, COUNT(*), SUM(segments) FROM message"
            " GROUP BY 1, 2 ORDER BY 1, 2"
        )
    assert counted == there
    run("list", "add", "Customers", gone).refused("erased on request")
    done = one(filled, "SELECT details FROM audit WHERE action = 'backup.restore'")
    assert json.loads(str(done))["erased_again"] == 1


def test_scripts_come_back_and_a_changed_one_is_kept_beside(
    run: Run, filled: Database, config: Config, backup: Path
) -> None:
    script = config.scripts_dir / "send.sh"
    old = script.read_text()
    script.write_text("changed\n")
    ran = run("restore", backup, "--replace").done()
    assert script.read_text() == old
    assert script.with_name("send.sh.before-restore").read_text() == "changed\n"
    assert str(script) in ran.out
    script.unlink()
    run("restore", backup, "--replace").done()
    assert script.read_text() == old
    assert script.stat().st_mode & 0o777 == 0o750


# --- an older schema ---------------------------------------------------------------


def test_a_backup_of_an_older_schema_is_upgraded(
    run: Run,
    db: Database,
    config: Config,
    mariadb: PrivateMariaDB,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mariadb.create_database("older")
    older = tmp_path / "older.conf"
    text = config.file.read_text()
    older.write_text(text.replace("name = massivesms\n", "name = older\n"))
    old = Database(in_database(config, "older"))
    migrations.upgrade(old, through=2)
    with old.transaction() as tx:
        tx.execute(
            "INSERT INTO list (name, created_by, created_at) VALUES ('Old', 'x', NOW())"
        )
    old.close()
    every = migrations.available()
    file = tmp_path / "b"
    with monkeypatch.context() as then:  # the release that made it
        then.setattr(migrations, "available", lambda *_: every[:2])
        in_process("--config", older, "backup", file).done()
    ran = run("restore", file).done()
    assert "applied 0003_pbx_users.sql" in ran.out
    assert one(db, "SELECT name FROM list") == "Old"
    assert one(db, "SELECT COUNT(*) FROM schema_migration") == len(every)
    db.close()
    run("db", "status").done()
    mariadb.drop_database("older")


def test_a_backup_is_restored_into_a_database_without_tables(
    run: Run,
    filled: Database,
    config: Config,
    backup: Path,
    mariadb: PrivateMariaDB,
    tmp_path: Path,
) -> None:
    mariadb.create_database("fresh")
    fresh = tmp_path / "fresh.conf"
    text = config.file.read_text()
    fresh.write_text(text.replace("name = massivesms\n", "name = fresh\n"))
    words = ("--config", fresh)
    in_process(*words, "restore", backup, "--resume").done()
    in_process(*words, "db", "status").done()
    ran = in_process(*words, "list", "show", "Customers", "--json").done()
    assert "+34600000019" in ran.out
    mariadb.drop_database("fresh")


# --- refusals ----------------------------------------------------------------------


def test_data_is_replaced_only_when_asked(
    run: Run, filled: Database, backup: Path
) -> None:
    before = dump(filled)
    run("restore", backup).refused("holds data", "--replace", "Nothing was changed")
    assert dump(filled) == before


def test_it_refuses_while_a_service_runs_or_pages_are_connected(
    run: Run, filled: Database, config: Config, backup: Path
) -> None:
    before = dump(filled)
    pages = Database(config.database)
    with pages.transaction() as tx:
        tx.value("SELECT 1")
    run("restore", backup, "--replace").refused("in use (root@localhost", "pages")
    pages.close()
    with filled.transaction() as tx:
        services.register(tx, "here:1", "here", 1, "1")
    run("restore", backup, "--replace").refused("service massivesms stop")
    assert leftovers(filled) == []
    with filled.transaction() as tx:
        services.leave(tx, "here:1")
    assert dump(filled) == before
