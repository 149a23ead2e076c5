"""After a sleep of the whole process no trunk writes before the lease was asked for."""

from __future__ import annotations

import time

import pytest

from massivesms.trunks import polling
from massivesms.trunks.base import Unpaced
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, submission
from tests.trunks.modem_world import at


def test_a_wait_that_ends_long_after_its_time_is_a_sleep() -> None:
    now_s = time.monotonic()
    assert not polling.stood_still(now_s + 2.5)
    assert not polling.stood_still(now_s - 1)
    assert polling.stood_still(now_s - 2)


class Gate(Unpaced):
    """A pace that grants nothing before it is opened."""

    is_open = False

    def take(self, wanted: int, now_s: float) -> int:
        return wanted if self.is_open else 0

    def wait_s(self, now_s: float) -> float:
        return 0.0 if self.is_open else 0.05


def test_a_modem_gets_no_message_that_waited_in_a_sleep(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gate = Gate()
    with Modem() as modem:
        driver = Driver.paced(at(modem), gate)
        driver.open()
        driver.send(submission(1, "uno"))
        driver.poll()
        monkeypatch.setattr(polling, "STOOD_STILL_S", -60.0)  # each wait is a sleep
        gate.is_open = True
        for _ in range(5):
            driver.poll()
        assert modem.sent == []
        monkeypatch.undo()
        driver.until(lambda: 1 in driver.outcomes)
        assert [one.text for one in modem.sent] == ["uno"]
        driver.close()
