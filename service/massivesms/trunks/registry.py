"""The one dict of trunk kinds: from a kind's name to what opens its sessions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..domain.modem_ports import FoundPort, Holder
from ..domain.trunk_kinds import complete
from .asterisk.trunk import AsteriskTrunk
from .base import Pace, TrunkSession, TrunkSettings, TrunkUnavailable, Unpaced
from .http.trunk import HttpTrunk
from .modem import ports
from .modem.trunk import ModemTrunk
from .script.trunk import ScriptTrunk
from .smpp.trunk import SmppTrunk

SESSIONS: Mapping[str, Callable[[TrunkSettings, Pace], TrunkSession]] = {
    "smpp": SmppTrunk,
    "script": ScriptTrunk,
    "http": HttpTrunk,
    "modem": ModemTrunk,
    "asterisk": AsteriskTrunk,
}

#: Kinds of which only one session can be open: the service's, when it has one.
HELD_BY_ONE = frozenset({"modem"})


def session_for(settings: TrunkSettings, pace: Pace) -> TrunkSession:
    """A session, not yet open, of a trunk; settings it lacks have their defaults.

    Raises TrunkUnavailable when its stored settings cannot be used.
    """
    values = complete(settings.kind, settings.values)
    try:
        return SESSIONS[settings.kind](replace(settings, values=values), pace)
    except (KeyError, ValueError) as error:
        detail = str(error)
        raise TrunkUnavailable("settings_wrong", detail, needs_person=True) from error


def try_out(settings: TrunkSettings) -> tuple[bool, list[tuple[str, str]]]:
    """Opens, checks and closes a trunk for a person.

    Whether it works, and each step as (result code, detail).
    """
    steps: list[tuple[str, str]] = []

    def note(code: str, detail: str) -> None:
        steps.append((code, detail))

    try:
        session = session_for(settings, Unpaced())
        session.open(note)
    except TrunkUnavailable as error:
        note(error.code, error.detail)
        return False, steps
    try:
        return session.check(note), steps
    except TrunkUnavailable as error:
        note(error.code, error.detail)
        return False, steps
    finally:
        session.close(2.0)


def modem_ports(held: Mapping[str, Holder]) -> list[FoundPort]:
    """The serial ports and the modems there; `held`: port -> the trunk that uses it."""
    return ports.look(held)
