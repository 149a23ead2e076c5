"""A serial port whose driver refuses what it is set to."""

from __future__ import annotations

import errno
import os
import termios

import pytest

from massivesms.domain.modem_ports import FoundPort
from massivesms.trunks.base import TrunkUnavailable
from massivesms.trunks.modem import ports
from massivesms.trunks.modem.port import Port
from tests.fakes.modem.server import Modem


def refuse(monkeypatch: pytest.MonkeyPatch, call: str, number: int) -> None:
    def refused(*_arguments: object) -> None:
        raise termios.error(number, os.strerror(number))

    monkeypatch.setattr(termios, call, refused)


@pytest.mark.parametrize("call", ["tcgetattr", "tcsetattr", "tcflush"])
@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.EIO, "port_missing"), (errno.EINVAL, "port_failed")],
)
def test_a_refused_setting_is_told_in_words(
    monkeypatch: pytest.MonkeyPatch, call: str, number: int, code: str
) -> None:
    with Modem() as modem:
        refuse(monkeypatch, call, number)
        with pytest.raises(TrunkUnavailable) as raised:
            Port(modem.path, 115200, False)
    assert raised.value.code == code
    assert modem.path in raised.value.detail


def test_one_such_port_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Modem() as modem:
        listed = [(modem.path, "Stick", True), ("/dev/ttyS0", "", False)]
        monkeypatch.setattr(ports, "described", lambda: listed)
        refuse(monkeypatch, "tcsetattr", errno.EIO)
        found = ports.look({})
    assert found == [
        FoundPort(modem.path, "port_missing", modem.path, "Stick"),
        FoundPort("/dev/ttyS0", "not_usb"),
    ]
