"""Signing in at an Asterisk: what is missing is said."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.trunks.asterisk import session
from massivesms.trunks.base import TrunkUnavailable
from massivesms.trunks.registry import try_out
from tests.fakes.asterisk.pbx import SECRET, Behaviour, Modem
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.asterisk_world import Drive, at, opened


@pytest.fixture
def asterisk() -> Iterator[Asterisk]:
    with Asterisk() as asterisk:
        yield asterisk


def refused_opening(
    asterisk: Asterisk, drive: Drive, **values: str
) -> tuple[str, bool]:
    with pytest.raises(TrunkUnavailable) as caught:
        opened(asterisk, drive, **values)
    return caught.value.code, caught.value.needs_person


@pytest.mark.parametrize(
    ("behaviour", "code", "needs_person"),
    [
        (Behaviour(secret="other"), "asterisk_login", True),
        (Behaviour(in_use=True), "asterisk_in_use", False),
        (Behaviour(banner="220 mail ESMTP"), "asterisk_no_manager", False),
        (Behaviour(write=("call",)), "asterisk_action_missing", False),
        (Behaviour(modules=()), "asterisk_action_missing", False),
        (Behaviour(modems=[Modem("x")]), "asterisk_no_device", False),
        (Behaviour(modems=[Modem("dongle0", "Stopped")]), "asterisk_no_device", False),
    ],
    ids=["secret", "in use", "no Asterisk", "class", "module", "device", "stopped"],
)
def test_what_is_wrong_is_said_when_it_is_opened(
    drive: Drive, behaviour: Behaviour, code: str, needs_person: bool
) -> None:
    with Asterisk(behaviour) as asterisk:
        given = {"secret": SECRET, "devices": "dongle0"}
        assert refused_opening(asterisk, drive, **given) == (code, needs_person)


def test_nobody_at_the_port_is_said(drive: Drive) -> None:
    with Asterisk() as asterisk:
        gone = at(asterisk)
    with pytest.raises(TrunkUnavailable) as caught:
        drive(gone).open()
    assert caught.value.code == "connection_refused"


def test_a_trial_sends_nothing_and_hides_the_secret(asterisk: Asterisk) -> None:
    passed, steps = try_out(at(asterisk))
    assert passed
    assert steps[-1][0] == "asterisk_device_ready"
    assert asterisk.sent == []
    assert SECRET not in str(steps)
    assert SECRET not in repr(at(asterisk))


def test_a_trial_says_which_modem_is_the_trouble() -> None:
    modems = [Modem("a", "GSM not registered"), Modem("b", "Not initialized")]
    with Asterisk(Behaviour(modems=modems)) as asterisk:
        passed, steps = try_out(at(asterisk, devices="a, b, c"))
    assert not passed
    assert [code for code, _ in steps[3:]] == [
        "asterisk_device_no_network",
        "asterisk_device_starting",
        "asterisk_device_unknown",
        "asterisk_no_device",
    ]


def test_asterisk_that_falls_silent_is_noticed(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ALIVE_S", 0.2)
    monkeypatch.setattr(session, "ALIVE_ANSWER_S", 0.2)
    with Asterisk(Behaviour(ignores_ping=True)) as asterisk:
        driver = opened(asterisk, drive)
        with pytest.raises(TrunkUnavailable) as caught:
            driver.until(lambda: False)
        assert caught.value.code == "asterisk_silent"
