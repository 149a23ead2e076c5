"""A backup has everything, exactly, and no password."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import zipfile
from pathlib import Path

from massivesms.config import Config
from massivesms.store.db import Database
from tests.backup.conftest import PASSWORD, Run, dump
from tests.cli.conftest import COMMAND
from tests.servers.mariadb import PrivateMariaDB


def contents(file: Path) -> bytes:
    """Every octet that the backup holds, unpacked."""
    with zipfile.ZipFile(file) as opened:
        return b"".join(opened.read(name) for name in opened.namelist())


def empty(db: Database) -> None:
    """As a fresh installation has it."""
    with db.transaction() as tx:
        tx.execute("SET foreign_key_checks = 0")
        for (table,) in tx.tuples("SHOW TABLES"):
            if table not in ("schema_migration", "role", "campaign"):
                tx.execute(f"DELETE FROM `{table}`")
        tx.execute("DELETE FROM campaign WHERE id <> 1")
    db.close()


def test_what_is_restored_equals_what_was_backed_up_row_by_row(
    run: Run, filled: Database, backup: Path
) -> None:
    with filled.transaction() as tx:
        # Sent after the backup; the round trip below must bring it back as it was.
        tx.execute("DELETE FROM audit WHERE action = 'backup.make'")
        tx.execute("UPDATE message SET state = 'in_doubt' WHERE state = 'submitting'")
    # What was on its way is counted as in doubt, now.
    changed = ("message", "message definition", "campaign_count", "audit", "traffic")
    before = dump(filled, *changed)
    messages = rows(filled, "message WHERE state <> 'in_doubt'")
    traffic = rows(filled, "traffic")
    empty(filled)
    ran = run("restore", backup, "--resume").done()
    assert "are in doubt" in ran.out
    after = dump(filled, *changed)
    for name, value in before.items():
        assert after[name] == value, name
    assert set(after) == set(before)
    assert rows(filled, "message WHERE state <> 'in_doubt'") == messages
    assert rows(filled, "traffic WHERE state <> 'in_doubt'") == traffic


def rows(db: Database, source: str) -> object:
    with db.transaction() as tx:
        return tx.tuples(f"SELECT * FROM {source} ORDER BY 1")


def test_the_next_numbers_go_on(run: Run, filled: Database, backup: Path) -> None:
    sql = (
        "SELECT table_name, auto_increment FROM information_schema.tables"
        " WHERE table_schema = DATABASE() AND table_name IN"
        " ('message', 'campaign', 'trunk', 'list', 'contact') ORDER BY 1"
    )
    with filled.transaction() as tx:
        before = tx.tuples(sql)
    run("restore", backup, "--replace", "--resume").done()
    with filled.transaction() as tx:
        assert tx.tuples(sql) == before


def test_a_planted_password_is_nowhere_in_a_backup(
    run: Run, filled: Database, config: Config, tmp_path: Path
) -> None:
    text = config.file.read_text().replace(
        "[cdr]\n", f"[cdr]\nPassword = {PASSWORD}\n  {PASSWORD}\n", 1
    )
    config.file.write_text(text)
    backup = tmp_path / "b"
    run("backup", backup).done()
    held = contents(backup)
    assert PASSWORD.encode() not in held
    assert config.secret_key().hex().encode() not in held
    assert b"scripts_dir" in held  # the configuration is there, without passwords


def test_a_backup_with_keys_says_so_loudly_and_opens_the_passwords(
    run: Run, filled: Database, config: Config, tmp_path: Path
) -> None:
    backup = tmp_path / "b"
    ran = run("backup", backup, "--with-keys")
    assert (ran.code, "key files" in ran.err) == (0, True)
    key = config.secret_key_file.read_text()
    config.secret_key_file.unlink()
    ran = run("restore", backup, "--replace", "--json").done()
    assert config.secret_key_file.read_text() == key
    assert config.secret_key_file.stat().st_mode & 0o777 == 0o600
    assert not ran.json["other_key"]


def test_another_key_file_is_said_and_never_lost(
    run: Run, filled: Database, config: Config, backup: Path, tmp_path: Path
) -> None:
    other = "ab" * 32 + "\n"
    with_keys = tmp_path / "with-keys"
    run("backup", with_keys, "--with-keys")
    config.secret_key_file.write_text(other)
    ran = run("restore", backup, "--replace")
    assert (ran.code, "another key file" in ran.err) == (0, True)
    run("restore", with_keys, "--replace").done()
    kept = config.secret_key_file.with_name("secret.key.before-restore")
    assert kept.read_text() == other


def test_a_backup_is_for_its_owner_and_never_replaces_a_file(
    run: Run, backup: Path
) -> None:
    assert backup.stat().st_mode & 0o777 == 0o600
    before = backup.read_bytes()
    run("backup", backup).refused("is there already")
    assert backup.read_bytes() == before
    run("backup", backup.parent / "no" / "b").refused("cannot be written")
    names = {p.name for p in backup.parent.iterdir()}
    assert not [name for name in names if name.endswith(".part")]


def test_sign_ins_and_leases_are_left_out(run: Run, backup: Path) -> None:
    with zipfile.ZipFile(backup) as opened:
        manifest = json.loads(opened.read("manifest.json"))
        names = set(opened.namelist())
    left_out = {"web_session", "sign_in_attempt", "sso_nonce", "trunk_session"}
    left_out |= {"trunk_test", "service_instance", "load_job", "load_number"}
    left_out |= {"trunk_probe"}
    assert not left_out & set(manifest["tables"])
    carried = {"pbx_group", "blocked_number", "blocked_total", "call_record_outbox"}
    carried |= {"taken_over", "erased_number", "purge_progress"}
    carried |= {"traffic", "campaign_result"}
    assert carried <= set(manifest["tables"])
    assert {"tables/message.rows", "scripts/send.sh", "massivesms.conf"} <= names
    assert not [name for name in names if name.startswith("keys/")]


def test_a_backup_goes_to_the_standard_output(
    filled: Database, config: Config, tmp_path: Path
) -> None:
    command = [COMMAND, "--config", config.file, "backup", "-"]
    ended = subprocess.run(command, capture_output=True, check=True, timeout=60)
    file = tmp_path / "piped"
    file.write_bytes(ended.stdout)
    filled.close()
    command = [COMMAND, "--config", config.file, "restore", file, "--replace"]
    subprocess.run(command, check=True, timeout=60, stdout=subprocess.DEVNULL)


def test_what_changes_meanwhile_is_not_in_half(
    mariadb: PrivateMariaDB, run: Run, filled: Database, config: Config, tmp_path: Path
) -> None:
    """One snapshot: messages and their counts agree while others write."""
    writer = subprocess.Popen(
        [
            *("mariadb", "--no-defaults", "-uroot", f"-S{mariadb.socket_path}"),
            *(config.database.name, "-e", MOVING),
        ]
    )
    file = tmp_path / "b"
    try:
        run("backup", file).done()
    finally:
        writer.kill()
        writer.wait()
    run("restore", file, "--replace", "--resume").done()
    with filled.transaction() as tx:
        queued = tx.value("SELECT COUNT(*) FROM message WHERE state = 'queued'")
        counted = tx.value(
            "SELECT SUM(messages) FROM campaign_count WHERE state = 'queued'"
        )
    assert queued == counted


MOVING = """
SET autocommit = 0;
BEGIN NOT ATOMIC
  FOR i IN 1..100000 DO
    INSERT INTO message (campaign_id, number, segments, created_at)
      VALUES (1, '+34600999999', 1, NOW());
    UPDATE campaign_count SET messages = messages + 1
      WHERE campaign_id = 1 AND state = 'queued' AND trunk_id = 0;
    COMMIT;
  END FOR;
END
"""


def test_a_backup_that_is_killed_leaves_no_file_of_that_name(
    filled: Database, config: Config, tmp_path: Path
) -> None:
    with filled.transaction() as tx:
        tx.execute(
            "INSERT INTO message (campaign_id, number, segments, created_at)"
            " SELECT 1, 600000000 + seq, 1, NOW() FROM seq_1_to_60000"
        )
    file = tmp_path / "killed"
    command = subprocess.Popen([COMMAND, "--config", config.file, "backup", file])
    while not list(tmp_path.glob(".killed.*")):
        assert command.poll() is None
    os.kill(command.pid, signal.SIGKILL)
    assert command.wait() == -signal.SIGKILL
    assert not file.exists()


def test_backups_refuse_an_old_schema(
    run: Run, filled: Database, tmp_path: Path
) -> None:
    with filled.transaction() as tx:
        tx.execute("DELETE FROM schema_migration WHERE version = 7")
    try:
        run("backup", tmp_path / "b").refused("massivesms setup --upgrade")
    finally:
        with filled.transaction() as tx:
            tx.execute(
                "INSERT INTO schema_migration VALUES"
                " (7, '0007_audit_and_privacy.sql', NOW())"
            )
