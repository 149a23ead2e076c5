"""A process that stood still writes nothing that may not be its own any more."""

from __future__ import annotations

import pytest

from massivesms.engine import drive
from massivesms.store import trunk_sessions
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Smsc


def test_a_claim_that_is_too_old_is_given_back_and_not_written(
    world: World, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive, "STALE_S", -1.0)
    trunk_id = world.trunk("one", smsc)
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        campaign_id = world.campaign("c", numbered(5))
        given_back = "SELECT COUNT(*) FROM message WHERE result_code = %s"
        wait_until(lambda: world.ask(given_back, "service_stopped") > 0, 10)
        assert smsc.submissions == []
        monkeypatch.setattr(drive, "STALE_S", 5.0)
        world.wait_for_counts(campaign_id, {"submitted": 5})


def test_after_standing_still_the_lease_is_asked_for_before_anything_is_written(
    world: World, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another service has taken the trunk over meanwhile."""
    trunk_id = world.trunk("one", smsc)
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        take = trunk_sessions.TAKE.replace("owner = %(owner)s", "owner = 'else/1/x'")
        values = {"trunk_id": trunk_id, "slot": 0, "token": 7}
        world.db.atomically(lambda tx: tx.execute(take, values))
        monkeypatch.setattr(drive, "STALE_S", -1.0)
        wait_until(lambda: smsc.links_open == 0, 10)
    assert smsc.submissions == []
