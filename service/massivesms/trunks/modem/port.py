"""The serial port of a modem, by pyserial: opened for us alone, read, written.

Whatever pyserial raises ends here: as TrunkUnavailable when the port cannot be
opened, as PortGone when it goes away under us.
"""

from __future__ import annotations

import errno
import fcntl
import termios
from collections.abc import Mapping
from contextlib import suppress

import serial

from ..base import TrunkUnavailable

MOST_OCTETS = 4096  # read at once
WRITE_S = 5.0  # a modem that takes nothing for so long is gone
RETRY_S = 10.0
_CODES: Mapping[int, str] = {
    errno.ENOENT: "port_missing",
    errno.ENODEV: "port_missing",
    errno.ENXIO: "port_missing",
    errno.EIO: "port_missing",
    errno.EACCES: "port_rights",
    errno.EPERM: "port_rights",
    errno.EBUSY: "port_busy",
    errno.EAGAIN: "port_busy",
    errno.ENOTTY: "port_no_modem",
}
#: What using an open port raises when it is unplugged; termios has its own.
_GONE = (OSError, TypeError, termios.error)


class PortGone(Exception):
    """The port does not work any more: unplugged, most often."""


def _number(error: Exception) -> int:
    """The errno of a refusal; pyserial puts words around some of termios."""
    context = error.__context__
    found = (*error.args, *(context.args if context else ()))
    for one in (getattr(error, "errno", None), *found):
        if isinstance(one, int):
            return one
    return 0


class Port:
    """One open port. Raises TrunkUnavailable when it cannot be opened."""

    def __init__(self, path: str, speed: int, hardware_flow: bool) -> None:
        try:
            self._serial = serial.Serial(
                path,
                speed,
                timeout=0,
                write_timeout=WRITE_S,
                rtscts=hardware_flow,
                exclusive=True,
            )
        except (OSError, ValueError, termios.error) as error:
            number = _number(error)
            code = _CODES.get(number, "port_failed")
            detail = path if number in _CODES else f"{path}: {error}"
            raise TrunkUnavailable(code, detail, wait_s=RETRY_S) from error
        self._lock(termios.TIOCEXCL)  # for programs that do not ask for the lock

    def _lock(self, how: int) -> None:
        with suppress(*_GONE, serial.PortNotOpenError):
            fcntl.ioctl(self._serial.fileno(), how)

    def fileno(self) -> int:
        """For poll()."""
        return int(self._serial.fileno())

    def read(self) -> bytes:
        """What is there, perhaps nothing. Raises PortGone."""
        try:
            return bytes(self._serial.read(MOST_OCTETS))
        except _GONE as error:
            raise PortGone(str(error)) from error

    def write(self, data: bytes) -> None:
        """Writes all of it. Raises PortGone."""
        try:
            self._serial.write(data)
        except _GONE as error:
            raise PortGone(str(error)) from error

    def close(self) -> None:
        """Gives the port back; never fails."""
        self._lock(termios.TIOCNXCL)
        try:
            self._serial.close()
        except _GONE:  # it is gone already
            return
