"""Nothing is sent to a blocked number, however late it was blocked."""

from __future__ import annotations

import threading
import time
from decimal import Decimal
from typing import Any

import pytest

from massivesms.engine import verdicts
from massivesms.store import blocked_numbers, claims
from massivesms.store.counts import Changes
from massivesms.store.db import Database, Transaction
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc

ENDED = {"submitted", "skipped"}


def block(world: World, *numbers: str, **more: Any) -> None:
    world.db.atomically(lambda tx: blocked_numbers.add(tx, numbers, ANA, **more))


def numbers_of(smsc: Smsc) -> list[str]:
    return sorted(message.number for message in smsc.messages())


def test_what_waits_for_a_blocked_number_is_skipped(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    block(world, "+34600000001", "+34600000003")
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"submitted": 3, "skipped": 2})
    assert numbers_of(smsc) == ["34600000000", "34600000002", "34600000004"]
    skipped = [m for m in world.messages(campaign_id) if m["state"] == "skipped"]
    assert {(m["number"], m["result_code"]) for m in skipped} == {
        ("+34600000001", "blocked"),
        ("+34600000003", "blocked"),
    }


def test_a_block_for_one_campaign_holds_there_only(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    one = world.campaign("one", numbered(2), paused=True)
    two = world.campaign("two", numbered(2), paused=True)
    block(world, "+34600000000", campaign_id=one)
    world.trunk("one", smsc)
    world.pause(one, False)
    world.pause(two, False)
    world.wait_for_counts(one, {"submitted": 1, "skipped": 1})
    world.wait_for_counts(two, {"submitted": 2})


def test_a_campaign_that_is_blocked_as_a_whole_ends_soon(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    recipients = numbered(6000)
    block(world, *(m.number for m in recipients))
    world.trunk("one", smsc, values={"window": "2"})
    campaign_id = world.campaign("c", [*recipients, *numbered(1, first=9000)])
    world.wait_for_counts(campaign_id, {"submitted": 1, "skipped": 6000}, 20)
    assert numbers_of(smsc) == ["34600009000"]


def test_one_that_is_tried_again_is_looked_at_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verdicts, "RETRY_WAIT_S", 2.0)
    with Smsc(Behaviour(reject={".*": 0x08})) as smsc:  # a system error: again later
        world.trunk("one", smsc)
        with Engine(world.config):
            message_id = world.single("+34600000001", "Hola")
            wait_until(lambda: smsc.submissions, 10)
            world.wait_for_state(message_id, "queued", 10)
            block(world, "+34600000001")
            row = world.wait_for_state(message_id, "skipped", 10)
    assert row["result_code"] == "blocked"
    assert len(smsc.submissions) == 1


def test_a_message_in_the_express_lane_is_skipped_too(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    block(world, "+34600000001")
    trunk_id = world.trunk("one", smsc)
    for more in ({"express": True}, {"trunk_id": trunk_id}, {}):
        message_id = world.single("+34600000001", "Hola", **more)
        assert world.wait_for_state(message_id, "skipped")["result_code"] == "blocked"
    assert smsc.messages() == []


def test_who_is_let_go_gets_messages_again(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    block(world, "+34600000001")
    world.db.atomically(lambda tx: blocked_numbers.remove(tx, "+34600000001", ANA))
    world.trunk("one", smsc)
    world.wait_for_state(world.single("+34600000001", "Hola"), "submitted")


def test_a_block_waits_for_the_claim_at_hand_and_the_next_claim_for_the_block(
    world: World,
) -> None:
    """Once a block is committed, no claim goes by what was before."""
    campaign_id = world.campaign("c", numbered(2))
    order: list[str] = []

    def hold(number: str) -> None:
        with other.transaction() as tx:
            blocked_numbers.add(tx, [number], ANA)
            order.append("blocked")
            blocking.set()
            time.sleep(0.3)
            order.append("committed")

    other, blocking = Database(world.config.database), threading.Event()
    with world.db.transaction() as tx:
        [first, _] = candidates(tx, campaign_id)
        thread = threading.Thread(target=hold, args=(first.number,))
        thread.start()
        assert not blocking.wait(0.3), "a claim is at hand"
        order.append("claimed")
    assert blocking.wait(5)
    with world.db.transaction() as tx:
        [first, second] = candidates(tx, campaign_id)
        order.append("claims again")
        assert (first.is_blocked, second.is_blocked) == (True, False)
    thread.join()
    other.close()
    assert order == ["claimed", "blocked", "committed", "claims again"]


def candidates(tx: Transaction, campaign_id: int) -> list[claims.Claimed]:
    campaign = claims.claimable(tx, campaign_id)
    assert campaign is not None
    checked = bool(campaign["has_blocked"])
    return claims.candidates(tx, campaign_id, 0, 2, checked=checked)


LEFT_AFTERWARDS = """
SELECT COUNT(*) FROM message m JOIN blocked_number b ON b.number = m.number
WHERE m.state = 'submitted' AND m.claimed_at > b.created_at"""


def test_no_message_is_claimed_after_its_number_was_blocked(world: World) -> None:
    """Blocks race claims for every number of a campaign, on two trunks at once."""
    recipients = numbered(1500)
    campaign_id = world.campaign("c", recipients)
    with Smsc() as smsc, Smsc() as other:
        for name, one in (("one", smsc), ("two", other)):
            world.trunk(name, one, rate_per_s=Decimal(300), values={"window": "20"})
        with Engine(world.config):
            wait_until(lambda: world.counts(campaign_id).get("submitted", 0) > 50, 20)
            for at in range(len(recipients), 0, -5):
                block(world, *(m.number for m in recipients[at - 5 : at]))
                if not world.counts(campaign_id).get("queued"):
                    break
            wait_until(lambda: set(world.counts(campaign_id)) == ENDED, 30)
        came = {f"+{m.number}" for m in (*smsc.messages(), *other.messages())}
    counts = world.counts(campaign_id)
    assert counts == world.real_counts(campaign_id)
    assert min(counts.values()) >= 50, counts
    assert world.ask(LEFT_AFTERWARDS) == 0
    ended = {m["number"]: m["state"] for m in world.messages(campaign_id)}
    assert came == {number for number, state in ended.items() if state == "submitted"}


def test_two_sessions_skip_one_message_once(world: World) -> None:
    campaign_id = world.campaign("c", numbered(3))
    block(world, "+34600000000", "+34600000001")
    other = Database(world.config.database)
    with world.db.transaction() as tx, other.transaction() as second:
        found = candidates(tx, campaign_id)
        same = candidates(second, campaign_id)
        assert [c.message_id for c in found] == [c.message_id for c in same]
        _skip(tx, found)
        tx._connection.commit()
        _skip(second, same)
    other.close()
    assert world.counts(campaign_id) == {"queued": 1, "skipped": 2}
    assert world.real_counts(campaign_id) == {"queued": 1, "skipped": 2}


def _skip(tx: Transaction, found: list[claims.Claimed]) -> None:
    changes = Changes()
    blocked_numbers.skip(tx, [c for c in found if c.is_blocked], changes)
    changes.write(tx)
