"""How a trunk comes back: soon after a fault, ever later where nothing is taken."""

from __future__ import annotations

import pytest

from massivesms.store import trunk_sessions
from massivesms.store.db import Transaction
from massivesms.store.trunk_sessions import Lease
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc


def test_an_smsc_that_binds_and_hangs_up_is_not_called_every_second(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []

    def note(backoff: object) -> float:
        waits.append(backoff._wait_s)
        backoff._wait_s = waits[-1] * 2
        return 0.01

    monkeypatch.setattr("massivesms.engine.backoff.Backoff.next_s", note)
    with Smsc() as smsc, Engine(world.config):
        world.trunk("one", smsc)
        for n in range(1, 4):
            wait_until(lambda n=n: len(smsc.binds) >= n and smsc.links_open, 15)
            smsc.drop_links()
        wait_until(lambda: len(waits) >= 3, 15)
    assert waits[:3] == [1.0, 2.0, 4.0]


def test_an_smsc_that_took_a_message_is_called_again_soon(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    resets: list[int] = []
    monkeypatch.setattr(
        "massivesms.engine.backoff.Backoff.reset", lambda backoff: resets.append(1)
    )
    with Smsc() as smsc, Engine(world.config):
        world.trunk("one", smsc)
        campaign_id = world.campaign("c", numbered(1))
        world.wait_for_counts(campaign_id, {"submitted": 1}, 15)
        smsc.drop_links()
        wait_until(lambda: resets, 15)


def test_a_database_that_fails_while_connecting_leaves_no_link_open(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = trunk_sessions.show
    failures: list[int] = []

    def failing(tx: Transaction, lease: Lease, state: str, *more: str) -> bool:
        if state == "ready" and not failures:
            failures.append(1)
            tx.execute("SELECT 1 FROM no_such_table")
        return show(tx, lease, state, *more)

    monkeypatch.setattr(trunk_sessions, "show", failing)
    with Smsc(Behaviour()) as smsc, Engine(world.config):
        trunk_id = world.trunk("one", smsc)
        world.wait_for_session(trunk_id, "ready")
        wait_until(lambda: smsc.links_open == 1, 15)
        assert len(smsc.binds) == 2
