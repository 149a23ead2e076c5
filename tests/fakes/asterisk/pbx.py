"""What a fake Asterisk is and does: users, modems, SIP; without a socket.

Follows Asterisk's documents: manager.conf.sample (classes, permissions), the pages of
the actions Challenge, Login, Ping, CoreSettings, ListCommands, MessageSend and Logoff,
and manager.c of chan_dongle and chan_quectel (actions, events, words of errors).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

VERSION = "20.9.3"
BANNER = "Asterisk Call Manager/9.0.0"
SECRET = "Vía-lactea 77"
USER = "massivesms"

#: Action -> classes of which the user must have one to write; none: everybody.
ACTIONS: dict[str, tuple[str, ...]] = {
    "Ping": (),
    "ListCommands": (),
    "Logoff": (),
    "Challenge": (),
    "Login": (),
    "CoreSettings": ("system", "reporting"),
    "DongleSendSMS": ("call",),
    "DongleShowDevices": ("system", "reporting"),
    "QuectelSendSMS": ("call",),
    "QuectelShowDevices": ("system", "reporting"),
    "MessageSend": ("message",),
}
Headers = list[tuple[str, str]]


@dataclass
class Modem:
    """One device of a driver."""

    name: str
    state: str = "Free"
    operator: str = "Movistar"
    signal: str = "21, -71 dBm"
    tasks: int = 0


@dataclass
class Sms:
    """What a driver was given."""

    device: str
    number: str
    text: str
    validity: str
    report: str
    payload: str
    order: int


@dataclass
class Behaviour:
    """How this Asterisk differs from a good one.

    `is_old`: a driver before 2020, with ID and ...SMSStatus and without a Payload.
    `holds`: modems leave what they have in the queue. `faults`, one for each SMS:
    "error" (the modem's), "silent" (no answer at all), "hang_up" (before an answer),
    "hang_up_after", "lost" (the modem goes away with it), or an error's text.
    """

    driver: str = "Dongle"
    secret: str = SECRET
    user: str = USER
    write: Sequence[str] = ("call", "reporting", "message")
    read: Sequence[str] = ("call",)
    banner: str = BANNER
    modules: Sequence[str] = ("Dongle", "Quectel")
    in_use: bool = False
    is_old: bool = False
    is_silent: bool = False
    ignores_ping: bool = False
    holds: bool = False
    reports_at_once: bool = True
    is_busy: bool = True  # people call meanwhile
    faults: list[str] = field(default_factory=list)
    modems: list[Modem] = field(default_factory=lambda: [Modem("dongle0")])


class HangUp(Exception):
    """The connection ends here."""


class Pbx:
    """The state; the same for all that are signed in."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.sent: list[Sms] = []
        self.messages: list[dict[str, str]] = []  # of MessageSend
        self.seen: list[str] = []  # all actions, in order
        self.broadcast: Callable[[Headers], None] = lambda headers: None

    def modem(self, name: str) -> Modem | None:
        return next((m for m in self.behaviour.modems if m.name == name), None)

    def may(self, action: str) -> bool:
        classes = ACTIONS[action]
        return not classes or bool(set(classes) & set(self.behaviour.write))

    def commands(self) -> list[str]:
        """What ListCommands tells: what is loaded and allowed."""
        others = [m for m in ("Dongle", "Quectel") if m not in self.behaviour.modules]
        return [
            name
            for name in ACTIONS
            if self.may(name) and not name.startswith(tuple(others) or ("\0",))
        ]

    def sms(self, asked: dict[str, str], respond: Callable[..., None]) -> None:
        """...SendSMS: queues it, and perhaps sends it at once."""
        behaviour = self.behaviour
        for name in ("Device", "Number", "Message"):
            if not asked.get(name):
                respond("Error", f"{name} not specified")
                return
        fault = behaviour.faults.pop(0) if behaviour.faults else ""
        if fault == "hang_up":
            raise HangUp
        if fault == "silent":
            return
        device = asked["Device"]
        modem = self.modem(device)
        if fault and fault not in ("error", "hang_up_after", "lost"):
            respond("Error", f"[{device}] {fault}")
            return
        if modem is None:
            respond("Error", f"[{device}] Device not found")
            return
        if modem.state != "Free":
            said = "Device not connected / initialized / registered"
            respond("Error", f"[{device}] {said}")
            return
        one = self._queue(asked, modem)
        if behaviour.is_busy:
            self.event("Newchannel", ("Channel", "PJSIP/100-00000001"))
        old_id = f"0x7f{one.order:010x}"
        extra = [("ID", old_id)] if behaviour.is_old else []
        respond("Success", f"[{device}] SMS queued for send", extra)
        if fault == "hang_up_after":
            raise HangUp
        if fault == "lost":
            modem.tasks, modem.state = 0, "Not connected"
        elif fault == "error":
            self.finish(one, success=False)
        elif not behaviour.holds:
            self.finish(one, success=True)

    def _queue(self, asked: dict[str, str], modem: Modem) -> Sms:
        text = asked["Message"]
        if not self.behaviour.is_old:
            marks = {"\\n": "\n", "\\\\": "\\"}
            out, i = "", 0
            while i < len(text):
                pair = text[i : i + 2]
                out += marks.get(pair, text[i])
                i += 2 if pair in marks else 1
            text = out
        order = len(self.sent) + 1
        one = Sms(
            modem.name,
            asked["Number"],
            text,
            asked.get("Validity", ""),
            asked.get("Report", ""),
            asked.get("Payload", ""),
            order,
        )
        self.sent.append(one)
        modem.tasks += 1
        return one

    def finish(self, one: Sms, *, success: bool) -> None:
        """The modem has done with an SMS: events as the drivers write them."""
        modem = self.modem(one.device)
        assert modem is not None
        if self.behaviour.is_old:
            event = f"{self.behaviour.driver}SMSStatus"
            status = "Sent" if success else "NotSent"
            old_id = f"0x7f{one.order:010x}"
            self.event(
                event, ("Device", one.device), ("ID", old_id), ("Status", status)
            )
        elif not success:
            self.report(one, 0, success=False)
        elif one.report != "yes":
            self.report(one, 0, success=True)
        elif self.behaviour.reports_at_once:
            self.report(one, 1, success=True, codes="000,")
        modem.tasks -= 1

    def report(self, one: Sms, kind: int, *, success: bool, codes: str = "") -> None:
        """An event ...Report; 0: of the modem, 1: of the network, 2: given up."""
        stamp = "2026-09-10 09:30:05 +03:00" if kind == 1 else ""
        self.event(
            f"{self.behaviour.driver}Report",
            ("Device", one.device),
            ("Payload", one.payload),
            ("SCTS", stamp),
            ("DT", stamp),
            ("Success", str(int(success))),
            ("Type", str(kind)),
            ("Report", codes),
        )

    def event(self, name: str, *headers: tuple[str, str]) -> None:
        """Tells everybody who is signed in."""
        self.broadcast([("Event", name), ("Privilege", "call,all"), *headers])
