"""Which port a modem is at: the one that was told, or wherever its IMEI answers.

A stick that is plugged in again may come back under another name. Ports that other
programs use are passed over; nothing is written to a port that is not a USB one,
besides the one that was told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from serial.tools import list_ports

from ..base import TrunkUnavailable
from .events import ERROR, OK
from .link import Link
from .opening import imei_of
from .port import RETRY_S, Port

PROBES = 3
PROBE_S = 2.0


def listed() -> list[str]:
    """The USB serial ports of this computer, in the order of their names."""
    found = list_ports.comports()
    return sorted(one.device for one in found if one.vid is not None)


def open_link(values: Mapping[str, str]) -> Link:
    """A link to the modem that the settings mean. Raises TrunkUnavailable."""
    told, imei = values["port"], values["imei"]
    try:
        return _open(told, values)
    except TrunkUnavailable as error:
        if not imei:
            raise
        first = error
    for path in listed():
        if path == told:
            continue
        try:
            return _open(path, values)
        except TrunkUnavailable:  # busy, another modem, none at all
            continue
    raise first


def answering() -> Iterator[tuple[str, str]]:
    """(port, IMEI) of every port where a modem answers and nobody uses it."""
    anyone = {"speed": "115200", "hardware_flow": "no", "imei": ""}
    for path in listed():
        try:
            link = _open(path, anyone)
        except TrunkUnavailable:
            continue
        try:
            yield path, imei_of(link.ask)
        finally:
            link.end()


def _open(path: str, values: Mapping[str, str]) -> Link:
    link = Link(Port(path, int(values["speed"]), values["hardware_flow"] == "yes"))
    try:
        _probe(link, path)
        wanted = values["imei"]
        if wanted and (imei := imei_of(link.ask)) != wanted:
            raise TrunkUnavailable("modem_other", f"{path} ({imei})", wait_s=RETRY_S)
    except TrunkUnavailable:
        link.end()
        raise
    return link


def _probe(link: Link, path: str) -> None:
    """Raises TrunkUnavailable when no modem answers at this port."""
    for _ in range(PROBES):
        link.begin_anew()
        if link.ask("AT", PROBE_S).final.kind in (OK, ERROR):
            return
    raise TrunkUnavailable("port_no_modem", path, wait_s=RETRY_S)
