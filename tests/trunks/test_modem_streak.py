"""Errors in a row of every kind: a campaign never runs through a modem that fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.domain.outcomes import Accepted, Decision, InDoubt, Rejected, TrunkDown
from massivesms.trunks.base import StopWanted, TrunkUnavailable
from massivesms.trunks.modem import streak
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, submission
from tests.trunks.modem_world import Drive, at

GENERAL = [21, 50, 69, 111, 127, 304]  # what is told of messages and means the card


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


def opened(drive: Drive, modem: Modem, **values: str) -> Driver:
    driver = drive(at(modem, **values))
    driver.open()
    return driver


def send(driver: Driver, first: int, count: int) -> None:
    numbers = range(first, first + count)
    driver.send(*(submission(n, number=f"346000000{n:02}") for n in numbers))
    driver.until(lambda: len(driver.outcomes) == count)


def stops(driver: Driver) -> list[StopWanted]:
    return [event for event in driver.events if isinstance(event, StopWanted)]


def rest(driver: Driver) -> TrunkUnavailable:
    with pytest.raises(TrunkUnavailable) as caught:
        driver.until(lambda: False)
    return caught.value


@pytest.mark.parametrize("fault", ["ERROR", "bare_ok", "+CMS ERROR: no idea"])
def test_unclear_three_times_it_rests_before_all_are_in_doubt(
    drive: Drive, modem: Modem, fault: str
) -> None:
    modem.stick.behaviour.faults = [fault] * 9
    driver = opened(drive, modem)
    send(driver, 0, 5)
    kinds = [type(driver.outcomes[n]) for n in range(5)]
    assert kinds == [InDoubt] * 3 + [TrunkDown] * 2
    assert rest(driver).wait_s == streak.REST_S


def test_an_error_without_a_number_before_the_text_counts(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["before:ERROR"] * 9
    driver = opened(drive, modem)
    send(driver, 0, 5)
    first = driver.outcomes[0]
    assert isinstance(first, Rejected)
    assert (first.code, first.decision) == ("modem_no_prompt", Decision.RETRY)
    kinds = [type(driver.outcomes[n]) for n in range(5)]
    assert kinds == [Rejected] * 3 + [TrunkDown] * 2
    assert (rest(driver).code, rest(driver).detail) == ("modem_rests", "ERROR")


def test_silent_after_each_text_it_rests_across_its_sessions(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["silent"] * 9
    said = []
    for n in range(3):
        driver = opened(drive, modem, timeout_s="1")
        send(driver, n, 1)
        said.append(rest(driver).code)
        driver.close()
    assert said == ["modem_stopped_answering"] * 2 + ["modem_rests_silent"]
    driver = opened(drive, modem, timeout_s="1")
    send(driver, 3, 1)
    assert rest(driver).code == "modem_stopped_answering", "the count begins anew"


def test_a_modem_that_goes_away_at_each_text_rests(drive: Drive) -> None:
    said = []
    for n in range(3):
        with Modem(Behaviour(faults=["gone_after"])) as modem:
            driver = opened(drive, modem)
            send(driver, n, 1)
            said.append(rest(driver).code)
    assert said == ["modem_unplugged"] * 2 + ["modem_rests_silent"]


def test_what_was_closed_by_us_does_not_count(drive: Drive, modem: Modem) -> None:
    modem.stick.behaviour.faults = ["silent"] * 3 + ["ERROR"]
    for n in range(3):
        driver = opened(drive, modem)
        driver.send(submission(n, number=f"3460000000{n}"))
        driver.until(lambda: len(modem.stick.behaviour.faults) == 3 - n)  # noqa: B023
        driver.close(0)
    driver = opened(drive, modem)
    send(driver, 4, 2)
    assert [type(driver.outcomes[n]) for n in (4, 5)] == [InDoubt, Accepted]


@pytest.mark.parametrize("number", GENERAL)
def test_the_same_refusal_for_everybody_stops_it(
    drive: Drive, modem: Modem, number: int
) -> None:
    modem.stick.behaviour.faults = [f"+CMS ERROR: {number}"] * 9
    driver = opened(drive, modem)
    send(driver, 0, 6)
    (stop,) = stops(driver)
    assert stop.code == "modem_refuses_all"
    assert f"+CMS ERROR: {number} " in stop.detail


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(["+CMS ERROR: 21"] * 5 + [""], id="a success between"),
        pytest.param(["+CMS ERROR: 21"] * 5 + ["+CMS ERROR: 1"], id="another error"),
        pytest.param(["+CMS ERROR: 1"] * 6, id="wrong numbers"),
    ],
)
def test_refusals_of_single_messages_stop_nothing(
    drive: Drive, modem: Modem, faults: list[str]
) -> None:
    modem.stick.behaviour.faults = faults * 2
    driver = opened(drive, modem)
    send(driver, 0, 12)
    assert not stops(driver)


def test_one_number_that_is_refused_again_and_again_stops_nothing(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 50"] * 8
    driver = opened(drive, modem)
    driver.send(*(submission(n) for n in range(8)))
    driver.until(lambda: len(driver.outcomes) == 8)
    assert not stops(driver)
