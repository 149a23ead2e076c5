"""What a modem says of itself while it works, and the words for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .words import N_

HOME, SEARCHING, DENIED, ROAMING = 1, 2, 3, 5
#: The best first; from 6 on they are those of 4G networks.
REGISTERED = (HOME, ROAMING, 6, 7, 9, 10)
_AT_HOME = N_("Registered in its own network")
_ROAMING = N_("Registered in another network (roaming)")
MOST_BARS = 4

#: <stat> of +CREG (3GPP 27.007 §7.2) -> its words.
REGISTRATION: Mapping[int, str] = {
    0: N_("Not registered, and not looking for a network"),
    HOME: _AT_HOME,
    SEARCHING: N_("Looking for a network"),
    DENIED: N_("The network does not let it in"),
    4: N_("Not known: it may be out of reach"),
    ROAMING: _ROAMING,
    6: _AT_HOME,
    7: _ROAMING,
    8: N_("Registered for emergency calls only"),
    9: _AT_HOME,
    10: _ROAMING,
}
#: bars -> their words.
SIGNAL: Mapping[int, str] = {
    0: N_("no usable signal"),
    1: N_("weak signal"),
    2: N_("fair signal"),
    3: N_("good signal"),
    4: N_("very good signal"),
}
_BARS_FROM_DBM = (-105, -95, -85, -75)


@dataclass(frozen=True, slots=True)
class ModemSeen:
    """A modem as it described itself; what it did not tell is '' or None.

    `registration` is a key of REGISTRATION.
    """

    port: str = ""
    make: str = ""
    imei: str = ""
    imsi: str = ""
    operator: str = ""
    registration: int | None = None
    signal_dbm: int | None = None

    @property
    def is_registered(self) -> bool:
        """Whether a network takes its messages."""
        return self.registration in REGISTERED


def registration_words(registration: int | None) -> str:
    """The words for a stored registration, '' when it is not known."""
    return "" if registration is None else REGISTRATION.get(registration, "")


def bars(signal_dbm: int | None) -> int | None:
    """A signal as 0 to 4 bars; None when the modem does not know it."""
    if signal_dbm is None:
        return None
    return sum(signal_dbm >= least for least in _BARS_FROM_DBM)


def signal_words(signal_dbm: int | None) -> str:
    """The words for a signal, '' when it is not known."""
    found = bars(signal_dbm)
    return "" if found is None else SIGNAL[found]
