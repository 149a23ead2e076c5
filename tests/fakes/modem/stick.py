"""The modem itself: octets in, octets out, with the real states of AT+CMGS.

Knows no port. What it sent is in `sent`; what came for it lies in its storage.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import cycle

from tests.fakes.modem import pdu, ussd
from tests.fakes.modem.behaviour import MAKES, NOISE, Behaviour
from tests.fakes.modem.pdu import Submitted

MOMENT = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)
CTRL_Z, ESCAPE, CR = 0x1A, 0x1B, 0x0D


class Unplugged(Exception):
    """The stick is pulled out."""


class Stick:
    """One modem with its SIM card."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.sent: list[Submitted] = []
        self.commands: list[str] = []
        self.storage: dict[int, tuple[int, str]] = {}  # index -> (state, PDU)
        self.pin_tries = 0
        self._line = bytearray()
        self._text: bytearray | None = None  # while AT+CMGS waits for Ctrl-Z
        self._wanted_octets = 0
        self._fault = ""
        self._reference = 0
        self._echo = behaviour.echo
        self._pdu_mode = False
        self._charset = "IRA"
        self._routing = [int(value) for value in behaviour.routing.split(",")]
        self._registration_shown = 0
        self._noise = cycle(NOISE[behaviour.make])
        self._out = bytearray()

    def feed(self, data: bytes) -> bytes:
        """What it writes upon some octets; raises Unplugged."""
        if self.behaviour.is_frozen:
            return b""
        for octet in data:
            if self._text is not None:
                self._take_text(octet)
            else:
                self._take_command(octet)
        return self.take_out()

    def take_out(self) -> bytes:
        """What it has to say."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def deliver(self, whole: str) -> None:
        """A message comes: it is stored and announced, or given out, by AT+CNMI."""
        routed = self._routing[1]
        free = set(range(self.behaviour.storage_size)) - self.storage.keys()
        if routed == 2:
            self._say(f"+CMT: ,{pdu.tpdu_octets(whole)}\r\n{whole}")
        elif free:
            self.storage[min(free)] = (0, whole)
            if routed == 1:
                self._say(f'+CMTI: "SM",{min(free)}')

    def ring(self, number: str | None) -> None:
        """It rings once; None: the network does not tell who calls."""
        self._say("RING")
        if number is not None:
            kind = 145 if number.startswith("+") else 129
            self._say(f'+CLIP: "{number}",{kind},,,,0')

    def hang_up(self) -> None:
        """The caller gives up."""
        self._say("NO CARRIER")

    def _say(self, *lines: str) -> None:
        for line in lines:
            self._out += f"\r\n{line}\r\n".encode("latin-1")

    def _disturb(self) -> None:
        if self.behaviour.noise:
            self._say(next(self._noise))

    def _take_command(self, octet: int) -> None:
        if octet in (ESCAPE, CTRL_Z):
            self._line.clear()
            return
        if self._echo:
            self._out.append(octet)
        if octet != CR:
            self._line.append(octet)
            return
        line = self._line.decode("latin-1").strip()
        self._line.clear()
        if line.upper().startswith("AT"):
            self.commands.append(line)
            self._disturb()
            self._answer(line[2:])

    def _answer(self, command: str) -> None:
        if command.startswith("+CMGS="):
            self._begin_text(command[6:])
            return
        shown: list[str] = []
        for one in command.split(";"):  # 27.007 §4.1: several in one line
            *lines, final = self._one(one)
            shown += lines
            if final != "OK":
                break
        self._say(*shown, final)

    def _one(self, command: str) -> tuple[str, ...]:
        """What a command shows, and its final result."""
        for start, answer in self._answers().items():
            if command.upper().startswith(start):
                return answer(command[len(start) :])
        return ("OK",) if command.upper() in _DONE else ("ERROR",)

    def _answers(self) -> dict[str, Callable[[str], tuple[str, ...]]]:
        own = self.behaviour
        make, model = MAKES[own.make]
        return {
            "+CPIN?": lambda _: _or_error(own.sim, f"+CPIN: {own.sim}"),
            "+CPIN=": self._take_pin,
            "+CREG?": lambda _: (
                f"+CREG: {self._registration_shown},{own.registration}",
                "OK",
            ),
            "+CREG=": self._show_registration,
            "+CEREG?": lambda _: (f"+CEREG: 0,{own.registration}", "OK"),
            "+CSQ": lambda _: (f"+CSQ: {own.signal},99", "OK"),
            "+CSCA?": lambda _: (f'+CSCA: "{own.centre}",145', "OK"),
            "+COPS?": lambda _: (f'+COPS: 0,0,"{own.operator}",2', "OK"),
            "+CGSN": lambda _: (own.imei, "OK"),
            "+CIMI": lambda _: _or_error(own.sim == "READY", own.imsi),
            "+CGMI": lambda _: (make, "OK"),
            "+CGMM": lambda _: (model, "OK"),
            "+CCID": self._tell_card,
            "+CUSD=1,": self._dial,
            "+CGMR": lambda _: ("11.126.85.00.209", "OK"),
            "^PORTSEL=": lambda _: ("OK" if own.make == "huawei" else "ERROR",),
            "+CPMS=?": lambda _: ('+CPMS: ("SM","SR"),("SM"),("SM")', "OK"),
            "+CPMS?": lambda _: (f"+CPMS: {self._storages(names=True)}", "OK"),
            "+CPMS=": lambda _: (f"+CPMS: {self._storages(names=False)}", "OK"),
            "+CSCS=?": lambda _: ('+CSCS: ("IRA","GSM","UCS2")', "OK"),
            "+CSCS?": lambda _: (f'+CSCS: "{self._charset}"', "OK"),
            "+CSCS=": self._set_charset,
            "+CFUN?": lambda _: ("+CFUN: 1", "OK"),
            "+ZCDRUN=": lambda _: (
                ("Close autorun state result(0:FAIL 1:SUCCESS):1", "OK")
                if own.make == "zte"
                else ("ERROR",)
            ),
            "+ZOPRT=": lambda _: ("OK" if own.make == "zte" else "ERROR",),
            "+CNMI=?": lambda _: (
                "+CNMI: (0,1,2),(0,1,2,3),(0,2),(0,1,2),(0,1)",
                "OK",
            ),
            "+CNMI?": lambda _: (
                "+CNMI: " + ",".join(map(str, self._routing)),
                "OK",
            ),
            "+CNMI=": self._set_routing,
            "+CSCA=": self._set_centre,
            "+CMGF?": lambda _: (f"+CMGF: {0 if self._pdu_mode else 1}", "OK"),
            "+CMGF=": self._set_mode,
            "+CMGR=": self._read,
            "+CMGL=": self._list,
            "+CMGD=": self._delete,
            "E": self._set_echo,
        }

    def _tell_card(self, _: str) -> tuple[str, ...]:
        if self.behaviour.card_faults:
            return (self.behaviour.card_faults.pop(0),)
        return _or_error(self.behaviour.sim, self.behaviour.iccid)

    def _take_pin(self, rest: str) -> tuple[str, ...]:
        fault = self.behaviour.pin_faults.pop(0) if self.behaviour.pin_faults else ""
        if fault == "gone":
            raise Unplugged
        if fault:
            return (fault,)
        self.pin_tries += 1
        if rest.strip('"') == self.behaviour.pin:
            self.behaviour.sim = "READY"
            return ("OK",)
        if self.pin_tries >= 3:
            self.behaviour.sim = "SIM PUK"
        return ("+CME ERROR: 16",)

    def _dial(self, rest: str) -> tuple[str, ...]:
        """A Huawei takes packed septets only, the others the code as it is."""
        way, code = self.behaviour.ussd, rest.split('"')[1]
        is_packed = not code.startswith(("*", "#"))
        if way == "refused" or is_packed != (self.behaviour.make == "huawei"):
            return ("ERROR",)
        if way == "silent":
            return ("OK",)
        answer = ussd.written(self.behaviour.balance, way)
        return ("OK", f'+CUSD: 0,"{answer}",15')

    def _storages(self, *, names: bool) -> str:
        """Of all three storages: messages and room."""
        one = f"{len(self.storage)},{self.behaviour.storage_size}"
        return ",".join([f'"SM",{one}' if names else one] * 3)

    def _set_routing(self, rest: str) -> tuple[str, ...]:
        for place, value in enumerate(rest.split(",")):
            if value:
                self._routing[place] = int(value)
        return ("OK",)

    def _show_registration(self, rest: str) -> tuple[str, ...]:
        self._registration_shown = int(rest)
        return ("OK",)

    def _set_centre(self, rest: str) -> tuple[str, ...]:
        self.behaviour.centre = rest.split('"')[1]
        return ("OK",)

    def _set_mode(self, rest: str) -> tuple[str, ...]:
        self._pdu_mode = rest == "0"
        return ("OK",)

    def _set_charset(self, rest: str) -> tuple[str, ...]:
        if rest.strip('"') not in ("IRA", "GSM", "UCS2"):
            return ("+CME ERROR: 4",)
        self._charset = rest.strip('"')
        return ("OK",)

    def _set_echo(self, rest: str) -> tuple[str, ...]:
        self._echo = rest == "1"
        return ("OK",)

    def _read(self, rest: str) -> tuple[str, ...]:
        found = self.storage.get(int(rest))
        if found is None:
            return ("+CMS ERROR: 321",)
        self.storage[int(rest)] = (1, found[1])
        return (f"+CMGR: {found[0]},,{pdu.tpdu_octets(found[1])}\r\n{found[1]}", "OK")

    def _list(self, rest: str) -> tuple[str, ...]:
        lines = [
            f"+CMGL: {index},{state},,{pdu.tpdu_octets(whole)}\r\n{whole}"
            for index, (state, whole) in sorted(self.storage.items())
        ]
        return (*lines, "OK")

    def _delete(self, rest: str) -> tuple[str, ...]:
        self.storage.pop(int(rest.split(",")[0]), None)
        return ("OK",)

    def _begin_text(self, rest: str) -> None:
        self._fault = self.behaviour.faults.pop(0) if self.behaviour.faults else ""
        if self.behaviour.sim != "READY":
            self._say("+CMS ERROR: 310")
        elif not self._pdu_mode or not rest.isdecimal():
            self._say("+CMS ERROR: 304")
        elif self._fault == "gone_before":
            raise Unplugged
        elif self._fault.startswith("before:"):
            self._say(self._fault.removeprefix("before:"))
        elif self._fault != "no_prompt":
            self._wanted_octets = int(rest)
            self._text = bytearray()
            if self._fault != "late_prompt":
                self._out += b"\r\n> "

    def _take_text(self, octet: int) -> None:
        assert self._text is not None
        if octet == ESCAPE:
            self._text = None
            self._say("OK")
        elif octet == CTRL_Z:
            text, self._text = self._text.decode("latin-1"), None
            self._submit(text)
        else:
            self._text.append(octet)
            if self._echo:
                self._out.append(octet)

    def _submit(self, text: str) -> None:
        """Ctrl-Z came: the network takes it, or not."""
        self._disturb()
        try:
            if pdu.tpdu_octets(text) != self._wanted_octets:
                raise ValueError("another length")
            submitted = pdu.read_submit(text)
        except (ValueError, IndexError):
            self._say("+CMS ERROR: 304")
            return
        if self._fault.startswith("+") or self._fault == "ERROR":
            self._say(self._fault)
        elif self._fault != "silent":
            self._take(submitted)

    def _take(self, submitted: Submitted) -> None:
        """The network has it."""
        self.sent.append(submitted)
        self._reference = (self._reference + 1) % 256
        if self._fault == "gone_after":
            raise Unplugged
        if self._fault == "taken_silent":
            return
        if self._fault != "bare_ok":
            self._say(f"+CMGS: {self._reference}")
            self._disturb()
        self._say("OK")
        if submitted.wants_report and self.behaviour.reports is not None:
            self.report(self._reference, submitted.number, self.behaviour.reports)

    def report(self, reference: int, number: str, status: int) -> None:
        """A status report comes; by AT+CNMI it is given out, stored, or dropped."""
        whole = pdu.status_report(reference, number, MOMENT, status)
        if self._routing[3] == 2:
            free = set(range(self.behaviour.storage_size)) - self.storage.keys()
            self.storage[min(free)] = (0, whole)
            self._say(f'+CDSI: "SR",{min(free)}')
        elif self._routing[3] == 1:
            self._say(f"+CDS: {pdu.tpdu_octets(whole)}\r\n{whole}")


def _or_error(there: object, line: str) -> tuple[str, ...]:
    return (line, "OK") if there else ("+CME ERROR: 10",)


_DONE = frozenset(
    {
        *("", "Z", "+CMEE=1", "^CURC=0", "+CMMS=2", "+CLIP=1", "+CSMS=0"),
        *("+CSMP=49,167,0,0", "+CSMP=49,167,0,8"),
        *("+CFUN=1", "+CRC=1", "+CVHU=0", "+COPS=3,0", "+WIND=0", "+CUSD=2"),
    }
)
