"""A campaign through a GSM modem, from the database to the pseudo-terminal and back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from massivesms.trunks.modem import streak
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem(Behaviour(noise=True, reports=0)) as modem:
        yield modem


@pytest.fixture(autouse=True)
def forget() -> None:
    streak._of_trunk.clear()


@pytest.fixture
def trunk_id(world: World, modem: Modem, engine: Engine) -> int:
    world.set(country_code="34")
    made = world.trunk("one", kind="modem", values={"port": modem.path})
    world.wait_for_session(made, "ready")
    return made


def test_a_campaign_is_sent_and_its_receipts_are_matched(
    world: World, modem: Modem, trunk_id: int
) -> None:
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"delivered": 5})
    assert sorted(one.text for one in modem.sent) == [f"Mensaje {n}" for n in range(5)]


def test_a_long_text_arrives_in_parts(
    world: World, modem: Modem, trunk_id: int
) -> None:
    text = "El niño comió piñón en la mañana de España. " * 6
    campaign_id = world.campaign("c", numbered(1, text))
    world.wait_for_counts(campaign_id, {"delivered": 1})
    assert "".join(one.text for one in modem.sent) == text


def test_a_message_that_comes_is_stored_and_then_deleted(
    world: World, modem: Modem, trunk_id: int
) -> None:
    whole = pdu.deliver("+34600111222", "Sí, iré", NOON)
    modem.do(lambda stick: stick.deliver(whole))
    wait_until(lambda: not modem.stick.storage, 10)
    assert world.ask("SELECT text FROM inbound_message") == "Sí, iré"


def test_pulled_out_after_the_text_it_is_in_doubt_and_not_sent_again(
    world: World, modem: Modem, trunk_id: int
) -> None:
    modem.stick.behaviour.faults = ["", "gone_after"]
    campaign_id = world.campaign("c", numbered(3))
    world.wait_for_counts(campaign_id, {"delivered": 1, "in_doubt": 1, "queued": 1})
    assert len(modem.sent) == 2
