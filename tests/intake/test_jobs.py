"""Loads in the background, from the call records to the list: all of it or nothing."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import pymysql
import pytest

from massivesms import background
from massivesms.config import Config
from massivesms.intake import jobs
from massivesms.store import call_records, lists, load_jobs, settings
from massivesms.store.db import Database
from massivesms.store.failures import StoreUnavailable
from tests.call_tables import DATABASE, CallTable, call_tables
from tests.intake.working import (
    ANA,
    PATIENCE_S,
    WORKER,
    create,
    held,
    in_background,
    look,
    run_next,
    value,
    wait_until,
)
from tests.servers.mariadb import PrivateMariaDB

SPAIN = {"country_code": "34", "mobile_prefixes": "6"}


@pytest.fixture(scope="module", autouse=True)
def database(mariadb: PrivateMariaDB) -> Iterator[None]:
    with call_tables(mariadb):
        yield


@pytest.fixture
def calls(mariadb: PrivateMariaDB, db: Database) -> Iterator[CallTable]:
    """A hundred callers with mobiles, and an extension that called thrice."""
    with db.transaction() as tx:
        settings.save(tx, SPAIN)
    table = CallTable(mariadb, "FreePBX 17")
    table.fill(100)
    table.write(*[{"calldate": "2026-05-01 10:00:00", "src": "101"}] * 3)
    yield table
    table.run("UNLOCK TABLES")
    table.close()


def test_a_load_makes_a_list(db: Database, config: Config, calls: CallTable) -> None:
    job_id = create(db)
    assert run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], job["accepted"], job["refused"]) == ("done", 100, 1)
    with db.transaction() as tx:
        made = lists.by_name(tx, "Calls")
    assert (made["id"], made["included"]) == (job["list_id"], 100)
    assert made["created_by"] == "ana"
    found = "SELECT CONCAT(kind, accepted, ' ', refused) FROM import WHERE id = {}"
    assert value(db, found.format(job["import_id"])) == "call_records100 1"
    assert not run_next(db, config), "and it is done once"
    jobs.tidy(db)
    assert value(db, "SELECT COUNT(*) FROM load_number") == 0


def test_what_was_counted_is_saved_without_the_calls(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db, saving=False)
    run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], job["accepted"], job["refused"]) == ("done", 100, 1)
    assert (job["done"], job["total"]) == (0, 0) or job["total"] == 1
    assert value(db, "SELECT COUNT(*) FROM list") == 0
    calls.run("DROP TABLE cdr")
    jobs.tidy(db)
    params = {**job["params"], "name": "Counted"}
    assert db.atomically(lambda tx: load_jobs.save(tx, job_id, params, ANA))
    run_next(db, config)
    assert value(db, "SELECT included FROM list WHERE name = 'Counted'") == 100


def test_a_load_adds_to_a_list_what_it_has_not_yet(
    db: Database, config: Config, calls: CallTable
) -> None:
    create(db)
    run_next(db, config)
    calls.write({"calldate": "2026-05-02", "src": "699000001"})
    list_id = value(db, "SELECT id FROM list")
    job_id = create(db, list_id=list_id)
    run_next(db, config)
    assert look(db, job_id)["list_id"] == list_id
    assert value(db, "SELECT included FROM list") == 101
    counts = "SELECT CONCAT(accepted, ' ', duplicates) FROM import ORDER BY id DESC"
    assert value(db, counts) == "1 100"


def test_progress_is_seen_from_elsewhere(
    db: Database,
    config: Config,
    calls: CallTable,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(call_records, "WINDOW_ROWS", 10)
    monkeypatch.setattr(background, "BEAT_S", 0.01)
    job_id = create(db)
    steps = set()
    with in_background(config) as worker:
        while worker.is_alive():
            job = look(db, job_id)
            steps.add((job["done"], job["total"]))
    assert {total for _, total in steps} <= {0, 11}
    assert len(steps) > 1


def test_a_cancelled_load_saves_nothing(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db)
    with in_background(config), held(calls, db, job_id):
        wait_until(lambda: look(db, job_id)["state"] == "running")
        assert db.atomically(lambda tx: load_jobs.cancel(tx, job_id, ANA))
    assert look(db, job_id)["state"] == "cancelled"
    assert value(db, "SELECT COUNT(*) FROM list") == 0
    jobs.tidy(db)
    assert value(db, "SELECT COUNT(*) FROM load_number") == 0


def test_a_worker_that_ends_gives_its_load_back(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db)
    stopping = threading.Event()
    with in_background(config, stopping), held(calls, db, job_id):
        wait_until(lambda: look(db, job_id)["state"] == "running")
        stopping.set()
    job = look(db, job_id)
    assert (job["state"], job["owner"], job["attempts"]) == ("waiting", "", 0)
    run_next(db, config)
    assert look(db, job_id)["state"] == "done"


def test_the_load_of_a_killed_worker_is_taken_up_again(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db)
    calls.run("LOCK TABLES cdr WRITE")
    with subprocess.Popen([sys.executable, "-c", WORKER]) as worker:
        wait_until(lambda: look(db, job_id)["owner"] == "worker")
        worker.kill()
    calls.run("UNLOCK TABLES")
    assert not run_next(db, config), "its heartbeat is young"
    with db.transaction() as tx:
        tx.execute(
            "UPDATE load_job SET heartbeat_at = heartbeat_at - INTERVAL 11 SECOND"
        )
    assert run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], job["attempts"], job["accepted"]) == ("done", 2, 100)
    assert value(db, "SELECT included FROM list") == 100


def test_a_worker_killed_while_it_saves_leaves_nothing_half_done(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db, saving=False)
    run_next(db, config)
    params = look(db, job_id)["params"]
    db.atomically(lambda tx: load_jobs.save(tx, job_id, params, ANA))
    blocker = pymysql.connect(
        unix_socket=config.database.socket, user="root", database="massivesms"
    )
    with blocker, blocker.cursor() as cursor:
        cursor.execute("LOCK TABLES contact READ")
        with subprocess.Popen([sys.executable, "-c", WORKER]) as worker:
            waiting = (
                "SELECT COUNT(*) FROM information_schema.processlist"
                " WHERE db = 'massivesms' AND info LIKE '%INSERT INTO contact%'"
                " AND id <> CONNECTION_ID()"
            )
            wait_until(lambda: value(db, waiting))
            worker.kill()
    wait_until(lambda: not value(db, waiting))
    assert value(db, "SELECT COUNT(*) FROM list") == 0
    with db.transaction() as tx:
        tx.execute(
            "UPDATE load_job SET heartbeat_at = heartbeat_at - INTERVAL 11 SECOND"
        )
    assert run_next(db, config)
    assert value(db, "SELECT included FROM list") == 100


def test_call_records_that_break_off_save_nothing_and_are_said(
    db: Database, config: Config, calls: CallTable, mariadb: PrivateMariaDB
) -> None:
    calls.run("RENAME TABLE cdr TO fast")
    calls.run(
        "CREATE VIEW cdr AS SELECT calldate, src, dst FROM fast WHERE SLEEP(0.05) = 0"
    )
    job_id = create(db)
    with in_background(config):
        reading = (
            "SELECT MAX(id) FROM information_schema.processlist"
            f" WHERE db = '{DATABASE}' AND state = 'User sleep'"
        )
        wait_until(lambda: value(db, reading))
        calls.run(f"KILL {value(db, reading)}")
    calls.run("DROP VIEW cdr")
    job = look(db, job_id)
    assert job["state"] == "failed"
    assert "cannot be read" in str(job["problem"])
    assert value(db, "SELECT COUNT(*) FROM list") == 0


def test_what_fails_is_said_and_the_next_load_is_carried_out(
    db: Database, config: Config, calls: CallTable
) -> None:
    first, taken, gone = create(db), create(db), create(db, list_id=12345)
    for _ in range(3):
        assert run_next(db, config)
    assert look(db, first)["state"] == "done"
    said = {
        taken: "already a list called Calls",
        gone: "no list called #12345",
    }
    for job_id, words in said.items():
        job = look(db, job_id)
        assert (job["state"], words in str(job["problem"])) == ("failed", True)
    calls.run("DROP TABLE cdr")
    unreadable = create(db, name="Other")
    run_next(db, config)
    assert "massivesms setup" in str(look(db, unreadable)["problem"])


def test_calls_without_mobiles_are_counted_and_make_no_list(
    db: Database, config: Config, calls: CallTable
) -> None:
    calls.run("DELETE FROM cdr WHERE src <> '101'")
    job_id = create(db)
    run_next(db, config)
    job = look(db, job_id)
    assert (job["state"], job["accepted"], job["refused"]) == ("done", 0, 1)
    assert job["finished_at"] and job["import_id"] is None
    assert value(db, "SELECT COUNT(*) FROM list") == 0


def test_a_name_that_was_taken_meanwhile_costs_no_second_reading(
    db: Database, config: Config, calls: CallTable
) -> None:
    create(db)
    taken = create(db)
    run_next(db, config)
    run_next(db, config)
    calls.run("DROP TABLE cdr")
    params = {**look(db, taken)["params"], "name": "Another"}
    assert db.atomically(lambda tx: load_jobs.save(tx, taken, params, ANA))
    run_next(db, config)
    assert value(db, "SELECT included FROM list WHERE name = 'Another'") == 100


def test_while_our_database_is_away_the_load_stays_ours_to_take_up(
    db: Database, config: Config, calls: CallTable
) -> None:
    job_id = create(db)
    failures: list[StoreUnavailable] = []

    def work() -> None:
        own = Database(config.database)
        try:
            run_next(own, config, "cut off")
        except StoreUnavailable as error:
            failures.append(error)

    with held(calls, db, job_id):
        worker = threading.Thread(target=work)
        worker.start()
        wait_until(lambda: look(db, job_id)["state"] == "running")
        ours = (
            "SELECT GROUP_CONCAT(id) FROM information_schema.processlist"
            " WHERE db = 'massivesms' AND id <> CONNECTION_ID()"
        )
        for one in str(value(db, ours)).split(","):
            with db.transaction() as tx:
                tx.execute(f"KILL {one}")
    worker.join(PATIENCE_S)
    assert failures
    assert look(db, job_id)["state"] == "running"
    assert value(db, "SELECT COUNT(*) FROM list") == 0
