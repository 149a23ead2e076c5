"""Sources run at their hour: once a day whatever happens, and failures are said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from massivesms.automatic.runs import House, Lost, carry_out
from massivesms.domain import settings as product_settings
from massivesms.domain.sources import MOST_TRIES, RETRY_S
from massivesms.store import source_runs, sources
from massivesms.vault import Vault
from tests.engine.source_house import (
    THURSDAY,
    Loader,
    aged,
    runs,
)
from tests.engine.world import ANA, World


def test_a_source_runs_once_at_its_hour_whoever_looks(
    world: World, source_id: int
) -> None:
    one, other = Loader(world), Loader(world, "host:2")
    one.at("2026-07-01 20:00")  # no day of it
    one.at("2026-07-02 07:59")
    assert not runs(world, source_id)
    other.at("2026-07-02 15:00")  # no service ran at its hour
    one.at("2026-07-02 15:01")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"], run["day"]) == ("done", 1, THURSDAY)
    assert world.ask("SELECT name FROM campaign WHERE id > 1") == "ERP 2026-07-02"
    assert world.ask("SELECT text FROM message") == "Hola Ana"
    assert world.ask("SELECT kind FROM import") == "automatic"
    assert world.ask("SELECT recipients FROM mail") == "eva@example.com"
    one.at("2026-07-03 08:00")
    assert runs(world, source_id)[0]["state"] == "nothing"


def test_a_source_that_is_away_is_tried_again_and_then_loads(
    world: World, source_id: int
) -> None:
    file = world.config.sources_dir / "erp.db"
    away = file.rename(file.with_suffix(".away"))
    loader = Loader(world)
    loader.at("2026-07-02 08:00")
    (run,) = runs(world, source_id)
    assert run["state"] == "failed" and run["problem"].code == "source_file"
    assert run["due_at"] is not None and world.ask("SELECT COUNT(*) FROM mail") == 0
    away.rename(file)
    sql = "UPDATE source_run SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(sql))
    loader.at("2026-07-02 08:16")
    (run,) = runs(world, source_id)
    assert (run["state"], run["tries"], run["problem"]) == ("done", 2, None)


def test_a_source_that_stays_away_is_told_after_the_last_try(
    world: World, source_id: int
) -> None:
    (world.config.sources_dir / "erp.db").unlink()
    loader = Loader(world)
    now = "UPDATE source_run SET due_at = UTC_TIMESTAMP(3) WHERE due_at IS NOT NULL"
    for tries in range(1, MOST_TRIES + 1):
        loader.at(f"2026-07-02 08:0{tries}")
        (run,) = runs(world, source_id)
        assert (run["state"], run["tries"]) == ("failed", tries)
        if tries < MOST_TRIES:
            assert run["due_at"] - run["finished_at"] == timedelta(seconds=RETRY_S)
            assert world.ask("SELECT COUNT(*) FROM mail") == 0
            loader.at(f"2026-07-02 08:0{tries}")  # it is not time yet
            assert runs(world, source_id)[0]["tries"] == tries
            world.db.atomically(lambda tx: tx.execute(now))
    assert run["due_at"] is None and world.ask("SELECT COUNT(*) FROM mail") == 1
    loader.at("2026-07-02 23:59")
    assert runs(world, source_id)[0]["tries"] == MOST_TRIES


def test_a_run_whose_service_died_is_carried_out_by_another(
    world: World, source_id: int
) -> None:
    def die(tx: object) -> None:
        source_runs.begin_daily(tx, source_id, THURSDAY)  # type: ignore[arg-type]
        source_runs.take(tx, "dead:1")  # type: ignore[arg-type]

    world.db.atomically(die)
    sql = "UPDATE source_run SET alive_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
    world.db.atomically(lambda tx: tx.execute(sql))
    Loader(world).at("2026-07-02 09:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["accepted"]) == ("done", 1)


def test_a_run_whose_service_died_too_often_is_told(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    for tries in range(1, MOST_TRIES + 1):
        assert world.db.atomically(lambda tx: source_runs.take(tx, "dead:1"))
        aged(world)
        if tries < MOST_TRIES:
            assert world.db.atomically(source_runs.revive)
    Loader(world).at("2026-07-02 09:00")
    (run,) = runs(world, source_id)
    assert (run["state"], run["due_at"]) == ("failed", None)
    assert "The service ended while it ran" in world.ask("SELECT body FROM mail")


def test_a_run_that_is_taken_over_tells_no_failure(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    mine = world.db.atomically(lambda tx: source_runs.take(tx, "slow:1"))
    assert mine is not None
    aged(world)
    world.db.atomically(source_runs.revive)
    assert world.db.atomically(lambda tx: source_runs.take(tx, "host:1"))
    (world.config.sources_dir / "erp.db").unlink()
    house = House(
        world.db, Vault(world.config.secret_key()), product_settings.read({}),
        world.config.sources_dir, lambda: datetime.now(UTC),
    )  # fmt: skip
    with pytest.raises(Lost):
        carry_out(house, mine, "slow:1")
    (run,) = runs(world, source_id)
    assert run["state"] == "running" and world.ask("SELECT COUNT(*) FROM mail") == 0


def test_a_failure_that_is_tried_no_more_at_midnight_is_told(
    world: World, source_id: int
) -> None:
    file = world.config.sources_dir / "erp.db"
    away = file.rename(file.with_suffix(".away"))
    loader = Loader(world)
    loader.at("2026-07-02 23:55")
    assert world.ask("SELECT COUNT(*) FROM mail") == 0
    away.rename(file)
    for minute in (1, 2):
        loader.at(f"2026-07-03 00:0{minute}")
    (run,) = runs(world, source_id)
    assert (run["state"], run["due_at"]) == ("failed", None)
    assert world.ask("SELECT COUNT(*) FROM mail") == 1
    assert "erp.db cannot be read" in world.ask("SELECT body FROM mail")


def test_a_run_that_nobody_began_by_midnight_is_told(
    world: World, source_id: int
) -> None:
    begin = source_runs.begin_daily
    world.db.atomically(lambda tx: begin(tx, source_id, THURSDAY))
    Loader(world).at("2026-07-03 00:01")
    (run,) = runs(world, source_id)
    assert run["state"] == "failed"
    assert "the day was over" in world.ask("SELECT body FROM mail")


def test_a_source_that_has_run_today_uses_up_no_more_numbers(
    world: World, source_id: int
) -> None:
    loader = Loader(world)
    for minute in range(5):
        loader.at(f"2026-07-02 08:0{minute}")
    source = world.db.atomically(lambda tx: sources.by_id(tx, source_id))
    assert source is not None
    next_id = world.db.atomically(
        lambda tx: source_runs.begin(tx, source, THURSDAY, THURSDAY, ANA)
    )
    (_, daily) = runs(world, source_id)
    assert next_id == daily["id"] + 1


def test_a_later_day_of_sending_starts_at_the_hour_of_the_source(
    world: World, source_id: int
) -> None:
    source = world.db.atomically(lambda tx: sources.by_id(tx, source_id))
    assert source is not None
    send_on = date(2026, 7, 6)
    world.db.atomically(
        lambda tx: source_runs.begin(tx, source, THURSDAY, send_on, ANA)
    )
    Loader(world).at("2026-07-05 20:00")
    start = world.ask("SELECT start_at FROM campaign WHERE id > 1")
    assert start == datetime(2026, 7, 6, 6)  # noqa: DTZ001 UTC
