"""Deadlines and discarded rests while campaigns run: nothing leaves afterwards."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest

from massivesms.engine import verdicts
from massivesms.store import unsent
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc

WINDOW = 10
ROUNDS, SIZE = 100, 60


def now() -> datetime:
    return datetime.now(UTC)


def set_deadline(world: World, campaign_id: int, moment: datetime) -> None:
    row = world.row(campaign_id)
    world.db.atomically(lambda tx: unsent.set_deadline(tx, row, moment, ANA))


def discard(world: World, campaign_id: int) -> None:
    row = world.row(campaign_id)
    world.db.atomically(lambda tx: unsent.discard(tx, row, ANA))


def finished(world: World, campaign_id: int) -> bool:
    return not world.ask("SELECT open FROM campaign WHERE id = %s", campaign_id)


def test_at_the_deadline_it_stops_skips_the_rest_and_ends(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc, rate_per_s=Decimal(100), values={"window": str(WINDOW)})
    deadline = now().replace(microsecond=0) + timedelta(seconds=4)
    campaign_id = world.campaign("c", numbered(3000), deadline_at=deadline)
    wait_until(lambda: world.counts(campaign_id).get("submitted", 0) > 50, 10)
    wait_until(lambda: finished(world, campaign_id), 30, world.counts, campaign_id)
    counts = world.counts(campaign_id)
    assert counts == world.real_counts(campaign_id)
    assert set(counts) == {"submitted", "skipped"} and sum(counts.values()) == 3000
    late = "SELECT COUNT(*) FROM message WHERE claimed_at >= %s"
    assert world.ask(late, deadline.replace(tzinfo=None)) == 0
    assert len(smsc.messages()) == counts["submitted"]
    ends = {m["result_code"] for m in world.messages(campaign_id)} - {None}
    assert ends == {"schedule_expired"}
    for submission in smsc.submissions:
        period = submission.fields.validity_period
        assert "000000000000000R" < period <= "000000000004000R", period


def test_a_message_to_be_tried_again_is_skipped_after_the_deadline(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "RETRY_WAIT_S", 3.0)
    with Smsc(Behaviour(reject={".*": 0x08})) as smsc:  # a system error: again later
        world.trunk("one", smsc)
        with Engine(world.config):
            campaign_id = world.campaign("c", numbered(1))
            wait_until(lambda: smsc.submissions, 10)
            set_deadline(world, campaign_id, now() + timedelta(seconds=1))
            world.wait_for_counts(campaign_id, {"skipped": 1}, 15)
        assert len(smsc.submissions) == 1


def test_a_paused_campaign_is_skipped_and_discarded_too(
    world: World, engine: Engine
) -> None:
    one = world.campaign("one", numbered(9000), paused=True)
    two = world.campaign("two", numbered(20), paused=True)
    set_deadline(world, two, now() - timedelta(seconds=1))
    discard(world, one)
    world.wait_for_counts(two, {"skipped": 20})
    world.wait_for_counts(one, {"cancelled": 9000})
    wait_until(lambda: finished(world, one) and finished(world, two), 15)
    assert world.ask("SELECT COUNT(*) FROM campaign WHERE discard_by IS NOT NULL") == 0


def came(smsc: Smsc, n: int) -> int:
    """How many of round `n` the operator has."""
    return sum(int(m.number[4:]) // SIZE == n for m in smsc.messages())


def test_pause_deadline_and_discard_in_mid_run_a_hundred_times(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    """At most a window more leaves after the click; each message ends in one state."""
    world.trunk("one", smsc, values={"window": str(WINDOW)})
    chance = random.Random(5)
    made: list[tuple[int, int]] = []
    for n in range(ROUNDS):
        campaign_id = world.campaign(str(n), numbered(SIZE, first=n * SIZE))
        wait_until(partial(began, world, campaign_id, chance.randrange(1, 40)), 10)
        if n % 3 == 0:
            world.pause(campaign_id, True)
        if n % 2:
            set_deadline(world, campaign_id, now() - timedelta(milliseconds=1))
        else:
            discard(world, campaign_id)
        made.append((campaign_id, came(smsc, n)))
    for n, (campaign_id, before) in enumerate(made):
        wait_until(partial(finished, world, campaign_id), 30)
        counts = world.counts(campaign_id)
        assert counts == world.real_counts(campaign_id)
        assert sum(counts.values()) == SIZE
        assert set(counts) <= {"submitted", "skipped" if n % 2 else "cancelled"}
        assert counts["submitted"] == came(smsc, n) <= before + WINDOW
    left = [world.counts(campaign_id).get("submitted", 0) for campaign_id, _ in made]
    assert min(left) < SIZE, "no round was ended in mid-run"


def began(world: World, campaign_id: int, least: int) -> bool:
    """Whether so many of it are no longer queued."""
    return world.counts(campaign_id).get("queued", 0) <= SIZE - least
