"""A message as an action, and what Asterisk's events say of messages. Pure.

The Payload of an SMS names our trunk, message and recipient: the driver gives it back
with each report, perhaps days later and to whoever is signed in then.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import NamedTuple

from ..base import InboundCame, ReceiptCame, Submission
from .packets import Packet

ACTIONS: Mapping[str, str] = {"dongle": "Dongle", "quectel": "Quectel"}
#: The drivers' own, said because they wait so long for the report.
VALIDITY_MIN = 3 * 24 * 60
#: (from so many minutes on, steps of): drivers round a TP-VP up to these (23.040
#: §9.2.3.12.1), and a message must not be valid for longer than was asked.
VALIDITY_STEPS = ((50400, 10080), (1440, 1440), (720, 30), (0, 5))
LONGEST_DAYS_MIN = 43200
EXPIRED = 0x46  # TP-ST of 23.040 §9.2.3.15: "SM Validity Period Expired"
_PAYLOAD = re.compile(r"massivesms/(\d{1,10})/(\d{1,20})/(\d{0,20})")
_CODE = re.compile(r"\d{1,3}")


class Lines(Exception):
    """The driver takes one line only."""


class Action(NamedTuple):
    """An action's name and its headers."""

    name: str
    headers: list[tuple[str, str]]


class Report(NamedTuple):
    """What a driver reports of one of our messages.

    `kind` 0: whether the modem sent it; 1: the network's receipt; 2: the driver waits
    for a receipt no longer.
    """

    message_id: int
    number: str
    kind: int
    is_success: bool
    codes: tuple[int, ...]

    @property
    def says_sent(self) -> bool:
        """Whether the modem sent it; a receipt, good or bad, says so too."""
        return self.kind == 1 or (self.kind == 0 and self.is_success)

    @property
    def says_failed(self) -> bool:
        """Whether the modem reported an error."""
        return self.kind == 0 and not self.is_success


def sms_id(message_id: int) -> str:
    """Our id of a message that a driver took."""
    return f"ami-{message_id}"


def sending(driver: str) -> str:
    """The name of the action that sends."""
    return f"{ACTIONS[driver]}SendSMS" if driver in ACTIONS else "MessageSend"


def action(
    submission: Submission, values: Mapping[str, str], device: str, trunk_id: int
) -> Action:
    """The action that sends a message, by a trunk's settings. Raises Lines."""
    name = sending(values["driver"])
    if values["driver"] not in ACTIONS:
        to, sender = values["sip_to"], values["sip_from"]
        return Action(name, _sip(submission, to, sender))
    number = submission.destination
    headers = [
        ("Device", device),
        ("Number", _e164(submission)),
        ("Message", _text(submission.text, values["escapes"] == "yes")),
        ("Validity", str(_validity_min(submission.validity_s))),
        ("Report", values["reports"]),
        ("Payload", f"massivesms/{trunk_id}/{submission.message_id}/{number}"),
    ]
    return Action(name, headers)


def report(packet: Packet, trunk_id: int) -> Report | None:
    """A report of one of this trunk's messages, or None."""
    found = _PAYLOAD.fullmatch(packet.get("Payload"))
    kind, success = packet.get("Type"), packet.get("Success")
    if found is None or int(found[1]) != trunk_id:
        return None
    if kind not in ("0", "1", "2") or success not in ("0", "1"):
        return None
    codes = tuple(int(code) for code in _CODE.findall(packet.get("Report")))
    return Report(int(found[2]), found[3], int(kind), success == "1", codes)


def receipt(came: Report, reference: int) -> ReceiptCame:
    """The receipt that a final report is; of an error the modem's before that."""
    if came.is_success:
        state, error = "delivered", ""
    elif came.kind == 0:
        state, error = "rejected", ""
    else:
        state = "expired" if EXPIRED in came.codes else "undelivered"
        failed = [code for code in came.codes if code >= 0x20]
        error = f"{failed[0]:#04x}" if failed else ""
    one = came.message_id
    told = (sms_id(one), state, error, reference, came.number)
    return ReceiptCame(*told, message_id=one)


def incoming(packet: Packet, reference: int) -> InboundCame:
    """A message from a person, of the event ...NewSMSBase64 or ...NewSMS."""
    sender = packet.get("From")
    if not packet.event.endswith("Base64"):
        lines = [v for n, v in packet.lines if n.startswith("MessageLine")]
        return InboundCame(reference, sender, "", "\n".join(lines))
    octets = packet.get("Message")
    try:
        text = base64.b64decode(octets, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return InboundCame(reference, sender, "", octets, unreadable=True)
    return InboundCame(reference, sender, "", text)


def _validity_min(seconds: int | None) -> int:
    """Minutes of validity, never more than was asked, unless that is less than 5."""
    if seconds is None:
        return VALIDITY_MIN
    minutes = seconds // 60
    if LONGEST_DAYS_MIN < minutes < VALIDITY_STEPS[0][0]:
        return LONGEST_DAYS_MIN
    step = next(step for least, step in VALIDITY_STEPS if minutes >= least)
    return max(5, minutes // step * step)


def _sip(submission: Submission, to: str, sender: str) -> list[tuple[str, str]]:
    """The headers of a SIP MESSAGE; a sender that is empty is left out.

    Of two words in `to` the first is the destination, the second the header To.
    """
    values = {
        "number": submission.destination,
        "e164": _e164(submission),
        "sender": submission.sender_id,
    }
    body = base64.b64encode(submission.text.encode()).decode()
    destination, _, header = _fill(to, values).partition(" ")
    headers = [("To", header or destination), ("Base64Body", body)]
    if header:
        headers.insert(0, ("Destination", destination))
    if sender and ("{sender}" not in sender or submission.sender_id):
        headers.insert(1, ("From", _fill(sender, values)))
    return headers


def _e164(submission: Submission) -> str:
    plus = "+" if submission.is_international else ""
    return f"{plus}{submission.destination}"


def _text(text: str, has_escapes: bool) -> str:
    """A text on one line, as the driver reads it again."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    if has_escapes:
        return lines.replace("\\", "\\\\").replace("\n", "\\n")
    if "\n" in lines:
        raise Lines
    return lines


def _fill(pattern: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{([a-z0-9]+)\}", lambda found: values[found[1]], pattern)
