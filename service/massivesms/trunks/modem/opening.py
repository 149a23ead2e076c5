"""From an open port to a modem that may send: who it is, its SIM card, its network.

Asks one command after another and decides by the answers. The PIN is tried once: a
wrong one is kept for good, or the third try would block the SIM card (see pins).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from ...domain import modem_errors
from ...domain.modem_errors import Treatment
from ...domain.modem_live import DENIED, ModemSeen
from ..base import Note, TrunkUnavailable
from ..pins import PinBook, PinState
from . import watch
from .events import CME, CMS, GONE, SILENT, Answered

REGISTER_S = 15.0  # until registration is looked at again
DENIED_S = 120.0
SIM_S = 30.0  # a SIM card may take so long to answer
BUSY_S = 1.0  # until a SIM card that is busy is asked for its number again
BUSY_ROUNDS = 5
#: Most modems do all of these; none needs to.
WISHES = (
    *("ATE0", "AT+CMEE=1", "AT^CURC=0", "AT+CSMS=0", "AT+CLIP=1", "AT+CMMS=2"),
    "AT+COPS=3,0",  # the operator's name and not its number
)
#: Each maker has its own; most SIM cards tell it before their PIN.
CARD_NUMBERS = ("AT+CCID", "AT^ICCID?", "AT+ICCID", "AT+ZGETICCID")
BUSY = ((CME, 14), (CMS, 314))
#: Surely no try of the PIN: not allowed now, the card failed, the card is busy.
NO_TRY = ((CME, 3), (CME, 13), *BUSY)
HELD = {
    PinState.REFUSED: "modem_pin_wrong",
    PinState.SPENT: "modem_pin_spent",
    PinState.TRIED: "modem_pin_no_answer",
}
_VALUE = re.compile(r'"([^"]*)"')
_ICCID = re.compile(r"\d{18,20}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the settings ask of a modem."""

    pin: str = ""
    centre: str = ""
    init: str = ""
    storage: str = "SM"


class Opening:
    """Asks a modem everything; `ask` does one command and gives its end.

    What the modem said of itself so far is in `seen`.
    """

    def __init__(
        self,
        ask: Callable[..., Answered],
        wanted: Wanted,
        note: Note,
        pins: PinBook,
        port: str,
    ) -> None:
        self._ask = ask
        self._wanted = wanted
        self._note = note
        self._pins = pins
        self.seen = ModemSeen(port)

    def run(self) -> None:
        """Raises TrunkUnavailable when the modem cannot send, and says why."""
        for command in WISHES:
            self._hear(command)
        imei, make = imei_of(self._ask), make_of(self._ask)
        self._see(imei=imei, make=make)
        self._note("modem_found", f"{make} (IMEI {imei})")
        self._unlock(imei)
        self._see(imsi=self._subscriber())
        if self._wanted.init:
            self._need(self._wanted.init)
        self._need("AT+CMGF=0")
        self._see(signal_dbm=watch.signal_dbm(self._hear(watch.SIGNAL).lines))
        self._register()
        self._need_centre()
        if not self.seen.imsi:  # a SIM card may be busy after its PIN
            self._see(imsi=self._subscriber())
        storage = self._wanted.storage
        self._hear(f'AT+CPMS="{storage}","{storage}","{storage}"')
        self._hear("AT+CNMI=2,1,0,1,0")
        dbm = self.seen.signal_dbm
        shown = "?" if dbm is None else f"{dbm} dBm"
        self._note("modem_registered", f"{self.seen.operator or '?'}, {shown}")

    def _see(self, **facts: Any) -> None:
        self.seen = replace(self.seen, **facts)

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

    def _subscriber(self) -> str:
        """The SIM card's IMSI; '' when it does not tell one."""
        said = self._first("AT+CIMI")
        return said if said.isascii() and said.isdecimal() else ""

    def _unlock(self, imei: str) -> None:
        """Sends the PIN, if the SIM card asks for it: once."""
        answered = self._hear("AT+CPIN?", SIM_S)
        if not answered.final.is_ok:
            raise _refusal(answered, "AT+CPIN?")
        # The last one: a modem may say it unasked in between.
        state = " ".join(answered.lines).rpartition("+CPIN:")[2].strip()
        if state == "READY":
            return
        if state != "SIM PIN":
            raise TrunkUnavailable("modem_puk", state, needs_person=True)
        pin = self._wanted.pin
        if not pin:
            raise TrunkUnavailable("modem_pin_missing", needs_person=True)
        keys = self._keys(imei)
        for key in keys:  # before the answer: without one it may count as a try
            self._pins.begin(key, pin)
        answered = self._ask(f'AT+CPIN="{pin}"', SIM_S, secret=True)
        kind, number, _ = answered.final
        if kind in (SILENT, GONE):
            raise TrunkUnavailable("modem_pin_no_answer", needs_person=True)
        settle = self._pins.refuse
        if answered.final.is_ok:
            settle = self._pins.accept
        elif answered.final[:2] in NO_TRY:
            settle = self._pins.retract
        for key in keys:
            settle(key, pin)
        if answered.final[:2] in NO_TRY:
            code = modem_errors.result_code(kind, number)
            reason = modem_errors.detail(kind, number)
            raise TrunkUnavailable(code, reason, wait_s=REGISTER_S)
        if not answered.final.is_ok:
            raise TrunkUnavailable("modem_pin_wrong", needs_person=True)

    def _keys(self, imei: str) -> tuple[str, ...]:
        """By what the PIN is to be booked; raises when it must not be tried.

        A card may tell its number at one opening and not at another: its PIN is known
        by the modem's number too, apart where it is the card's as well.
        """
        card, untold, told = self._card(), imei, f"{imei} with ICCID"
        kept = (card, told) if card else (untold,)
        asked = (card, untold) if card else (untold, told)
        pin = self._wanted.pin
        states = {key: self._pins.state(key, pin) for key in asked}
        for state, code in HELD.items():
            if state in states.values():
                raise TrunkUnavailable(code, needs_person=True)
        again = {key for key, state in states.items() if state is PinState.AGAIN}
        return tuple({*kept, *again})

    def _card(self) -> str:
        """The SIM card's own number (ICCID), which it tells without a PIN; or ''."""
        for turn in range(BUSY_ROUNDS):
            if turn:
                time.sleep(BUSY_S)
            is_busy = False
            for command in CARD_NUMBERS:
                answered = self._hear(command)
                found = _ICCID.search(" ".join(answered.lines))
                if found:
                    return found[0]
                is_busy |= answered.final[:2] in BUSY
            if not is_busy:
                break
        return ""

    def _register(self) -> None:
        """Both kinds of network count."""
        states = [
            watch.registration(self._hear(command).lines)
            for command in (watch.NETWORK, watch.PACKETS)
        ]
        self._see(registration=watch.better(*states))
        if not self.seen.is_registered:
            if DENIED in states:
                raise TrunkUnavailable("modem_denied", wait_s=DENIED_S)
            raise TrunkUnavailable("modem_no_network", wait_s=REGISTER_S)
        self._see(operator=watch.operator(self._hear(watch.OPERATOR, SIM_S).lines))

    def _need_centre(self) -> None:
        if self._wanted.centre:
            return
        found = _VALUE.search(" ".join(self._hear("AT+CSCA?").lines))
        if not found or not found[1]:
            raise TrunkUnavailable("modem_no_centre", needs_person=True)


def imei_of(ask: Callable[..., Answered]) -> str:
    """The modem's own number; '' when it does not tell it."""
    return _name(ask("AT+CGSN", 10.0))


def make_of(ask: Callable[..., Answered]) -> str:
    """Its maker and model, as it calls them itself."""
    said = (_name(ask("AT+CGMI", 10.0)), _name(ask("AT+CGMM", 10.0)))
    return " ".join(filter(None, said))


def _name(answered: Answered) -> str:
    line = answered.lines[0] if answered.final.is_ok and answered.lines else ""
    line = line.partition(":")[2] if line.startswith("+") else line
    return "".join(c for c in line.strip(' "') if c.isprintable())[:40]


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
