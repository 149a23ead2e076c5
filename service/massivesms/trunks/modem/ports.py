"""Which port a modem is at: the one that was told, or wherever its IMEI answers.

A stick that is plugged in again may come back under another name. Ports that other
programs use are passed over; nothing is written to a port that is not a USB one,
besides the one that was told.
"""

from __future__ import annotations

import os
import pwd
from collections.abc import Mapping

from serial.tools import list_ports

from ...domain.modem_ports import FREE, HELD, NOT_USB, OTHER_PORT, FoundPort, Holder
from ..base import TrunkUnavailable
from .events import ERROR, OK
from .link import Link
from .opening import imei_of, make_of
from .port import RETRY_S, Port

PROBES = 3
ANYONE = {"speed": "115200", "hardware_flow": "no", "imei": ""}
PROBE_S = 2.0


def listed() -> list[str]:
    """The USB serial ports of this computer, in the order of their names."""
    found = list_ports.comports()
    return sorted(one.device for one in found if one.vid is not None)


def described() -> list[tuple[str, str, bool]]:
    """(port, device, whether it is a USB one) of every serial port, by name."""
    found = list_ports.comports()
    return sorted(
        (one.device, " ".join(filter(None, (one.manufacturer, one.product))),
         one.vid is not None)
        for one in found
    )  # fmt: skip


def look(held: Mapping[str, Holder]) -> list[FoundPort]:
    """Every port and what is there; those that a trunk holds stay untouched.

    Of a modem with several ports the first one that answers is the one to use, unless
    a trunk uses another one of them.
    """
    holders = {os.path.realpath(port): holder for port, holder in held.items()}
    driven = {holder.imei: holder.trunk for holder in held.values() if holder.imei}
    found: list[FoundPort] = []
    first: dict[str, str] = {}  # IMEI -> port
    for port, device, is_usb in described():
        if holder := holders.get(os.path.realpath(port)):
            found.append(FoundPort(port, HELD, holder.trunk, device))
        elif not is_usb:
            found.append(FoundPort(port, NOT_USB, "", device))
        else:
            found.append(_probed(port, device, first, driven))
    return found


def _probed(
    port: str, device: str, first: dict[str, str], driven: Mapping[str, str]
) -> FoundPort:
    try:
        link = _open(port, ANYONE)
    except TrunkUnavailable as error:
        detail = _own_user() if error.code == "port_rights" else error.detail
        return FoundPort(port, error.code, detail, device)
    try:
        make, imei = make_of(link.ask), imei_of(link.ask)
    finally:
        link.end()
    other = first.setdefault(imei, port) if imei else port
    state, detail = (FREE, "") if other == port else (OTHER_PORT, other)
    if imei in driven:
        state, detail = HELD, driven[imei]
    return FoundPort(port, state, detail, device, make, imei)


def _own_user() -> str:
    """Who lacks the rights: whatever the environment says of it, it is this one."""
    number = os.geteuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:  # in a container
        return f"{number}"


def open_link(values: Mapping[str, str]) -> tuple[Link, str]:
    """A link to the modem that the settings mean, and its port.

    Raises TrunkUnavailable.
    """
    told, imei = values["port"], values["imei"]
    try:
        return _open(told, values), told
    except TrunkUnavailable as error:
        if not imei:
            raise
        first = error
    for path in listed():
        if path == told:
            continue
        try:
            return _open(path, values), path
        except TrunkUnavailable:  # busy, another modem, none at all
            continue
    raise first


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
