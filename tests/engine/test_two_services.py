"""A modem is in one of several servers: the others leave the trunk to that one."""

from __future__ import annotations

import pytest

from massivesms.domain import connections
from massivesms.store import trunk_sessions
from massivesms.store.db import Row
from massivesms.store.trunk_sessions import Lease
from tests.engine.world import Engine, World, wait_until

OTHER = "other/1/x"


def shown(world: World, trunk_id: int) -> Row:
    found = world.db.atomically(trunk_sessions.all_sessions)[trunk_id]
    return connections.best(found) or {}


def take(world: World, trunk_id: int) -> Lease | None:
    return world.db.atomically(
        lambda tx: trunk_sessions.acquire(tx, trunk_id, 0, OTHER)
    )


@pytest.fixture
def trunk_id(world: World, engine: Engine) -> int:
    made = world.trunk("stick", kind="modem", values={"port": "/dev/ttyUSB_none"})
    world.wait_for_session(made, "waiting")
    return made


def test_without_the_stick_the_trunk_is_left_to_others(
    world: World, trunk_id: int
) -> None:
    wait_until(lambda: take(world, trunk_id), 15)
    assert world.session(trunk_id)["owner"] == OTHER


def test_meanwhile_the_pages_say_why_it_waits(world: World, trunk_id: int) -> None:
    wait_until(lambda: world.session(trunk_id)["owner"] == "", 15)
    found = shown(world, trunk_id)
    assert (found["state"], found["reason_code"]) == ("waiting", "port_missing")
    world.db.atomically(
        lambda tx: tx.execute("UPDATE trunk_session SET since = '2026-01-01'")
    )
    assert shown(world, trunk_id) == {}


def test_the_end_of_one_says_nothing_of_what_another_holds(world: World) -> None:
    with Engine(world.config):
        values = {"port": "/dev/ttyUSB_none"}
        trunk_id = world.trunk("stick", kind="modem", values=values)
        world.wait_for_session(trunk_id, "waiting")
        wait_until(lambda: take(world, trunk_id), 15)
    assert world.session(trunk_id)["owner"] == OTHER


def test_a_trunk_that_every_server_can_reach_is_kept(
    world: World, engine: Engine
) -> None:
    values = {"host": "127.0.0.1", "port": "1", "system_id": "x"}
    trunk_id = world.trunk("one", values=values)
    world.wait_for_session(trunk_id, "waiting")
    assert take(world, trunk_id) is None
