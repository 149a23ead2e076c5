"""Loads in the background: each has one owner, and who lost one writes nothing more."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from massivesms.domain.words import Problem
from massivesms.store import load_jobs
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms.store.load_jobs import Progress

ANA = Actor("ana", "10.0.0.1")
OLD = "UPDATE load_job SET heartbeat_at = UTC_TIMESTAMP(3) - INTERVAL 11 SECOND"


def create(db: Database, *, saving: bool = True, **more: Any) -> int:
    return db.atomically(
        lambda tx: load_jobs.create(
            tx, "call_records", {"name": "Ñ"}, ANA, saving=saving, **more
        )
    )


def take(db: Database, owner: str) -> Row | None:
    return db.atomically(lambda tx: load_jobs.take(tx, owner))


def look(db: Database, job_id: int) -> Row:
    with db.transaction() as tx:
        row = load_jobs.by_id(tx, job_id)
    assert row
    return row


def run(db: Database, sql: str) -> None:
    with db.transaction() as tx:
        tx.execute(sql)


def test_a_job_is_taken_once_and_in_order(db: Database) -> None:
    first, second = create(db), create(db)
    taken = [take(db, owner) for owner in ("a", "b", "c")]
    assert [job and job["id"] for job in taken] == [first, second, None]
    assert taken[0] and taken[0]["params"] == {"name": "Ñ", "address": "10.0.0.1"}


def test_of_many_workers_exactly_one_gets_a_job(db: Database) -> None:
    workers = 6
    for _ in range(5):
        create(db)
        barrier = Barrier(workers)

        def race(owner: str, barrier: Barrier = barrier) -> Row | None:
            own = Database(db.settings)
            barrier.wait()
            try:
                return take(own, owner)
            finally:
                own.close()

        with ThreadPoolExecutor(workers) as pool:
            taken = list(pool.map(race, map(str, range(workers))))
        assert sum(job is not None for job in taken) == 1


def test_only_an_old_heartbeat_lets_another_take_it_over(db: Database) -> None:
    job_id = create(db)
    take(db, "a")
    assert take(db, "b") is None
    run(db, OLD)
    with db.transaction() as tx:
        assert load_jobs.beat(tx, job_id, "a", Progress(1, 2, 3))
    assert take(db, "b") is None
    run(db, OLD)
    again = take(db, "b")
    assert again and (again["attempts"], again["done"], again["found"]) == (2, 0, 0)


@pytest.mark.parametrize("how", ["taken over", "cancelled"])
def test_who_lost_a_job_writes_nothing_more(db: Database, how: str) -> None:
    job_id = create(db)
    take(db, "a")
    if how == "cancelled":
        assert db.atomically(lambda tx: load_jobs.cancel(tx, job_id, ANA))
    else:
        run(db, OLD)
        take(db, "b")
    before = look(db, job_id)
    with db.transaction() as tx:
        assert not load_jobs.beat(tx, job_id, "a", Progress(1, 2, 3))
        assert not load_jobs.counted(tx, job_id, "a", 1, 2)
        assert not load_jobs.finish(tx, job_id, "a", 1, 2)
        load_jobs.fail(tx, job_id, "a", Problem("x", "y"))
        load_jobs.release(tx, job_id, "a")
    assert look(db, job_id) == before


def test_two_beats_within_a_millisecond_are_both_ours(db: Database) -> None:
    job_id = create(db)
    take(db, "a")
    with db.transaction() as tx:
        for _ in range(50):
            assert load_jobs.beat(tx, job_id, "a", Progress())


def test_a_job_that_dies_again_and_again_fails_in_words(db: Database) -> None:
    job_id = create(db)
    for _ in range(load_jobs.MOST_ATTEMPTS):
        assert take(db, "a")
        run(db, OLD)
    assert take(db, "a") is None
    job = look(db, job_id)
    assert job["state"] == "failed"
    assert "interrupted 3 times" in str(job["problem"])


def test_giving_a_job_back_is_no_failed_attempt(db: Database) -> None:
    job_id = create(db)
    for _ in range(load_jobs.MOST_ATTEMPTS + 2):
        assert take(db, "a")
        db.atomically(lambda tx: load_jobs.release(tx, job_id, "a"))
    assert look(db, job_id)["state"] == "waiting"


def test_problems_within_problems_come_back(db: Database) -> None:
    job_id = create(db)
    take(db, "a")
    problem = Problem("out", "it is %(reason)s!", reason=Problem("in", "%(n)s", n=3))
    db.atomically(lambda tx: load_jobs.fail(tx, job_id, "a", problem))
    found = look(db, job_id)["problem"]
    assert found == problem and str(found) == "it is 3!"


def keep(db: Database, job_id: int) -> None:
    with db.transaction() as tx:
        load_jobs.add_numbers(tx, job_id, [(1, "600111222"), (2, "9" * 200)])


def test_a_counted_job_is_saved_once_and_for_a_day(db: Database) -> None:
    job_id = create(db, saving=False)
    take(db, "a")
    keep(db, job_id)
    save = {"name": "Clientes"}
    assert not db.atomically(lambda tx: load_jobs.save(tx, job_id, save, ANA))
    db.atomically(lambda tx: load_jobs.counted(tx, job_id, "a", 1, 1))
    assert look(db, job_id)["state"] == "done"
    with db.transaction() as tx:
        assert load_jobs.unneeded(tx) == []
    assert db.atomically(lambda tx: load_jobs.save(tx, job_id, save, ANA))
    assert not db.atomically(lambda tx: load_jobs.save(tx, job_id, save, ANA))
    job = take(db, "b")
    assert job and (job["saving"], job["accepted"]) == (1, 1)
    db.atomically(lambda tx: load_jobs.finish(tx, job_id, "b", 5, 6))
    assert not db.atomically(lambda tx: load_jobs.save(tx, job_id, save, ANA))
    with db.transaction() as tx:
        assert load_jobs.unneeded(tx) == [job_id]


def test_old_counts_are_cleared_away(db: Database) -> None:
    job_id = create(db, saving=False)
    take(db, "a")
    keep(db, job_id)
    db.atomically(lambda tx: load_jobs.counted(tx, job_id, "a", 1, 1))
    run(db, "UPDATE load_job SET finished_at = UTC_TIMESTAMP(3) - INTERVAL 25 HOUR")
    assert not db.atomically(lambda tx: load_jobs.save(tx, job_id, {}, ANA))
    with db.transaction() as tx:
        assert load_jobs.unneeded(tx) == [job_id]
        assert load_jobs.drop_numbers(tx, job_id)
        assert not load_jobs.drop_numbers(tx, job_id)
        assert load_jobs.unneeded(tx) == []
        assert load_jobs.open_jobs(tx) == []
    run(db, "UPDATE load_job SET finished_at = UTC_TIMESTAMP(3) - INTERVAL 31 DAY")
    db.atomically(load_jobs.forget)
    with db.transaction() as tx:
        assert load_jobs.by_id(tx, job_id) is None


def test_beginning_and_cancelling_are_in_the_log_of_changes(db: Database) -> None:
    job_id = create(db)
    db.atomically(lambda tx: load_jobs.cancel(tx, job_id, ANA))
    assert not db.atomically(lambda tx: load_jobs.cancel(tx, job_id, ANA))
    with db.transaction() as tx:
        found = tx.tuples("SELECT action, subject, address FROM audit ORDER BY id")
    assert found == (
        ("load.start", f"#{job_id}", "10.0.0.1"),
        ("load.cancel", f"#{job_id}", "10.0.0.1"),
    )
