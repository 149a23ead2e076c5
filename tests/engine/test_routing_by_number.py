"""Messages go where their number is served, and where a segment costs least."""

from __future__ import annotations

from decimal import Decimal

from massivesms.store.messages import NewMessage
from tests.engine.world import Engine, World, numbered
from tests.fakes.smsc import Behaviour, Smsc


def portuguese(n: int) -> list[NewMessage]:
    return [NewMessage(f"+35191{i:07}", False, 1, f"Mensagem {i}") for i in range(n)]


def came_to(smsc: Smsc) -> set[str]:
    """The countries that it was given numbers of."""
    return {one.number[:2] for one in smsc.messages()}


def test_each_number_goes_to_a_trunk_that_serves_it(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    one = world.trunk("spain", smsc, prefixes="34", priority=1)
    two = world.trunk("portugal", other_smsc, prefixes="351", priority=2)
    for trunk_id in (one, two):
        world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(30) + portuguese(30))
    world.wait_for_counts(campaign_id, {"submitted": 60})
    assert came_to(smsc) == {"34"}
    assert came_to(other_smsc) == {"35"}


def test_a_number_that_nobody_serves_ends_with_words(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("spain", smsc, prefixes="34")
    campaign_id = world.campaign("c", numbered(3) + portuguese(2))
    world.wait_for_counts(campaign_id, {"submitted": 3, "failed": 2})
    codes = {row["result_code"] for row in world.messages(campaign_id)}
    assert codes == {None, "no_trunk_for_number"}


def test_it_waits_for_the_only_trunk_that_serves_it(
    world: World, smsc: Smsc, other_smsc: Smsc
) -> None:
    world.trunk("spain", smsc, prefixes="34")
    away = world.trunk("portugal", other_smsc, prefixes="351")
    other_smsc.behaviour = Behaviour(refuse_bind=0x08)
    campaign_id = world.campaign("c", numbered(5) + portuguese(5))
    with Engine(world.config):
        world.wait_for_session(away, "waiting")
        world.wait_for_counts(campaign_id, {"submitted": 5, "queued": 5})
        other_smsc.behaviour = Behaviour()
        world.wait_for_counts(campaign_id, {"submitted": 10}, 20)
    assert came_to(smsc) == {"34"}


def test_what_a_trunk_refuses_goes_to_another_that_serves_the_number(
    world: World, smsc: Smsc, other_smsc: Smsc
) -> None:
    with Smsc(Behaviour(reject={".": 0x45})) as refusing:
        world.trunk("best", refusing, priority=1)
        world.trunk("portugal", other_smsc, prefixes="351", priority=2)
        world.trunk("rest", smsc, priority=3)
        campaign_id = world.campaign("c", numbered(4))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 4})
    assert (len(smsc.messages()), len(other_smsc.messages())) == (4, 0)


def test_among_equals_the_cheapest_takes_all(
    world: World, smsc: Smsc, other_smsc: Smsc, engine: Engine
) -> None:
    dear = world.trunk("dear", smsc, cost_per_segment=Decimal("0.05"))
    cheap = world.trunk("cheap", other_smsc, cost_per_segment=Decimal("0.03"))
    for trunk_id in (dear, cheap):
        world.wait_for_session(trunk_id, "ready")
    campaign_id = world.campaign("c", numbered(40))
    world.wait_for_counts(campaign_id, {"submitted": 40})
    assert (len(smsc.messages()), len(other_smsc.messages())) == (0, 40)
