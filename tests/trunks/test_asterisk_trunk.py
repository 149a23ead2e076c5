"""Messages through the modems of an Asterisk, over a real socket."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    InDoubt,
)
from massivesms.trunks.base import TrunkSettings
from tests.fakes.asterisk.pbx import Behaviour, Modem
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.asterisk_world import LONG, Drive, opened
from tests.trunks.conftest import Driver, submission


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


@pytest.fixture
def driver(asterisk: Asterisk, drive: Drive) -> Driver:
    return opened(asterisk, drive)


def two_seconds(values: TrunkSettings, key: str) -> int:
    """Every number of the settings but the port is 2."""
    return int(values.values[key]) if key == "port" else 2


@pytest.mark.parametrize("name", ["Dongle", "Quectel"])
@pytest.mark.parametrize("auth", ["md5", "plain"])
def test_a_message_leaves_with_its_text_number_and_payload(
    name: str, auth: str, drive: Drive
) -> None:
    with Asterisk(Behaviour(driver=name)) as asterisk:
        driver = opened(asterisk, drive, auth=auth)
        driver.send(submission(1, "¿Mañana a las 5?\nSí \\ no"))
        driver.until(lambda: driver.outcomes)
        (sent,) = asterisk.sent
        assert (sent.number, sent.text) == (
            "+34600111222",
            "¿Mañana a las 5?\nSí \\ no",
        )
        assert (sent.report, sent.validity) == ("yes", "4320")
        assert sent.payload == "massivesms/7/1/34600111222"
        assert driver.outcomes == {1: Accepted(("ami-1",))}
        driver.close()


def test_a_long_text_is_one_action(asterisk: Asterisk, driver: Driver) -> None:
    driver.send(submission(1, LONG))
    driver.until(lambda: driver.outcomes)
    assert [one.text for one in asterisk.sent] == [LONG]


@pytest.mark.parametrize(
    ("seconds", "minutes"),
    [
        pytest.param(3600, "60", id="an hour"),
        pytest.param(5, "5", id="the least"),
        pytest.param(719, "10", id="steps of 5 minutes"),
        pytest.param(13 * 3600 + 60, "780", id="steps of 30 minutes"),
        pytest.param(25 * 3600, "1440", id="steps of a day"),
        pytest.param(31 * 86400, "43200", id="no month of 31 days"),
        pytest.param(36 * 86400, "50400", id="steps of a week"),
    ],
)
def test_it_is_valid_no_longer_than_was_asked(
    asterisk: Asterisk, driver: Driver, seconds: int, minutes: str
) -> None:
    driver.send(submission(1)._replace(validity_s=seconds))
    driver.until(lambda: driver.outcomes)
    assert asterisk.sent[0].validity == minutes


def test_opening_says_who_answers_and_how_the_modem_is(driver: Driver) -> None:
    assert driver.steps[1:] == [
        ("asterisk_connected", "Asterisk Call Manager/9.0.0"),
        ("asterisk_version", "20.9.3"),
        ("asterisk_device_ready", "dongle0 (Movistar, -71 dBm)"),
    ]


def test_several_modems_take_turns_and_each_has_one_message(drive: Drive) -> None:
    modems = [Modem("a"), Modem("b"), Modem("c")]
    with Asterisk(Behaviour(modems=modems, holds=True)) as asterisk:
        driver = opened(asterisk, drive)
        assert driver.session.window == 3
        driver.send(*(submission(n) for n in range(1, 6)))
        asterisk.wait_for(lambda: len(asterisk.sent) == 3)
        driver.poll()
        assert [one.device for one in asterisk.sent] == ["a", "b", "c"]
        asterisk.pbx.finish(asterisk.sent[1], success=True)
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {2: Accepted(("ami-2",))}
        asterisk.wait_for(lambda: len(asterisk.sent) == 4)
        assert asterisk.sent[3].device == "b"
        for one in (asterisk.sent[0], asterisk.sent[2], asterisk.sent[3]):
            asterisk.pbx.finish(one, success=True)
        driver.until(lambda: len(driver.outcomes) == 4)
        driver.close()


@pytest.mark.parametrize("reports", ["yes", "no"])
def test_it_is_sent_when_the_driver_has_nothing_left_to_do(
    drive: Drive, reports: str
) -> None:
    behaviour = Behaviour(holds=True, reports_at_once=False)
    with Asterisk(behaviour) as asterisk:
        driver = opened(asterisk, drive, reports=reports)
        driver.send(submission(1))
        asterisk.wait_for(lambda: asterisk.sent)
        looks = "DongleShowDevices"
        driver.until(lambda: asterisk.pbx.seen.count(looks) >= 3)
        assert driver.outcomes == {}  # its driver has it still
        asterisk.pbx.finish(asterisk.sent[0], success=True)
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {1: Accepted(("ami-1",))}
        assert driver.receipts == []
        driver.close()


def test_without_events_an_empty_queue_says_nothing(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", two_seconds)
    with Asterisk(Behaviour(read=())) as asterisk:
        driver = opened(asterisk, drive)
        asterisk.behaviour.faults = ["error"]  # nobody is told of it
        driver.send(submission(1))
        driver.until(lambda: driver.outcomes)
        assert driver.outcomes == {1: InDoubt("asterisk_no_events", "dongle0")}
        driver.close()


def test_a_receipt_is_proof_enough_that_events_are_heard(drive: Drive) -> None:
    with Asterisk(Behaviour(is_busy=False, reports_at_once=False)) as asterisk:
        driver = opened(asterisk, drive)
        driver.send(submission(1), submission(2))
        looks = "DongleShowDevices"
        driver.until(lambda: asterisk.pbx.seen.count(looks) >= 4)
        assert driver.outcomes == {}
        asterisk.pbx.report(asterisk.sent[0], 1, success=True, codes="000,")
        driver.until(lambda: len(driver.outcomes) == 2)
        assert all(isinstance(one, Accepted) for one in driver.outcomes.values())
        assert len(driver.receipts) == 1
        driver.close()


@pytest.mark.parametrize("success", [True, False])
def test_drivers_of_before_2020_tell_by_the_id(drive: Drive, success: bool) -> None:
    behaviour = Behaviour(is_old=True, holds=True)
    with Asterisk(behaviour) as asterisk:
        driver = opened(asterisk, drive, escapes="no")
        driver.send(submission(1, "50 % \\ 2"))
        asterisk.wait_for(lambda: asterisk.sent)
        asterisk.pbx.event("DongleSMSStatus", ("Device", "dongle0"), ("ID", "0x1"),
                           ("Status", "NotSent"))  # fmt: skip
        asterisk.pbx.finish(asterisk.sent[0], success=success)
        driver.until(lambda: driver.outcomes)
        assert asterisk.sent[0].text == "50 % \\ 2"
        doubt = InDoubt("asterisk_modem_refused", "dongle0")
        assert driver.outcomes == {1: Accepted(("ami-1",)) if success else doubt}
        driver.close()
