"""Receipts and messages that come from an Asterisk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.domain.outcomes import (
    Accepted,
)
from massivesms.trunks.asterisk import hearing
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.asterisk_world import Drive, opened
from tests.trunks.conftest import Driver, submission


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


@pytest.fixture
def driver(asterisk: Asterisk, drive: Drive) -> Driver:
    return opened(asterisk, drive)


def test_receipts_come_by_the_payload_of_this_trunk_only(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.reports_at_once = False
    driver.send(submission(1), submission(2), submission(3))
    driver.until(lambda: len(driver.outcomes) == 3)
    first, second, third = asterisk.sent
    foreign = [("Payload", "massivesms/8/1/34600"), ("Success", "1"), ("Type", "1")]
    asterisk.pbx.event("DongleReport", ("Device", "dongle0"), *foreign)
    asterisk.pbx.report(first, 1, success=True, codes="000,")
    asterisk.pbx.report(second, 1, success=False, codes="000,065,")
    asterisk.pbx.report(third, 2, success=False)  # the driver waits no longer
    asterisk.pbx.report(third, 1, success=False, codes="070,")
    driver.until(lambda: len(driver.receipts) == 3)
    told = [(r.smsc_message_id, r.state, r.error, r.number) for r in driver.receipts]
    assert told == [
        ("ami-1", "delivered", "", "34600111222"),
        ("ami-2", "undelivered", "0x41", "34600111222"),
        ("ami-3", "expired", "0x46", "34600111222"),
    ]
    assert [r.message_id for r in driver.receipts] == [1, 2, 3]


def test_an_error_that_is_told_after_all_becomes_a_receipt(
    asterisk: Asterisk, driver: Driver
) -> None:
    asterisk.behaviour.reports_at_once = False
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    asterisk.pbx.report(asterisk.sent[0], 0, success=False)
    driver.until(lambda: driver.receipts)
    assert driver.receipts[0].state == "rejected"


@pytest.mark.parametrize("text", ["Sí, iré", "dos\nlíneas", "👍", "x" * 500])
def test_a_message_that_comes_is_told_once(
    asterisk: Asterisk, driver: Driver, text: str
) -> None:
    asterisk.deliver("dongle0", "+34600111222", text)
    asterisk.deliver("other", "+34600111222", "not ours")
    asterisk.deliver_base64("dongle0", "VODAFONE", "no base64!")
    driver.until(lambda: len(driver.incoming) == 2)
    first, second = driver.incoming
    assert (first.sender, first.text, first.unreadable) == ("+34600111222", text, False)
    assert (second.sender, second.unreadable) == ("VODAFONE", True)


def test_a_message_told_in_lines_only_is_taken_too(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PLAIN_S", 0.1)
    sender = ("From", "+34600111222")
    lines = [("LineCount", "2"), ("MessageLine0", "uno"), ("MessageLine1", "dos")]
    asterisk.pbx.event("DongleNewSMS", ("Device", "dongle0"), sender, *lines)
    driver.until(lambda: driver.incoming)
    assert driver.incoming[0].text == "uno\ndos"


def test_what_could_not_be_stored_is_told_again(
    asterisk: Asterisk, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "AGAIN_S", 0.1)
    driver.answers_receipts = False
    asterisk.deliver("dongle0", "+34600111222", "Hola")
    driver.until(lambda: driver.incoming)
    driver.session.acknowledge(driver.incoming[0], False)
    driver.until(lambda: len(driver.incoming) == 2)
    assert driver.incoming[0] == driver.incoming[1]


def test_events_of_a_busy_pbx_disturb_nobody(
    asterisk: Asterisk, driver: Driver
) -> None:
    for n in range(500):
        asterisk.pbx.event(
            "Newchannel", ("Channel", f"PJSIP/{n}"), ("Uniqueid", str(n))
        )
    driver.send(submission(1))
    driver.until(lambda: driver.outcomes)
    assert driver.outcomes == {1: Accepted(("ami-1",))}
