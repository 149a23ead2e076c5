"""A backup that is damaged, and a restore that is killed, change nothing."""

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
from pathlib import Path

from massivesms.config import Config
from massivesms.store.db import Database
from tests.another_user import not_root
from tests.backup.conftest import Run, dump
from tests.backup.looking import in_database, leftovers
from tests.cli.conftest import COMMAND, in_process
from tests.servers.mariadb import PrivateMariaDB

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
