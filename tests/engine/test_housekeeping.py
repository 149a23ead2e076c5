"""Recovering what nobody drives any more, by one short transaction each."""

from __future__ import annotations

import pytest

from massivesms.engine import housekeeping
from massivesms.store import claims, settlements, trunk_sessions
from massivesms.store.settlements import Settlement
from tests.engine.world import World, numbered
from tests.fakes.smsc import Smsc

ME, OTHER = "here/1/a", "there/2/b"


@pytest.mark.parametrize(
    ("owner", "is_expired", "is_driven", "recovered"),
    [
        (OTHER, True, False, 3),
        (OTHER, True, True, 0),
        (OTHER, False, False, 0),
        (ME, False, False, 3),
        (ME, False, True, 0),
    ],
    ids=[
        "another service died",
        "it died, and our worker takes it over itself",
        "another service is alive",
        "our own worker ended without settling",
        "our own worker is at work",
    ],
)
def test_what_nobody_drives_is_put_in_doubt(
    world: World,
    smsc: Smsc,
    owner: str,
    is_expired: bool,
    is_driven: bool,
    recovered: int,
) -> None:
    db, trunk_id = world.db, world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(3))
    lease = db.atomically(lambda tx: trunk_sessions.acquire(tx, trunk_id, 0, owner))
    assert lease is not None
    with db.transaction() as tx:
        found = claims.candidates(tx, campaign_id, 0, 10)
        assert len(claims.claim(tx, found, trunk_id, lease.token)) == 3
    if is_expired:
        db.atomically(lambda tx: trunk_sessions.expire(tx, owner))
    driven = [(trunk_id, 0)] if is_driven else []
    assert housekeeping.recover_dead(db, ME, driven) == recovered
    state = "in_doubt" if recovered else "submitting"
    assert world.counts(campaign_id) == world.real_counts(campaign_id) == {state: 3}
    assert housekeeping.recover_dead(db, ME, driven) == 0


def test_what_only_a_removed_trunk_could_send_ends_as_failed(
    world: World, smsc: Smsc
) -> None:
    db, trunk_id = world.db, world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(2))
    with db.transaction() as tx:
        half_out = claims.candidates(tx, campaign_id, 0, 1)
        claims.claim(tx, half_out, trunk_id, 7)
        again = Settlement(
            half_out[0].message_id,
            campaign_id,
            1,
            "queued",
            route_trunk_id=trunk_id,
            pinned=True,
        )
        settlements.settle(tx, [again], trunk_id, 7)
    assert housekeeping.reroute(db, [campaign_id], [], [trunk_id], []) == 0
    assert housekeeping.reroute(db, [campaign_id], [], [], [trunk_id]) == 1
    expected = {"queued": 1, "failed": 1}
    assert world.counts(campaign_id) == world.real_counts(campaign_id) == expected
