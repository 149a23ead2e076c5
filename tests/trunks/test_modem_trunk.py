"""A modem as a trunk, over a real pseudo-terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import serial

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Rejected,
    TrunkDown,
)
from massivesms.trunks.base import TrunkUnavailable
from massivesms.trunks.modem import ports, watch
from massivesms.trunks.modem import trunk as modem_trunk
from massivesms.trunks.registry import try_out
from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import NOISE, Behaviour
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, submission
from tests.trunks.modem_world import Drive, at, refused

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
LONG = "Señor cliente, mañana estaremos cerrados por inventario. " * 5


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


@pytest.fixture
def driver(modem: Modem, drive: Drive) -> Driver:
    driver = drive(at(modem))
    driver.open()
    return driver


def test_a_message_leaves_with_its_text_and_number(
    modem: Modem, driver: Driver
) -> None:
    driver.send(submission(1, "¿Mañana a las 5?"))
    driver.until(lambda: driver.outcomes)
    (sent,) = modem.sent
    assert (sent.number, sent.text) == ("+34600111222", "¿Mañana a las 5?")
    assert sent.wants_report
    assert driver.outcomes == {1: Accepted(("001-0111222",))}


def test_opening_says_which_modem_and_network_it_is(driver: Driver) -> None:
    assert driver.steps[1:] == [
        ("modem_found", "huawei E173 (IMEI 861234567890123)"),
        ("modem_registered", "Movistar, -71 dBm"),
    ]


@pytest.mark.parametrize("make", NOISE)
def test_noise_and_echo_disturb_nobody(make: str, drive: Drive) -> None:
    behaviour = Behaviour(make=make, noise=True)
    with Modem(behaviour) as modem:
        driver = drive(at(modem))
        driver.open()
        driver.send(submission(1, LONG), submission(2, "Привет"))
        driver.until(lambda: len(driver.outcomes) == 2)
        assert all(isinstance(one, Accepted) for one in driver.outcomes.values())
        texts = [one.text for one in modem.sent]
        assert "".join(texts[:-1]) == LONG
        assert texts[-1] == "Привет"
        driver.close()


def test_parts_that_were_taken_before_are_not_sent_again(
    modem: Modem, driver: Driver
) -> None:
    driver.send(submission(1, LONG, taken={1: "200-0111222"}))
    driver.until(lambda: driver.outcomes)
    places = [one.place for one in modem.sent]
    assert [place and place[1:] for place in places] == [(2, 2)]
    assert driver.outcomes == {1: Accepted(("200-0111222", "001-0111222"))}


def test_a_refused_number_does_not_stop_the_next(modem: Modem, driver: Driver) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 1"]
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    first = driver.outcomes[1]
    assert isinstance(first, Rejected)
    assert (first.code, first.decision) == ("cms_1", Decision.FAIL)
    assert isinstance(driver.outcomes[2], Accepted)


def test_pulled_out_after_the_text_the_message_is_in_doubt(
    modem: Modem, driver: Driver
) -> None:
    modem.stick.behaviour.faults = ["gone_after"]
    driver.send(submission(1), submission(2))
    driver.until(lambda: len(driver.outcomes) == 2)
    assert driver.outcomes == {
        1: InDoubt("modem_gone"),
        2: TrunkDown("modem_unplugged"),
    }
    with pytest.raises(TrunkUnavailable) as caught:
        driver.poll()
    assert caught.value.code == "modem_unplugged"


def test_pulled_out_before_the_text_nothing_is_in_doubt(
    modem: Modem, driver: Driver
) -> None:
    modem.stick.behaviour.faults = ["gone_before"]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: TrunkDown("modem_gone_before")}


def test_closed_while_the_network_thinks_the_message_is_in_doubt(
    modem: Modem, driver: Driver
) -> None:
    modem.stick.behaviour.faults = ["taken_silent"]
    driver.send(submission(1), submission(2))
    driver.until(lambda: modem.sent)
    driver.close(0.1)
    assert driver.outcomes == {
        1: InDoubt("service_died"),
        2: TrunkDown("service_stopped"),
    }


def test_a_receipt_finds_its_message(modem: Modem, driver: Driver) -> None:
    modem.stick.behaviour.reports = 0
    driver.send(submission(1))
    driver.until(lambda: driver.receipts)
    (receipt,) = driver.receipts
    assert driver.outcomes == {1: Accepted((receipt.smsc_message_id,))}
    assert (receipt.state, receipt.number) == ("delivered", "34600111222")


def test_what_comes_is_read_and_then_deleted(modem: Modem, driver: Driver) -> None:
    whole = pdu.deliver("+34600111222", "Sí, ¡gracias!", NOON)
    modem.do(lambda stick: stick.deliver(whole))
    driver.until(lambda: driver.incoming and not modem.stick.storage)
    (came,) = driver.incoming
    assert (came.sender, came.text) == ("+34600111222", "Sí, ¡gracias!")


def test_what_lay_there_before_is_read_too(modem: Modem, drive: Drive) -> None:
    modem.stick.deliver(pdu.deliver("2662", "Saldo: 5", NOON))
    modem.stick.take_out()
    driver = drive(at(modem))
    driver.answers_receipts = False
    driver.open()
    driver.until(lambda: driver.incoming)
    assert modem.stick.storage, "it is not stored with us yet"
    driver.session.acknowledge(driver.incoming[0], True)
    driver.until(lambda: not modem.stick.storage)


def test_plugged_in_again_it_sends(modem: Modem, drive: Drive) -> None:
    modem.pull_out()
    modem.plug_in()
    driver = drive(at(modem))
    driver.open()
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert isinstance(driver.outcomes[1], Accepted)


def test_an_idle_modem_that_freezes_is_noticed(
    modem: Modem, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modem_trunk, "LOOK_S", 0.1)
    monkeypatch.setattr(watch, "ANSWER_S", 0.2)
    driver.until(lambda: modem.stick.commands.count("AT+COPS?") > 1)
    modem.stick.behaviour.is_frozen = True
    with pytest.raises(TrunkUnavailable) as caught:
        driver.until(lambda: False)
    assert caught.value.code == "modem_stopped_answering"


def test_with_a_full_storage_what_lies_there_is_read(
    modem: Modem, driver: Driver
) -> None:
    driver.until(lambda: "AT+CMGL=4" in modem.stick.commands)
    modem.stick.behaviour.faults = ["+CMS ERROR: 322"]
    modem.stick.deliver(pdu.deliver("2662", "Saldo: 5", NOON))
    modem.stick.take_out()  # nobody was told of it
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes and not modem.stick.storage)
    refused = driver.outcomes[1]
    assert isinstance(refused, Rejected)
    assert (refused.code, refused.decision) == ("cms_322", Decision.RETRY)
    assert [one.text for one in driver.incoming] == ["Saldo: 5"]


IMEI = "351234567890124"


def test_a_modem_is_found_again_at_another_port(
    modem: Modem, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Modem(Behaviour(imei=IMEI)) as wanted, Modem() as busy:
        monkeypatch.setattr(
            ports, "listed", lambda: [modem.path, busy.path, wanted.path]
        )
        with serial.Serial(busy.path, exclusive=True):
            driver = drive(at(modem, imei=IMEI))
            driver.open()
            driver.send(submission(1))
            driver.until(lambda: driver.outcomes)
            driver.close()
        assert len(wanted.sent) == 1
        assert not modem.sent


def test_another_modem_at_its_port_is_said_and_not_used(
    modem: Modem, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "listed", lambda: [modem.path])
    found = refused(drive(at(modem, imei=IMEI)))
    assert (found.code, found.needs_person) == ("modem_other", False)


def test_it_can_be_tried_out(modem: Modem) -> None:
    works, steps = try_out(at(modem))
    assert works
    assert [code for code, _ in steps] == [
        *("connecting", "modem_found", "modem_registered")
    ]
