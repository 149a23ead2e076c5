"""What stands at a port, and why a modem there cannot be used."""

from __future__ import annotations

import os
import pwd
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import serial

from massivesms.domain.modem_ports import FoundPort, Holder, words
from massivesms.trunks.modem import opening, ports
from massivesms.trunks.pins import PinMemory, PinState
from tests.another_user import not_root
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import settings
from tests.trunks.modem_world import Drive, at, refused


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


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
        assert pins.state("861234567890123", "9999") is PinState.REFUSED


@pytest.mark.parametrize("busy", [1, 99])
@pytest.mark.parametrize("answer", ["+CME ERROR: 14", "+CMS ERROR: 314"])
def test_a_card_that_is_busy_at_first_gets_a_wrong_pin_once(
    drive: Drive, answer: str, busy: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_S", 0.01)
    pins = PinMemory()
    behaviour = Behaviour(sim="SIM PIN", pin="1234", card_faults=[answer] * busy)
    with Modem(behaviour) as modem:
        for _ in range(2):
            found = refused(drive(replace(at(modem, pin="9999"), pins=pins)))
            assert found.code == "modem_pin_wrong"
            behaviour.card_faults.clear()
        assert modem.stick.pin_tries == 1
    assert bool(pins.state(behaviour.imei, "9999")) == (busy == 99)


def test_a_wrong_pin_is_known_when_the_card_does_not_tell_its_number_later(
    drive: Drive,
) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        refused(drive(replace(at(modem, pin="9999"), pins=pins)))
        modem.stick.behaviour.iccid = ""
        refused(drive(replace(at(modem, pin="9999"), pins=pins)))
        assert modem.stick.pin_tries == 1


@pytest.mark.parametrize("number", [14, 3, 13])
def test_an_error_that_was_no_try_leaves_the_pin_as_it_was(
    drive: Drive, number: int
) -> None:
    pins = PinMemory()
    answer = f"+CME ERROR: {number}"
    with Modem(Behaviour(sim="SIM PIN", pin="1234", pin_faults=[answer])) as modem:
        wanted = replace(at(modem, pin="1234"), pins=pins)
        found = refused(drive(wanted))
        assert (found.code, found.needs_person) == (f"cme_{number}", False)
        assert found.wait_s
        driver = drive(wanted)
        driver.open()
        driver.close()


def test_a_pin_without_an_answer_is_tried_once_more_when_a_person_says_so(
    drive: Drive,
) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234", pin_faults=["gone"])) as modem:
        wanted = replace(at(modem, pin="1234"), pins=pins)
        assert refused(drive(wanted)).code == "modem_pin_no_answer"
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        wanted = replace(at(modem, pin="1234"), pins=pins)
        found = refused(drive(wanted))
        assert (found.code, found.needs_person) == ("modem_pin_no_answer", True)
        assert modem.stick.pin_tries == 0
        pins.allow_again()
        driver = drive(wanted)
        driver.open()
        driver.close()


@pytest.mark.parametrize("tells_its_number", [True, False])
def test_a_pin_is_never_sent_three_times_without_an_answer(
    drive: Drive, tells_its_number: bool
) -> None:
    pins = PinMemory()
    codes = []
    for turn in range(4):
        behaviour = Behaviour(sim="SIM PIN", pin="1234", pin_faults=["gone"])
        if turn == 0 and not tells_its_number:
            behaviour.iccid = ""
        with Modem(behaviour) as modem:
            wanted = replace(at(modem, pin="1234"), pins=pins)
            codes.append(refused(drive(wanted)).code)
            assert bool(behaviour.pin_faults) == (turn > 1)
            pins.allow_again()
    assert codes == ["modem_pin_no_answer"] * 2 + ["modem_pin_spent"] * 2


def test_a_try_that_did_not_count_gives_no_third_one(drive: Drive) -> None:
    pins = PinMemory()
    sent = []
    for fault in ("gone", "+CME ERROR: 14", "gone", "gone"):
        behaviour = Behaviour(sim="SIM PIN", pin="1234", pin_faults=[fault])
        with Modem(behaviour) as modem:
            refused(drive(replace(at(modem, pin="1234"), pins=pins)))
        sent.append(not behaviour.pin_faults)
        pins.allow_again()
    assert sent == [True, True, True, False]


def test_a_refused_pin_is_not_tried_again_whoever_says_so(drive: Drive) -> None:
    pins = PinMemory()
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        for _ in range(3):
            found = refused(drive(replace(at(modem, pin="9999"), pins=pins)))
            assert found.code == "modem_pin_wrong"
            pins.allow_again()
        assert modem.stick.pin_tries == 1


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
