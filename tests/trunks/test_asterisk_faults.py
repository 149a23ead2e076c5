"""What goes wrong with an Asterisk, and what becomes of the messages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Rejected,
    TrunkDown,
)
from massivesms.trunks.asterisk import lanes, session
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
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


@pytest.mark.parametrize(
    ("said", "code", "decision"),
    [
        ("Invalid destination number", "asterisk_number", Decision.FAIL),
        ("Error adding SMS commands to queue", "asterisk_queue", Decision.RETRY),
        ("Invalid phone number", "asterisk_number", Decision.FAIL),
        ("Queue error", "asterisk_queue", Decision.RETRY),
        ("Cannot encode GSM7", "asterisk_text", Decision.NEXT_ONCE),
        ("Something new", "asterisk_refused", Decision.NEXT_ONCE),
        ("Permission denied", "asterisk_permission", Decision.STOP_TRUNK),
    ],
)
def test_what_asterisk_refuses_at_once_becomes_a_decision(
    asterisk: Asterisk, driver: Driver, said: str, code: str, decision: Decision
) -> None:
    asterisk.behaviour.faults = [said]
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    found = driver.outcomes[1]
    assert isinstance(found, Rejected)
    assert (found.code, found.decision) == (code, decision)
    assert isinstance(driver.outcomes[2], Accepted)
    assert len(asterisk.sent) == 1


def test_of_a_long_text_some_parts_may_be_queued_when_the_queue_is_full(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["Error adding SMS commands to queue"]
    driver.send(submission(1, LONG))
    driver.until(lambda: driver.outcomes)
    found = driver.outcomes[1]
    assert isinstance(found, InDoubt)
    assert found.code == "asterisk_queue"


def test_a_modem_without_network_is_left_out_and_nothing_is_lost(drive: Drive) -> None:
    modems = [Modem("a"), Modem("b")]
    with Asterisk(Behaviour(modems=modems)) as asterisk:
        driver = opened(asterisk, drive)
        modems[0].state = "GSM not registered"
        driver.send(submission(1), submission(2))
        driver.until(lambda: len(driver.outcomes) == 2)
        assert [one.device for one in asterisk.sent] == ["b", "b"]
        assert all(isinstance(one, Accepted) for one in driver.outcomes.values())
        driver.close()


def test_when_no_modem_can_send_everything_goes_back(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.modems[0].state = "Not connected"
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    assert all(isinstance(one, TrunkDown) for one in driver.outcomes.values())
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert caught.value.code == "asterisk_no_device"
    assert not caught.value.needs_person
    assert asterisk.sent == []


def test_no_answer_to_what_left_is_in_doubt(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ANSWER_S", 0.2)
    asterisk.behaviour.faults = ["silent"]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: InDoubt("asterisk_no_answer")}


@pytest.mark.parametrize("fault", ["hang_up", "hang_up_after"])
def test_a_connection_that_breaks_leaves_in_doubt_what_was_given(
    asterisk: Asterisk, driver: Driver, fault: str
) -> None:
    asterisk.behaviour.faults = [fault]
    asterisk.behaviour.holds = True
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    first, second = driver.outcomes[1], driver.outcomes[2]
    assert isinstance(first, InDoubt)
    assert first.code in ("asterisk_no_answer", "asterisk_gone")
    assert isinstance(second, TrunkDown)
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert caught.value.code == "asterisk_closed"


def test_a_modem_that_goes_away_with_the_message_leaves_it_in_doubt(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["lost"]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    found = driver.outcomes[1]
    assert isinstance(found, InDoubt)
    assert found.code == "asterisk_device_lost"


def test_a_modem_that_never_comes_to_it_leaves_it_in_doubt(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", lambda self, key: 1)
    asterisk.behaviour.holds = True
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: InDoubt("asterisk_unconfirmed", "dongle0")}
    asterisk.pbx.finish(asterisk.sent[0], success=True)  # much later
    driver.until(lambda: driver.receipts)
    assert driver.outcomes == {1: Accepted(("ami-1",))}
    assert driver.receipts[0].state == "delivered"


def a_second(values: TrunkSettings, key: str) -> int:
    """Every number of the settings but the port is 1."""
    return int(values.values[key]) if key == "port" else 1


def test_a_stuck_modem_is_given_no_more_until_its_queue_is_empty(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", a_second)
    monkeypatch.setattr(lanes, "STUCK_S", 600.0)
    asterisk.behaviour.holds = True
    driver.send(*(submission(n) for n in range(1, 4)))
    driver.until(lambda: driver.outcomes)
    looks = asterisk.pbx.seen.count("DongleShowDevices")
    driver.until(lambda: asterisk.pbx.seen.count("DongleShowDevices") >= looks + 3)
    assert driver.outcomes == {1: InDoubt("asterisk_unconfirmed", "dongle0")}
    assert len(asterisk.sent) == 1
    asterisk.behaviour.holds = False
    asterisk.pbx.finish(asterisk.sent[0], success=True)
    driver.until(lambda: len(driver.outcomes) == 3)
    assert all(isinstance(one, Accepted) for one in driver.outcomes.values())


@pytest.mark.parametrize("fault", ["", "silent"])
def test_when_all_modems_are_stuck_the_rest_goes_back_and_so_it_does_next_time(
    asterisk: Asterisk, drive: Drive, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TrunkSettings, "number", a_second)
    monkeypatch.setattr(session, "ANSWER_S", 1.0)
    monkeypatch.setattr(lanes, "STUCK_S", 0.1)
    asterisk.behaviour.holds = True
    asterisk.behaviour.faults = [fault]
    driver = opened(asterisk, drive)
    driver.send(*(submission(n) for n in range(1, 51)))
    asterisk.wait_for(lambda: "DongleSendSMS" in asterisk.pbx.seen)
    asterisk.behaviour.modems[0].tasks = 1  # it took the silent one too
    driver.until(lambda: len(driver.outcomes) == 50)
    code = "asterisk_no_answer" if fault else "asterisk_unconfirmed"
    first, *others = (driver.outcomes[n] for n in range(1, 51))
    assert isinstance(first, InDoubt)
    assert first.code == code
    assert others == [TrunkDown("no_answers", "dongle0")] * 49
    _is_over(driver)
    again = opened(asterisk, drive)
    again.send(submission(51))
    again.until(lambda: again.outcomes)
    assert again.outcomes == {51: TrunkDown("no_answers", "dongle0")}
    _is_over(again)
    assert len(asterisk.sent) == (0 if fault else 1)


def _is_over(driver: Driver) -> None:
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert (caught.value.code, caught.value.needs_person) == ("no_answers", False)
    driver.close()


def test_errors_of_the_modem_are_in_doubt_and_five_in_a_row_stop_the_trunk(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["error"] * 5
    driver.send(*(submission(n) for n in range(1, 8)))
    driver.until(lambda: len(driver.outcomes) == 7)
    codes = [driver.outcomes[n].code for n in range(1, 6)]  # type: ignore[union-attr]
    assert codes == ["asterisk_modem_refused"] * 5
    assert isinstance(driver.outcomes[7], TrunkDown)
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert (caught.value.code, caught.value.needs_person) == ("asterisk_refusing", True)
    assert len(asterisk.sent) == 5


def test_a_text_that_no_line_can_carry_never_leaves(
    asterisk: Asterisk, driver: Driver
) -> None:
    driver.send(submission(1, "ñandú " * 200))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {
        1: Rejected("asterisk_too_long", "Message", Decision.NEXT_TRUNK)
    }
    assert "DongleSendSMS" not in asterisk.pbx.seen


def test_lines_are_not_given_to_a_driver_that_takes_one(
    asterisk: Asterisk, drive: Drive
) -> None:
    driver = opened(asterisk, drive, escapes="no")
    driver.send(submission(1, "uno\r\nAction: Command\r\nCommand: core stop now"))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: Rejected("asterisk_lines", "", Decision.NEXT_TRUNK)}
    assert "Command" not in asterisk.pbx.seen


def test_what_a_modem_refuses_while_we_close_goes_back(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.faults = ["Device disconnected"]
    driver.send(submission(1))
    driver.close(2.0)
    assert driver.outcomes == {1: TrunkDown("service_stopped")}


def test_closing_waits_for_the_modem_and_gives_the_rest_back(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.holds = True
    driver.send(submission(1), submission(2))
    asterisk.wait_for(lambda: asterisk.sent)
    driver.close(0.1)
    assert driver.outcomes == {
        1: InDoubt("service_died"),
        2: TrunkDown("service_stopped"),
    }
