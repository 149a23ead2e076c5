"""From an open port to a modem that may send: who it is, its SIM card, its network.

Asks one command after another and decides by the answers. The PIN is tried once: a
wrong one is remembered, or the third try would block the SIM card.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ...domain import modem_errors
from ...domain.modem_errors import Treatment
from ..base import Note, TrunkUnavailable
from .events import CME, CMS, GONE, SILENT, Answered

REGISTER_S = 15.0  # until registration is looked at again
DENIED_S = 120.0
SIM_S = 30.0  # a SIM card may take so long to answer
#: Most modems do all of these; none needs to.
WISHES = ("ATE0", "AT+CMEE=1", "AT^CURC=0", "AT+CSMS=0", "AT+CLIP=1", "AT+CMMS=2")
HOME, ROAMING, DENIED = 1, 5, 3
_VALUE = re.compile(r'"([^"]*)"')
_STATE = re.compile(r"\+CE?REG: *\d+, *(\d+)")
_SIGNAL = re.compile(r"\+CSQ: *(\d+)")

#: (IMEI, PIN) that a SIM card refused since this process began.
_refused_pins: set[tuple[str, str]] = set()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask of a modem."""

    pin: str = ""
    centre: str = ""
    init: str = ""
    storage: str = "SM"


@dataclass(frozen=True, slots=True)
class Found:
    """What a modem says of itself; `signal_dbm` None when it does not know."""

    make: str
    imei: str
    imsi: str
    operator: str
    signal_dbm: int | None


class Opening:
    """Asks a modem everything; `ask` does one command and gives its end."""

    def __init__(
        self, ask: Callable[..., Answered], wanted: Wanted, note: Note
    ) -> None:
        self._ask = ask
        self._wanted = wanted
        self._note = note

    def run(self) -> Found:
        """Raises TrunkUnavailable when the modem cannot send, and says why."""
        for command in WISHES:
            self._hear(command)
        imei = imei_of(self._ask)
        make = " ".join(filter(None, (self._first("AT+CGMI"), self._first("AT+CGMM"))))
        self._note("modem_found", f"{make} (IMEI {imei})")
        self._unlock(imei)
        if self._wanted.init:
            self._need(self._wanted.init)
        self._need("AT+CMGF=0")
        operator = self._register()
        signal_dbm = self._signal()
        self._need_centre()
        storage = self._wanted.storage
        self._hear(f'AT+CPMS="{storage}","{storage}","{storage}"')
        self._hear("AT+CNMI=2,1,0,1,0")
        shown = "?" if signal_dbm is None else f"{signal_dbm} dBm"
        self._note("modem_registered", f"{operator}, {shown}")
        return Found(make, imei, self._first("AT+CIMI"), operator, signal_dbm)

    def _hear(self, command: str, timeout_s: float = 10.0) -> Answered:
        answered = self._ask(command, timeout_s)
        if answered.final.kind in (SILENT, GONE):
            raise TrunkUnavailable("modem_no_answer", command, wait_s=REGISTER_S)
        return answered

    def _need(self, command: str) -> Answered:
        answered = self._hear(command)
        if not answered.final.is_ok:
            raise _refusal(answered, command)
        return answered

    def _first(self, command: str) -> str:
        """The first line of an answer, as a name; '' when there is none."""
        return _name(self._hear(command))

    def _unlock(self, imei: str) -> None:
        """Sends the PIN, if the SIM card asks for it: once."""
        answered = self._hear("AT+CPIN?", SIM_S)
        if not answered.final.is_ok:
            raise _refusal(answered, "AT+CPIN?")
        state = " ".join(answered.lines).partition("+CPIN:")[2].strip()
        if state == "READY":
            return
        if state != "SIM PIN":
            raise TrunkUnavailable("modem_puk", state, needs_person=True)
        pin = self._wanted.pin
        if not pin:
            raise TrunkUnavailable("modem_pin_missing", needs_person=True)
        if (imei, pin) in _refused_pins:
            raise TrunkUnavailable("modem_pin_wrong", needs_person=True)
        # Before the answer: without one nobody knows whether it counted as a try.
        _refused_pins.add((imei, pin))
        answered = self._ask(f'AT+CPIN="{pin}"', SIM_S, secret=True)
        if answered.final.is_ok:
            _refused_pins.discard((imei, pin))
        elif answered.final.kind in (SILENT, GONE):
            raise TrunkUnavailable("modem_pin_no_answer", needs_person=True)
        else:
            raise TrunkUnavailable("modem_pin_wrong", needs_person=True)

    def _register(self) -> str:
        """The operator's name; both kinds of network count."""
        states = set()
        for command in ("AT+CREG?", "AT+CEREG?"):
            found = _STATE.search(" ".join(self._hear(command).lines))
            states.add(int(found[1]) if found else 0)
        if not states & {HOME, ROAMING}:
            if DENIED in states:
                raise TrunkUnavailable("modem_denied", wait_s=DENIED_S)
            raise TrunkUnavailable("modem_no_network", wait_s=REGISTER_S)
        name = _VALUE.search(" ".join(self._hear("AT+COPS?", SIM_S).lines))
        return name[1][:40] if name else "?"

    def _signal(self) -> int | None:
        return signal_dbm(self._hear("AT+CSQ").lines)

    def _need_centre(self) -> None:
        if self._wanted.centre:
            return
        found = _VALUE.search(" ".join(self._hear("AT+CSCA?").lines))
        if not found or not found[1]:
            raise TrunkUnavailable("modem_no_centre", needs_person=True)


def imei_of(ask: Callable[..., Answered]) -> str:
    """The modem's own number; '' when it does not tell it."""
    return _name(ask("AT+CGSN", 10.0))


def _name(answered: Answered) -> str:
    line = answered.lines[0] if answered.final.is_ok and answered.lines else ""
    line = line.partition(":")[2] if line.startswith("+") else line
    return "".join(c for c in line.strip(' "') if c.isprintable())[:40]


def signal_dbm(lines: tuple[str, ...]) -> int | None:
    """The signal in an answer to AT+CSQ (27.007 §8.5); 99 is "not known"."""
    found = _SIGNAL.search(" ".join(lines))
    if not found or int(found[1]) > 31:
        return None
    return -113 + 2 * int(found[1])


def _refusal(answered: Answered, command: str) -> TrunkUnavailable:
    kind, number, words = answered.final
    if kind not in (CMS, CME):
        return TrunkUnavailable(
            "modem_refused", f"{command}: {words}", wait_s=REGISTER_S
        )
    treatment = modem_errors.error_of(kind, number).treatment
    return TrunkUnavailable(
        modem_errors.result_code(kind, number),
        modem_errors.detail(kind, number),
        needs_person=treatment is Treatment.STOP,
        wait_s=REGISTER_S,
    )
