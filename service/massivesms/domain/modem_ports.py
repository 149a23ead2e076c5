"""A serial port of the server, and whether a modem is there, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .words import N_, Problem

FREE, HELD, OTHER_PORT, NOT_USB = "free", "held", "other_port", "not_usb"
LOOK_FAILED = "look_failed"

#: code -> what a person is told; %(detail)s as of a result.
STATES: Mapping[str, str] = {
    FREE: N_("A modem answers, and nobody uses it."),
    OTHER_PORT: N_("The same modem as at %(detail)s: use that port."),
    HELD: N_("The trunk %(detail)s uses it: it is not disturbed."),
    NOT_USB: N_("No USB port: nothing is written to it, there may be anything."),
    "port_missing": N_("It is gone again."),
    "port_rights": N_(
        "The service may not use it. On the server: usermod -aG dialout %(detail)s, and"
        " start the service again."
    ),
    "port_busy": N_("Another program uses it."),
    "port_failed": N_("It cannot be opened: %(detail)s"),
    "port_no_modem": N_("Not a modem, or not the port for commands: nobody answers."),
    LOOK_FAILED: N_("The look at the ports was not finished: the program failed."),
}


class Holder(NamedTuple):
    """The trunk that has a port open, and the IMEI of its modem if that is known."""

    trunk: str
    imei: str = ""


@dataclass(frozen=True, slots=True)
class FoundPort:
    """A port as it was found; `state` is a key of STATES.

    `device` is what the USB device calls itself, `make` what a modem does.
    """

    port: str
    state: str
    detail: str = ""
    device: str = ""
    make: str = ""
    imei: str = ""


def words(state: str, detail: str) -> Problem:
    """The sentence of a state."""
    template = STATES.get(state, STATES["port_failed"])
    return Problem(state, template, detail=detail)


#: What suits most modems: six to ten messages a minute, numbers with country code.
RECOMMENDED: Mapping[str, str] = {"rate_per_s": "0.15", "append_country_code": "yes"}
STORAGE: Mapping[str, str] = {"zte": "me"}  # beginning of the make -> its own storage


def recommended(port: str, imei: str, make: str) -> dict[str, str]:
    """What a form for a modem is filled in with."""
    storage = next(
        (where for who, where in STORAGE.items() if make.lower().startswith(who)), "sm"
    )
    return {
        **RECOMMENDED,
        "name": make[:60] or "GSM",
        "port": port,
        "imei": imei if len(imei) == 15 and imei.isdecimal() else "",
        "storage": storage,
    }
