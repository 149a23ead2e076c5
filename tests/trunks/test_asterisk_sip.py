"""SIP messages handed over to an Asterisk."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Rejected,
)
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.asterisk_world import Drive, opened
from tests.trunks.conftest import submission


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


def test_a_sip_message_is_handed_over(asterisk: Asterisk, drive: Drive) -> None:
    driver = opened(
        asterisk, drive, driver="sip", devices="",
        sip_to="pjsip:provider/sip:{e164}@sip.example", sip_from="sip:{sender}@pbx",
    )  # fmt: skip
    assert driver.steps[-1][0] == "asterisk_sip_ready"
    text = "¡Hola!\r\nAction: Command"
    driver.send(submission(1, text), submission(2, sender=""))
    driver.until(lambda: len(driver.outcomes) == 2)
    assert driver.outcomes == {1: Accepted(()), 2: Accepted(())}
    first, second = asterisk.pbx.messages
    assert first["To"] == "pjsip:provider/sip:+34600111222@sip.example"
    assert first["From"] == "sip:Empresa@pbx"
    assert base64.b64decode(first["Base64Body"]).decode() == text
    assert "From" not in second


def test_destination_and_recipient_may_differ(asterisk: Asterisk, drive: Drive) -> None:
    driver = opened(asterisk, drive, driver="sip", sip_to="mobile:quectel0 {e164}")
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    (asked,) = asterisk.pbx.messages
    assert (asked["Destination"], asked["To"]) == ("mobile:quectel0", "+34600111222")


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("Message failed to send.",
         Rejected("asterisk_not_sent", "Message failed to send.", Decision.NEXT_ONCE)),
        ("hang_up", InDoubt("asterisk_no_answer")),
    ],
)  # fmt: skip
def test_a_sip_message_that_is_not_handed_over(
    asterisk: Asterisk, drive: Drive, fault: str, expected: object
) -> None:
    driver = opened(asterisk, drive, driver="sip")
    asterisk.behaviour.faults = [fault]
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: expected}
