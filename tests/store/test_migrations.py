"""Migrations: each once, in order, together with nobody, and never half forgotten."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from massivesms.config import DatabaseSettings
from massivesms.errors import StoreError, WrongSchema
from massivesms.store import migrations
from massivesms.store.db import Database
from tests.conftest import NEWER, OLDER
from tests.servers.mariadb import PrivateMariaDB


@pytest.fixture
def empty(mariadb: PrivateMariaDB) -> Iterator[Database]:
    """A database without tables."""
    mariadb.create_database("upgrades")
    socket = str(mariadb.socket_path)
    db = Database(DatabaseSettings("", 0, socket, "root", "", "upgrades"))
    yield db
    db.close()
    mariadb.drop_database("upgrades")


def tables(db: Database) -> set[str]:
    with db.transaction() as tx:
        return {name for (name,) in tx.tuples("SHOW TABLES")}


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """Two migrations of our own, a file that is none, and odd statements."""
    (tmp_path / "0002_more.sql").write_text(
        "-- second\nCREATE TABLE b (id INT); -- why; because\n"
        "INSERT INTO b VALUES (1), (2);\nINSERT INTO a VALUES (2, '100 %; done');\n"
    )
    (tmp_path / "0001_first.sql").write_text(
        "CREATE TABLE a (\n  id INT,  -- a; b\n  text VARCHAR(20)\n) ENGINE=InnoDB;\n"
    )
    (tmp_path / "README.md").write_text("no migration")
    return tmp_path


def test_a_new_database_has_nothing_applied_and_all_pending(empty: Database) -> None:
    assert migrations.applied(empty) == []
    assert [m.version for m in migrations.pending(empty)] == [
        m.version for m in migrations.available()
    ]


def test_a_database_of_this_version_is_worked_on(db: Database) -> None:
    migrations.check(db)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (OLDER, "lacks 1 of the .* massivesms setup --upgrade"),
        (NEWER, "of a newer massivesms"),
        ("DELETE FROM schema_migration", "has no tables .* massivesms setup --upgrade"),
    ],
    ids=["older", "newer", "new"],
)
def test_a_database_of_another_version_is_refused_in_words(
    db: Database, versions: Callable[[str], None], change: str, words: str
) -> None:
    versions(change)
    with pytest.raises(WrongSchema, match=words):
        migrations.check(db)


def test_the_second_upgrade_does_nothing(empty: Database) -> None:
    names = migrations.upgrade(empty)
    assert names[0] == "0001_initial.sql"
    before = tables(empty)
    assert migrations.upgrade(empty) == []
    assert tables(empty) == before
    assert migrations.pending(empty) == []


def test_versions_of_the_release_are_unique_and_in_order() -> None:
    versions = [m.version for m in migrations.available()]
    assert versions == sorted(set(versions))
    assert versions[0] == 1


def test_planted_migrations_run_in_order_with_odd_statements(
    empty: Database, planted: Path
) -> None:
    assert migrations.upgrade(empty, planted) == ["0001_first.sql", "0002_more.sql"]
    with empty.transaction() as tx:
        assert tx.tuples("SELECT id, text FROM a") == ((2, "100 %; done"),)
        assert tx.value("SELECT COUNT(*) FROM b") == 2


def test_a_later_migration_is_applied_alone(empty: Database, planted: Path) -> None:
    later = planted / "0002_more.sql"
    text = later.read_text()
    later.unlink()
    assert migrations.upgrade(empty, planted) == ["0001_first.sql"]
    later.write_text(text)
    assert migrations.upgrade(empty, planted) == ["0002_more.sql"]
    assert migrations.applied(empty) == [1, 2]


def test_what_was_applied_before_a_failure_is_remembered(
    empty: Database, planted: Path
) -> None:
    broken = planted / "0003_broken.sql"
    broken.write_text("THIS IS NO SQL;\n")
    with pytest.raises(StoreError, match="SQL syntax"):
        migrations.upgrade(empty, planted)
    assert migrations.applied(empty) == [1, 2]
    broken.write_text("CREATE TABLE c (id INT);\n")
    assert migrations.upgrade(empty, planted) == ["0003_broken.sql"]


def test_after_a_failure_the_next_upgrade_need_not_wait(
    empty: Database, planted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_WAIT_S", 0)
    (planted / "0003_broken.sql").write_text("THIS IS NO SQL;\n")
    with pytest.raises(StoreError):
        migrations.upgrade(empty, planted)
    other = Database(empty.settings)
    with pytest.raises(StoreError, match="SQL syntax"):
        migrations.upgrade(other, planted)
    other.close()


def test_two_upgrades_at_once_apply_each_migration_once(empty: Database) -> None:
    done: list[list[str]] = []
    begin = threading.Barrier(3)

    def upgrade() -> None:
        db = Database(empty.settings)
        begin.wait()
        done.append(migrations.upgrade(db))
        db.close()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = [m.name for m in migrations.available()]
    assert sorted(done) == [[], [], names]


def test_an_upgrade_beside_one_that_hangs_is_refused_in_words(
    empty: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_WAIT_S", 0)
    other = Database(empty.settings)
    with other.transaction() as tx:
        tx.value("SELECT GET_LOCK('massivesms_upgrade', 0)")
        with pytest.raises(StoreError, match="Another upgrade"):
            migrations.upgrade(empty)
    other.close()


def test_every_time_of_the_schema_is_in_utc(empty: Database) -> None:
    migrations.upgrade(empty)
    with empty.transaction() as tx:
        assert tx.value("SELECT @@session.time_zone") == "+00:00"
        stamps = "SELECT COUNT(*) FROM information_schema.columns WHERE"
        assert (
            tx.value(f"{stamps} table_schema = DATABASE() AND data_type = 'timestamp'")
            == 0
        ), "a TIMESTAMP changes with the session's time zone"
