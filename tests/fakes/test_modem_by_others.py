"""The simulated modem is proved right by a program that is not ours.

python-gsmmodem-new knows real modems; it sends and receives through ours.
"""

from __future__ import annotations

import queue
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from gsmmodem.modem import GsmModem

from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import MAKES, Behaviour
from tests.fakes.modem.server import Modem

pytestmark = pytest.mark.long

NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
WAIT_S = 10


@pytest.fixture(params=MAKES)
def modem(request: pytest.FixtureRequest) -> Iterator[Modem]:
    with Modem(Behaviour(make=request.param)) as modem:
        yield modem


@pytest.fixture
def came() -> queue.Queue[Any]:
    return queue.Queue()


@pytest.fixture
def other(modem: Modem, came: queue.Queue[Any]) -> Iterator[Any]:
    found = GsmModem(
        modem.path,
        115200,
        smsReceivedCallbackFunc=came.put,
        smsStatusReportCallback=came.put,
    )
    found.connect()
    found.smsTextMode = False
    yield found
    found.close()


def test_it_is_known_for_what_it_is(modem: Modem, other: Any) -> None:
    assert other.imei == modem.stick.behaviour.imei
    assert other.signalStrength == modem.stick.behaviour.signal


@pytest.mark.parametrize("text", ["Hola, mañana", "Привет", "Hola " * 50])
def test_another_program_sends_through_it(modem: Modem, other: Any, text: str) -> None:
    other.sendSms("+34600111222", text)
    assert "".join(one.text for one in modem.sent) == text
    assert {one.number for one in modem.sent} == {"+34600111222"}


def test_another_program_receives_through_it(
    modem: Modem, other: Any, came: queue.Queue[Any]
) -> None:
    whole = pdu.deliver("+34600111222", "Sí, iré", NOON)
    modem.do(lambda stick: stick.deliver(whole))
    found = came.get(timeout=WAIT_S)
    assert (found.number, found.text) == ("+34600111222", "Sí, iré")


def test_another_program_hears_that_a_message_arrived(
    modem: Modem, other: Any, came: queue.Queue[Any]
) -> None:
    modem.stick.behaviour.reports = 0
    sent = other.sendSms("+34600111222", "Hola")
    report = came.get(timeout=WAIT_S)
    assert report.reference == sent.reference
    assert report.deliveryStatus == 0
