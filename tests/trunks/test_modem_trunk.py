"""A modem as a trunk, over a real pseudo-terminal."""

from __future__ import annotations

import os
import pwd
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import serial

from massivesms.domain.modem_ports import FoundPort, Holder, words
from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Rejected,
    TrunkDown,
)
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.modem import ports, watch
from massivesms.trunks.modem import trunk as modem_trunk
from massivesms.trunks.pins import PinMemory
from massivesms.trunks.registry import try_out
from tests.another_user import not_root
from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import NOISE, Behaviour
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]
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


def at(modem: Modem, **values: str) -> TrunkSettings:
    return settings("modem", port=modem.path, **values)


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


def test_every_port_is_told_with_what_is_there(
    modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "PROBE_S", 0.1)
    with Modem() as twin, Modem() as busy, Modem(Behaviour(is_frozen=True)) as silent:
        paths = [modem.path, twin.path, busy.path, silent.path, "/dev/ttyUSB_none"]
        described = [(path, "Stick", True) for path in paths]
        described += [("/dev/ttyS0", "", False), ("/dev/ttyUSB_held", "Stick", True)]
        monkeypatch.setattr(ports, "described", lambda: described)
        with serial.Serial(busy.path, exclusive=True):
            found = ports.look({"/dev/ttyUSB_held": Holder("one")})
        assert not busy.stick.commands
    make, imei = "huawei E173", "861234567890123"
    assert found == [
        FoundPort(modem.path, "free", "", "Stick", make, imei),
        FoundPort(twin.path, "other_port", modem.path, "Stick", make, imei),
        FoundPort(busy.path, "port_busy", busy.path, "Stick"),
        FoundPort(silent.path, "port_no_modem", silent.path, "Stick"),
        FoundPort("/dev/ttyUSB_none", "port_missing", "/dev/ttyUSB_none", "Stick"),
        FoundPort("/dev/ttyS0", "not_usb"),
        FoundPort("/dev/ttyUSB_held", "held", "one", "Stick"),
    ]
    assert all(words(one.state, one.detail).text for one in found)


def test_another_port_of_a_modem_that_a_trunk_uses_is_not_free(
    modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "described", lambda: [(modem.path, "Stick", True)])
    imei = modem.stick.behaviour.imei
    (found,) = ports.look({"/dev/ttyUSB_held": Holder("one", imei)})
    assert (found.state, found.detail) == ("held", "one")


def test_without_rights_it_is_said_who_needs_them(
    modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chmod(modem.path, 0)
    monkeypatch.setattr(ports, "described", lambda: [(modem.path, "Stick", True)])
    with not_root():
        user = pwd.getpwuid(os.geteuid()).pw_name
        (found,) = ports.look({})
    assert (found.state, found.detail) == ("port_rights", user)
    assert f"usermod -aG dialout {user}" in words(found.state, found.detail).text


def refused(driver: Driver) -> TrunkUnavailable:
    with pytest.raises(TrunkUnavailable) as caught:
        driver.open()
    return caught.value


def test_a_wrong_pin_is_tried_once(drive: Drive) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        for _ in range(3):
            wanted = replace(at(modem, pin="9999"), pins=pins)
            found = refused(drive(wanted))
            assert (found.code, found.needs_person) == ("modem_pin_wrong", True)
        assert modem.stick.pin_tries == 1


def test_the_same_pin_may_be_another_cards(drive: Drive) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        refused(drive(replace(at(modem, pin="9999"), pins=pins)))
        modem.stick.behaviour.iccid = "8958040000999999999"
        modem.stick.behaviour.pin = "9999"
        drive(replace(at(modem, pin="9999"), pins=pins)).open()


def test_a_card_without_a_number_is_known_by_its_modem(drive: Drive) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234", iccid="")) as modem:
        refused(drive(replace(at(modem, pin="9999"), pins=pins)))
        assert pins.is_refused("861234567890123", "9999")


def test_a_pin_without_an_answer_is_not_tried_again(drive: Drive) -> None:
    pins = PinMemory()
    pins.refuse("8958040000123456789", "1234")
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        found = refused(drive(replace(at(modem, pin="1234"), pins=pins)))
        assert (found.code, modem.stick.pin_tries) == ("modem_pin_wrong", 0)


def test_the_right_pin_opens_the_card(drive: Drive) -> None:
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        driver = drive(at(modem, pin="1234"))
        driver.open()
        assert modem.stick.pin_tries == 1
        driver.close()


@pytest.mark.parametrize(
    ("behaviour", "code", "needs_person"),
    [
        pytest.param(Behaviour(sim=""), "cme_10", True, id="no SIM card"),
        pytest.param(Behaviour(sim="SIM PUK"), "modem_puk", True, id="PUK"),
        pytest.param(Behaviour(sim="SIM PIN"), "modem_pin_missing", True, id="PIN"),
        pytest.param(Behaviour(registration=2), "modem_no_network", False, id="search"),
        pytest.param(Behaviour(registration=3), "modem_denied", False, id="denied"),
        pytest.param(Behaviour(centre=""), "modem_no_centre", True, id="no centre"),
    ],
)
def test_why_it_cannot_send_is_said(
    behaviour: Behaviour, code: str, needs_person: bool, drive: Drive
) -> None:
    with Modem(behaviour) as modem:
        found = refused(drive(at(modem)))
        assert (found.code, found.needs_person) == (code, needs_person)


def test_a_port_where_nobody_answers_is_said(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "PROBE_S", 0.1)
    with Modem(Behaviour(is_frozen=True)) as modem:
        assert refused(drive(at(modem))).code == "port_no_modem"


def test_a_port_that_is_not_there_is_said(drive: Drive) -> None:
    found = refused(drive(settings("modem", port="/dev/ttyUSB_none")))
    assert (found.code, found.needs_person) == ("port_missing", False)


def test_a_file_is_no_port(drive: Drive, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.touch()
    assert refused(drive(settings("modem", port=str(path)))).code == "port_no_modem"


def test_a_port_that_another_program_uses_is_said(modem: Modem, drive: Drive) -> None:
    with serial.Serial(modem.path, exclusive=True):
        assert refused(drive(at(modem))).code == "port_busy"


def test_it_can_be_tried_out(modem: Modem) -> None:
    works, steps = try_out(at(modem))
    assert works
    assert [code for code, _ in steps] == [
        *("connecting", "modem_found", "modem_registered")
    ]
