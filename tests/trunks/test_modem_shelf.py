"""What came and could not be stored with us: it comes again, or is kept by us."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from massivesms.trunks.modem import shelf
from massivesms.trunks.modem import trunk as modem_trunk
from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem
from tests.fakes.modem.stick import Stick
from tests.trunks.conftest import Driver, submission
from tests.trunks.modem_world import Drive, at

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
WHOLE = pdu.deliver("+34600111222", "Sí, iré", NOON)


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem(Behaviour(reports=0)) as modem:
        yield modem


@pytest.fixture
def driver(modem: Modem, drive: Drive, monkeypatch: pytest.MonkeyPatch) -> Driver:
    monkeypatch.setattr(modem_trunk, "LOOK_S", 0.05)
    driver = drive(at(modem))
    driver.open()
    driver.answers_receipts = False
    return driver


def test_what_the_modem_does_not_keep_is_kept_by_us(
    modem: Modem, driver: Driver
) -> None:
    driver.send(submission(1))
    driver.until(lambda: driver.receipts)
    assert driver.receipts[0].reference == 0, "nobody else has it"
    modem.do(lambda stick: stick._say(f"+CMT: ,{pdu.tpdu_octets(WHOLE)}\r\n{WHOLE}"))
    driver.until(lambda: driver.incoming)
    assert driver.incoming[0].reference == 0


def test_what_could_not_be_stored_is_told_again(modem: Modem, driver: Driver) -> None:
    modem.do(lambda stick: stick.deliver(WHOLE))
    for n in range(3):
        driver.until(lambda: len(driver.incoming) == n + 1)  # noqa: B023
        assert modem.stick.storage
        driver.session.acknowledge(driver.incoming[n], n == 2)
    driver.until(lambda: not modem.stick.storage)
    assert len(driver.incoming) == 3


def test_what_waits_to_be_stored_is_not_told_twice(
    modem: Modem, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "LIST_AGAIN_S", 0)
    modem.do(lambda stick: stick.deliver(WHOLE))
    driver.until(lambda: driver.incoming)
    listed = modem.stick.commands.count(shelf.LIST)
    driver.until(lambda: modem.stick.commands.count(shelf.LIST) > listed + 2)
    assert len(driver.incoming) == 1


def put(modem: Modem, said: str = "") -> None:
    """A message lies there, of which nobody was told the right place."""

    def work(stick: Stick) -> None:
        stick.storage[9] = (0, WHOLE)
        if said:
            stick._say(said)

    modem.do(work)


def look(modem: Modem, driver: Driver) -> None:
    """Waits until the modem was asked everything once more."""
    looks = modem.stick.commands.count("AT+COPS?")
    driver.until(lambda: modem.stick.commands.count("AT+COPS?") > looks + 1)


def test_what_could_not_be_read_is_looked_for(modem: Modem, driver: Driver) -> None:
    look(modem, driver)
    put(modem, '+CMTI: "SM",8')
    driver.until(lambda: driver.incoming)


def test_what_was_announced_in_noise_is_found_by_a_look(
    modem: Modem, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    look(modem, driver)
    put(modem)
    look(modem, driver)
    assert modem.stick.commands.count(shelf.LIST) == 1
    monkeypatch.setattr(shelf, "LIST_AGAIN_S", 0.1)
    driver.until(lambda: driver.incoming)
