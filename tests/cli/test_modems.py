"""`massivesms trunk modems` and `balance`; what `list` and `show` say of a modem."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from massivesms.trunks.modem import ports
from tests.cli.conftest import Run
from tests.engine.world import Engine, wait_until
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem
from tests.web.sending import start_service


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


@pytest.fixture
def stick(run: Run, modem: Modem) -> None:
    values = ("--set", f"port={modem.path}", "--set", "balance_code=*133#")
    run("trunk", "add", "Stick", "--type", "modem", *values).done()


@pytest.fixture
def engine(run: Run, config: Config, stick: None) -> Iterator[Engine]:
    with Engine(config) as running:
        wait_until(
            lambda: run("trunk", "show", "Stick", "--json").json["state"] == "ready", 15
        )
        yield running


def test_ports_are_listed_with_what_is_there(
    run: Run, modem: Modem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "described", lambda: [(modem.path, "Stick", True)])
    [found] = run("trunk", "modems", "--json").done().json
    assert (found["port"], found["state"]) == (modem.path, "free")
    assert (found["make"], found["imei"]) == ("huawei E173", modem.stick.behaviour.imei)
    assert "A modem answers, and nobody uses it." in run("trunk", "modems").done().out
    monkeypatch.setattr(ports, "described", list)
    assert "no serial port" in run("trunk", "modems").done().out


def test_a_port_that_a_trunk_uses_is_not_asked(
    run: Run, modem: Modem, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ports, "described", lambda: [(modem.path, "Stick", True)])
    [found] = run("trunk", "modems", "--json").done().json
    assert (found["state"], found["detail"]) == ("held", "Stick")


def test_show_and_list_say_how_the_modem_is(run: Run, engine: Engine) -> None:
    modem = run("trunk", "show", "Stick", "--json").done().json["modem"]
    assert (modem["operator"], modem["signal_dbm"]) == ("Movistar", -71)
    assert modem["sent_this_month"] == 0
    assert modem["network"] == "Registered in its own network"
    assert "very good signal" in run("trunk", "show", "Stick").done().out
    assert "Movistar, very good signal" in run("trunk", "list").done().out


def test_the_balance_is_asked_and_said(run: Run, modem: Modem, engine: Engine) -> None:
    said = run("trunk", "balance", "Stick").done().out
    assert said.strip() == modem.stick.behaviour.balance
    found = run("trunk", "balance", "Stick", "--json").done().json
    assert (found["balance"], found["imsi"]) == (12.5, modem.stick.behaviour.imsi)
    assert len(run("trunk", "balance", "Stick", "--list", "--json").done().json) == 2
    assert "12.5" in run("trunk", "balance", "Stick", "--list").done().out


def test_why_there_is_no_balance_is_said(
    run: Run, modem: Modem, engine: Engine
) -> None:
    modem.stick.behaviour = Behaviour(ussd="refused")
    run("trunk", "balance", "Stick").refused("The modem does not take the code")


def test_without_what_it_needs_nothing_is_asked(
    run: Run, script: str, stick: None, db: Database
) -> None:
    run("trunk", "balance", "Stick").refused("the service is not running")
    start_service(db)
    run("trunk", "balance", "Stick").refused("the modem is not connected now")
    run("trunk", "set", "Stick", "balance_code=").done()
    run("trunk", "balance", "Stick").refused("balance_code=*133#")
    run("trunk", "add", "S", "--type", "script", "--set", f"script={script}").done()
    run("trunk", "balance", "S").refused("is no modem")
    run("trunk", "balance", "None").refused("no trunk called None")


def test_a_code_or_an_hour_that_is_none_is_refused(run: Run, stick: None) -> None:
    run("trunk", "set", "Stick", "balance_code=saldo").refused("*133#")
    run("trunk", "set", "Stick", "balance_at=8 am").refused("HH:MM")
    run("trunk", "set", "Stick", "balance_code=", "balance_at=08:00").refused(
        "which code"
    )


def test_a_wrong_pin_is_tried_once_by_the_command_line_too(
    run: Run, modem: Modem, stick: None
) -> None:
    modem.stick.behaviour.sim = "SIM PIN"
    run("trunk", "set", "Stick", "pin=9999").done()
    for _ in range(2):
        run("trunk", "test", "Stick").refused("does not accept the PIN")
    assert modem.stick.pin_tries == 1
    run("trunk", "set", "Stick", "pin=1234").done()
    assert "works" in run("trunk", "test", "Stick").done().out
