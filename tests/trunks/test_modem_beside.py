"""What a modem does beside sending: how it is, calls, its balance, when it rests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from massivesms.domain.modem_live import ModemSeen
from massivesms.domain.outcomes import Accepted, InDoubt, Rejected, TrunkDown
from massivesms.trunks.base import (
    BalanceCame,
    InboundCame,
    ModemSession,
    StopWanted,
    TrunkSettings,
    TrunkUnavailable,
)
from massivesms.trunks.modem import calls, streak, ussd
from massivesms.trunks.modem import trunk as modem_trunk
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]
T = TypeVar("T")
CODE = {"balance_code": "*133#"}


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


def opened(drive: Drive, modem: Modem, **values: str) -> Driver:
    driver = drive(settings("modem", port=modem.path, **values))
    driver.open()
    return driver


def told(driver: Driver, kind: type[T]) -> list[T]:
    return [event for event in driver.events if isinstance(event, kind)]


def session(driver: Driver) -> ModemSession:
    assert isinstance(driver.session, ModemSession)
    return driver.session


# --- how it is ------------------------------------------------------------


@pytest.mark.parametrize("turn", range(3))
def test_what_a_modem_says_unasked_is_not_taken_for_its_answer(
    drive: Drive, turn: int
) -> None:
    with Modem(Behaviour(make="simcom", noise=True)) as modem:
        for _ in range(turn):
            next(modem.stick._noise)
        seen = session(opened(drive, modem)).seen
        assert seen is not None
        assert (seen.operator, seen.registration) == ("Movistar", 1)


def test_what_it_says_of_itself_is_known_when_it_is_open(
    drive: Drive, modem: Modem
) -> None:
    seen = session(opened(drive, modem)).seen
    assert seen == ModemSeen(
        modem.path, "huawei E173", "861234567890123", "734041234567890", "Movistar",
        1, -71,
    )  # fmt: skip


def test_what_it_said_before_it_failed_is_known_too(drive: Drive) -> None:
    with Modem(Behaviour(registration=2)) as modem:
        driver = drive(settings("modem", port=modem.path))
        with pytest.raises(TrunkUnavailable):
            driver.open()
        seen = session(driver).seen
        assert seen is not None
        assert (seen.make, seen.registration, seen.operator) == ("huawei E173", 2, "")


def test_a_signal_that_changes_is_told_and_the_same_is_not(
    drive: Drive, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modem_trunk, "LOOK_S", 0.05)
    driver = opened(drive, modem)
    driver.until(lambda: modem.stick.commands.count("AT+COPS?") > 3)
    assert told(driver, ModemSeen) == []
    modem.stick.behaviour.signal = 3
    driver.until(lambda: told(driver, ModemSeen))
    assert told(driver, ModemSeen)[0].signal_dbm == -107


def test_a_network_that_stays_away_ends_the_session_with_its_words(
    drive: Drive, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = opened(drive, modem)
    monkeypatch.setattr(modem_trunk, "LOOK_S", 0.05)
    driver.session._looked_at_s = 0  # type: ignore[attr-defined]
    modem.stick.behaviour.registration = 2
    with pytest.raises(TrunkUnavailable) as caught:
        driver.until(lambda: False)
    assert (caught.value.code, caught.value.needs_person) == (
        "modem_network_lost",
        False,
    )
    assert told(driver, ModemSeen)[0].registration == 2


# --- calls ----------------------------------------------------------------


def test_a_call_is_told_once_however_often_it_rings(drive: Drive, modem: Modem) -> None:
    driver = opened(drive, modem)
    for _ in range(4):
        modem.do(lambda stick: stick.ring("+34600111222"))
    modem.do(lambda stick: stick.hang_up())
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.incoming == [InboundCame(0, "+34600111222", "", "", is_call=True)]


def test_a_call_without_a_number_is_told_after_a_moment(
    drive: Drive, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calls, "UNTOLD_S", 0.2)
    driver = opened(drive, modem)
    modem.do(lambda stick: stick.ring(None))
    driver.until(lambda: driver.incoming)
    assert driver.incoming[0].sender == ""


# --- the balance ----------------------------------------------------------


@pytest.mark.parametrize("way", ["plain", "packed", "ucs2"])
@pytest.mark.parametrize("make", ["huawei", "zte"])
def test_the_balance_comes_in_words(drive: Drive, make: str, way: str) -> None:
    with Modem(Behaviour(make=make, ussd=way, noise=True)) as modem:
        driver = opened(drive, modem, **CODE)
        session(driver).ask_balance(5)
        driver.until(lambda: told(driver, BalanceCame))
        assert told(driver, BalanceCame) == [
            BalanceCame(5, modem.stick.behaviour.balance)
        ]
        driver.close()


def test_a_message_goes_out_while_the_network_does_not_answer(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ussd, "HOLD_S", 0.3)
    with Modem(Behaviour(ussd="silent")) as modem:
        driver = opened(drive, modem, **CODE)
        session(driver).ask_balance(5)
        driver.until(lambda: any("CUSD" in c for c in modem.stick.commands))
        driver.send(submission(1))
        driver.until(lambda: driver.outcomes)  # long before the answer is given up
        assert told(driver, BalanceCame) == []


def test_an_answer_that_does_not_come_is_given_up(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ussd, "ANSWER_S", 0.2)
    with Modem(Behaviour(ussd="silent")) as modem:
        driver = opened(drive, modem, **CODE)
        session(driver).ask_balance(5)
        driver.until(lambda: told(driver, BalanceCame))
        assert told(driver, BalanceCame) == [BalanceCame(5, "", "ussd_none")]
        driver.until(lambda: "AT+CUSD=2" in modem.stick.commands)


def test_a_code_that_the_modem_refuses_has_its_words(drive: Drive) -> None:
    with Modem(Behaviour(ussd="refused")) as modem:
        driver = opened(drive, modem, **CODE)
        session(driver).ask_balance(5)
        driver.until(lambda: told(driver, BalanceCame))
        assert told(driver, BalanceCame) == [
            BalanceCame(5, "", "ussd_refused", "ERROR")
        ]


def test_closed_before_the_answer_the_question_has_an_end(drive: Drive) -> None:
    with Modem(Behaviour(ussd="silent")) as modem:
        driver = opened(drive, modem, **CODE)
        session(driver).ask_balance(5)
        driver.until(lambda: any("CUSD" in c for c in modem.stick.commands))
        driver.close(0)
        assert told(driver, BalanceCame) == [BalanceCame(5, "", "ussd_gone")]


# --- errors in a row --------------------------------------------------------


def numbered(n: int) -> str:
    return f"3460000000{n}"


def test_after_three_errors_over_different_numbers_it_rests_an_hour(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 42"] * 4
    driver = opened(drive, modem)
    driver.send(*(submission(n, number=numbered(n)) for n in range(5)))
    driver.until(lambda: len(driver.outcomes) == 5)
    kinds = [type(driver.outcomes[n]) for n in range(5)]
    assert kinds == [Rejected, Rejected, Rejected, TrunkDown, TrunkDown]
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert (caught.value.code, caught.value.wait_s) == ("modem_rests", streak.REST_S)
    assert not caught.value.needs_person


def test_in_doubt_three_times_it_rests_before_all_are(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 500"] * 4
    driver = opened(drive, modem)
    driver.send(*(submission(n, number=numbered(n)) for n in range(5)))
    driver.until(lambda: len(driver.outcomes) == 5)
    kinds = [type(driver.outcomes[n]) for n in range(5)]
    assert kinds == [InDoubt, InDoubt, InDoubt, TrunkDown, TrunkDown]


def test_one_bad_number_never_blocks_the_queue(drive: Drive, modem: Modem) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 38"] * 5
    driver = opened(drive, modem)
    for n in range(5):
        driver.send(submission(n, number=numbered(0)))
    driver.send(submission(9, number=numbered(9)))
    driver.until(lambda: len(driver.outcomes) == 6)
    assert isinstance(driver.outcomes[9], Accepted)


def test_wrong_numbers_are_not_the_modems_fault(drive: Drive, modem: Modem) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 1"] * 5
    driver = opened(drive, modem)
    driver.send(*(submission(n, number=numbered(n)) for n in range(6)))
    driver.until(lambda: len(driver.outcomes) == 6)
    assert isinstance(driver.outcomes[5], Accepted)


def test_a_success_between_begins_the_count_anew(drive: Drive, modem: Modem) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 38", "+CMS ERROR: 38", ""] * 4
    driver = opened(drive, modem)
    driver.send(*(submission(n, number=numbered(n)) for n in range(9)))
    driver.until(lambda: len(driver.outcomes) == 9)
    assert not told(driver, StopWanted)


def test_many_numbers_out_of_reach_stop_it_across_its_rests(
    drive: Drive, modem: Modem
) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 38"] * 9
    for first in (0, 3):
        driver = opened(drive, modem)
        driver.send(
            *(submission(n, number=numbered(n)) for n in range(first, first + 3))
        )
        driver.until(lambda: len(driver.outcomes) == 3)  # noqa: B023
        driver.close()
    (stop,) = told(driver, StopWanted)
    assert stop.code == "modem_reaches_nobody"
    assert "Network out of order" in stop.detail


def test_it_may_be_told_never_to_rest(drive: Drive, modem: Modem) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 42"] * 5
    driver = opened(drive, modem, rest_after="0")
    driver.send(*(submission(n, number=numbered(n)) for n in range(6)))
    driver.until(lambda: len(driver.outcomes) == 6)
    assert isinstance(driver.outcomes[5], Accepted)
