"""A restore brings all of it, or changes nothing; and it sends nothing by itself."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from massivesms.config import Config, DatabaseSettings
from massivesms.store import migrations, services
from massivesms.store.db import Database
from tests.another_user import not_root
from tests.backup.conftest import Run, dump
from tests.cli.conftest import COMMAND, in_process
from tests.servers.mariadb import PrivateMariaDB


def one(db: Database, sql: str) -> object:
    with db.transaction() as tx:
        return tx.value(sql)


def leftovers(db: Database) -> list[str]:
    with db.transaction() as tx:
        return [name for (name,) in tx.tuples("SHOW DATABASES LIKE '%restore%'")]


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
            "INSERT INTO blocked_number VALUES"
            " ('+34600999999', 0, 'manual', '', 'eva', NOW()),"
            " ('+34600999998', 2, 'manual', '', 'eva', NOW())"
        )
        tx.execute(
            "INSERT INTO erased_number VALUES (UNHEX(SHA2('z', 256)), 'eva', NOW())"
        )
    ran = run("restore", backup, "--replace").done()
    assert "2 numbers that were blocked or erased" in ran.out
    assert one(filled, "SELECT GROUP_CONCAT(number) FROM blocked_number") == (
        "+34600999999"
    )
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


def test_a_number_that_was_erased_since_is_erased_again(
    run: Run, filled: Database, tmp_path: Path
) -> None:
    """Wherever the backup has it: lists, messages, loads, receipts, blocked numbers."""
    gone, other = "+34600000001", "+34600000002"
    offer = one(filled, "SELECT id FROM campaign WHERE name = 'Offer'")
    with filled.transaction() as tx:
        for number in (gone, other):
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


def in_database(config: Config, name: str) -> DatabaseSettings:
    return replace(config.database, name=name)


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


Damage = Callable[[Path], None]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def flip(file: Path) -> None:
    octets = bytearray(file.read_bytes())
    octets[len(octets) // 2] ^= 0x55
    file.write_bytes(octets)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def other(file: Path) -> None:
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("hello.txt", "hello")


def rewrite(file: Path, change: Callable[[str, bytes], bytes | None]) -> None:
    """The same zip with parts changed or (None) left out, its checksums right."""
    with zipfile.ZipFile(file) as opened:
        parts = {name: opened.read(name) for name in opened.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            changed = change(name, content)
            if changed is not None:
                made.writestr(name, changed)


def alter_a_row(file: Path) -> None:
    rewrite(
        file,
        lambda name, content: (
            content.replace(b"Customers", b"Customer$")
            if name == "tables/list.rows"
            else content
        ),
    )


def leave_out_a_table(file: Path) -> None:
    rewrite(file, lambda name, c: None if name == "tables/message.rows" else c)


def add_a_part(file: Path) -> None:
    with zipfile.ZipFile(file, "a") as opened:
        opened.writestr("scripts/evil.sh", "x")


def with_manifest(change: Callable[[dict[str, object]], None]) -> Damage:
    def damage(file: Path) -> None:
        def changed(name: str, content: bytes) -> bytes:
            if name != "manifest.json":
                return content
            manifest = json.loads(content)
            change(manifest)
            return json.dumps(manifest).encode()

        rewrite(file, changed)

    return damage


def smuggle(file: Path) -> None:
    """A statement among the rows, with every checksum made anew."""
    evil = b"'1'); DROP TABLE message; --\n"

    def changed(name: str, content: bytes) -> bytes:
        if name == "tables/setting.rows":
            return evil
        if name != "manifest.json":
            return content
        manifest = json.loads(content)
        manifest["key_id"] = "another"  # so that the seal cannot be checked
        part = {"sha256": hashlib.sha256(evil).hexdigest(), "bytes": len(evil)}
        manifest["parts"]["tables/setting.rows"] = part
        return json.dumps(manifest).encode()

    rewrite(file, changed)


DAMAGES = [
    (cut, "backup"),
    (flip, "backup"),
    (empty, "no backup of massivesms"),
    (other, "no backup of massivesms"),
    (alter_a_row, "damaged or was altered in tables/list.rows"),
    (leave_out_a_table, "damaged or was altered"),
    (add_a_part, "damaged or was altered in parts"),
    (with_manifest(lambda m: m.update(made_at="2001")), "altered in manifest.json"),
    (with_manifest(lambda m: m.update(product="other")), "no backup of massivesms"),
    (with_manifest(lambda m: m.update(format=2)), "newer version"),
    (with_manifest(lambda m: m.update(key_id="x", schema=[1, 2, 99])), "newer version"),
    (with_manifest(lambda m: m.update(key_id="x", tables=[])), "damaged"),
    (with_manifest(lambda m: m.update(key_id="x", tables={"user": 1})), "damaged"),
    (smuggle, "damaged or was altered in setting"),
]


def test_a_damaged_altered_newer_or_foreign_file_changes_nothing(
    run: Run, filled: Database, backup: Path, tmp_path: Path
) -> None:
    before = dump(filled)
    for n, (damage, words) in enumerate(DAMAGES):
        file = tmp_path / f"damaged{n}"
        shutil.copy(backup, file)
        damage(file)
        run("restore", file, "--replace").refused(words)
        assert dump(filled) == before, words
        assert leftovers(filled) == []
    run("restore", tmp_path / "nowhere", "--replace").misused("nowhere")


def test_a_user_without_rights_is_told_to_run_it_as_root(
    mariadb: PrivateMariaDB,
    filled: Database,
    config: Config,
    backup: Path,
    tmp_path: Path,
) -> None:
    mariadb.create_user("plain", "secret", config.database.name)
    file = tmp_path / "plain.conf"
    text = config.file.read_text().replace("user = root", "user = plain", 1)
    file.write_text(text.replace("password = \n", "password = secret\n", 1))
    before = dump(filled)
    filled.close()
    words = ("--config", file, "restore", backup, "--replace")
    paths = (file, config.secret_key_file, backup, mariadb.socket_path)
    with not_root(*paths):
        said = in_process(*words)
    as_root = f"Run as root: massivesms --config {file} restore {backup} --replace "
    said.refused("plain may not do this", as_root, "Nothing was changed")
    assert dump(filled) == before
    filled.close()
    in_process(*words, "--db-user", "root", "--resume").done()
    in_process("--config", file, "list", "show", "Customers").done()


def test_killed_in_the_middle_nothing_has_changed_and_the_next_one_works(
    run: Run, filled: Database, config: Config, tmp_path: Path
) -> None:
    with filled.transaction() as tx:
        tx.execute(
            "INSERT INTO message (campaign_id, number, segments, created_at)"
            " SELECT 1, 600000000 + seq, 1, NOW() FROM seq_1_to_15000"
        )
    file = tmp_path / "b"
    run("backup", file).done()
    before = dump(filled)
    filled.close()
    command = subprocess.Popen(
        [COMMAND, "--config", config.file, "restore", file, "--replace"],
        stdout=subprocess.DEVNULL,
    )
    server = Database(in_database(config, "mysql"))
    loading = "SELECT COUNT(*) FROM massivesms_restore_new.message"
    give_up_at = time.monotonic() + 60
    while True:
        assert time.monotonic() < give_up_at and command.poll() is None
        with server.transaction() as tx:
            tables = (
                "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema ="
                " 'massivesms_restore_new' AND table_name = 'message'"
            )
            if tx.value(tables) and tx.value(loading):
                break
    os.kill(command.pid, signal.SIGKILL)
    assert command.wait() == -signal.SIGKILL
    server.close()
    assert dump(filled) == before
    assert leftovers(filled)
    run("restore", file, "--replace", "--resume").done()
    assert leftovers(filled) == []
    same = ("message", "campaign_count", "audit", "traffic")
    restored = dump(filled, *same)
    assert restored == {name: before[name] for name in restored}
