"""A campaign through an Asterisk, from the database to the socket and back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine.process import Service
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.asterisk.pbx import Behaviour, Modem
from tests.fakes.asterisk.server import Asterisk

TWO = ("dongle0", "dongle1")


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk(Behaviour(modems=[Modem(name) for name in TWO])) as asterisk:
        yield asterisk


@pytest.fixture
def trunk_id(world: World, asterisk: Asterisk, engine: Engine) -> int:
    world.set(country_code="34")
    made = world.trunk("one", kind="asterisk", values=asterisk.values)
    world.wait_for_session(made, "ready")
    return made


def texts(asterisk: Asterisk) -> list[str]:
    return sorted(one.text for one in asterisk.sent)


def test_a_campaign_is_sent_by_all_modems_and_its_receipts_are_matched(
    world: World, asterisk: Asterisk, trunk_id: int
) -> None:
    campaign_id = world.campaign("c", numbered(10))
    world.wait_for_counts(campaign_id, {"delivered": 10})
    assert texts(asterisk) == [f"Mensaje {n}" for n in range(10)]
    assert {one.device for one in asterisk.sent} == set(TWO)


def test_a_long_text_is_delivered_by_one_receipt(
    world: World, asterisk: Asterisk, trunk_id: int
) -> None:
    text = "El niño comió piñón en la mañana de España. " * 6
    campaign_id = world.campaign("c", numbered(1, text))
    world.wait_for_counts(campaign_id, {"delivered": 1})
    assert texts(asterisk) == [text]


@pytest.mark.parametrize(
    ("text", "escapes"),
    [("{n} " + "Ждём вас " * 70, "yes"), ("{n}\nHola", "no")],
    ids=["too long for a line", "of two lines"],
)
def test_texts_that_no_line_can_carry_do_not_stop_the_trunk(
    world: World, asterisk: Asterisk, engine: Engine, text: str, escapes: str
) -> None:
    world.set(country_code="34")
    values = {**asterisk.values, "escapes": escapes}
    made = world.trunk("one", kind="asterisk", values=values)
    world.wait_for_session(made, "ready")
    refused = world.campaign("c", numbered(15, text))
    world.wait_for_counts(refused, {"failed": 15})
    assert world.trunk_row(made)["stopped_code"] is None
    good = world.campaign("d", numbered(1, first=100))
    world.wait_for_counts(good, {"delivered": 1})


def test_a_receipt_that_comes_late_finds_its_message(
    world: World, asterisk: Asterisk, trunk_id: int
) -> None:
    asterisk.behaviour.reports_at_once = False
    campaign_id = world.campaign("c", numbered(2))
    world.wait_for_counts(campaign_id, {"submitted": 2})
    asterisk.hang_up()
    seen = asterisk.pbx.seen
    wait_until(lambda: seen.count("Login") == 2, 30)
    world.wait_for_session(trunk_id, "ready", 30)
    first, second = asterisk.sent
    asterisk.pbx.report(first, 1, success=True, codes="000,")
    asterisk.pbx.report(second, 1, success=False, codes="065,")
    world.wait_for_counts(campaign_id, {"delivered": 1, "undelivered": 1})


def test_a_message_that_comes_is_stored(
    world: World, asterisk: Asterisk, trunk_id: int
) -> None:
    asterisk.deliver("dongle1", "+34600111222", "Sí, iré")
    sql = "SELECT COUNT(*) FROM inbound_message"
    wait_until(lambda: world.ask(sql) == 1, 10)
    asterisk.deliver("dongle1", "+34600111222", "Sí, iré")  # said twice, kept twice
    wait_until(lambda: world.ask(sql) == 2, 10)
    assert world.ask("SELECT text FROM inbound_message LIMIT 1") == "Sí, iré"


@pytest.mark.parametrize("fault", ["hang_up", "hang_up_after"])
def test_what_was_given_to_an_asterisk_that_went_away_is_in_doubt_and_the_rest_is_sent(
    world: World, asterisk: Asterisk, engine: Engine, fault: str
) -> None:
    asterisk.behaviour.holds = fault == "hang_up_after"
    asterisk.behaviour.faults = [fault]
    values = asterisk.values | {"devices": "dongle0"}
    world.trunk("one", kind="asterisk", values=values)
    campaign_id = world.campaign("c", numbered(5))
    world.wait_for_counts(campaign_id, {"in_doubt": 1, "queued": 4})
    asterisk.behaviour.holds = False
    asterisk.behaviour.modems[0].tasks = 0
    world.wait_for_counts(campaign_id, {"in_doubt": 1, "delivered": 4}, 40)
    given = [one.payload.split("/")[2] for one in asterisk.sent]
    assert len(given) == len(set(given))  # nothing twice


def test_an_error_of_the_modem_is_in_doubt_and_never_sent_again(
    world: World, asterisk: Asterisk, trunk_id: int
) -> None:
    asterisk.behaviour.faults = ["error"]
    campaign_id = world.campaign("c", numbered(3))
    world.wait_for_counts(campaign_id, {"in_doubt": 1, "delivered": 2})
    assert len(asterisk.sent) == 3


def test_killed_in_mid_campaign_it_loses_and_doubles_nothing(
    world: World, asterisk: Asterisk
) -> None:
    world.set(country_code="34")
    world.trunk("one", kind="asterisk", values=asterisk.values)
    campaign_id = world.campaign("c", numbered(40))
    kills = 2
    for n in range(1, kills + 1):
        with Service(world.config) as service:
            asterisk.wait_for(lambda n=n: len(asterisk.sent) >= 10 * n, 40)  # type: ignore[misc]
            service.kill()
    with Service(world.config):
        wait_until(lambda: not world.counts(campaign_id).get("queued"), 60,
                   world.counts, campaign_id)  # fmt: skip
        wait_until(lambda: not world.counts(campaign_id).get("submitting"), 30)
        counts = world.counts(campaign_id)
    held = kills * len(TWO)
    assert counts.get("in_doubt", 0) <= held
    # A receipt that was told to a service that died is told to nobody else.
    assert counts.get("submitted", 0) <= held
    assert set(counts) <= {"delivered", "in_doubt", "submitted"}
    assert sum(counts.values()) == 40
    given = texts(asterisk)
    assert len(given) == len(set(given))


def test_a_wrong_secret_stops_the_trunk_until_a_person_helps(
    world: World, asterisk: Asterisk, engine: Engine
) -> None:
    values = asterisk.values | {"secret": "wrong"}
    trunk_id = world.trunk("one", kind="asterisk", values=values)
    row = world.wait_for_session(trunk_id, "stopped")
    assert row["reason_code"] == "asterisk_login"
    assert asterisk.pbx.seen.count("Login") == 1
    assert world.trunk_row(trunk_id)["stopped_code"] == "asterisk_login"
