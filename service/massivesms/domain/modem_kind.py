"""The settings of a trunk that is a GSM modem with a SIM card."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .trunk_settings import Kind, Setting
from .words import N_, Problem

SPEEDS = ("9600", "19200", "38400", "57600", "115200", "230400", "460800", "921600")
_PORT = re.compile(r"/dev/[A-Za-z0-9._:+@/-]{1,120}")
_PIN = re.compile(r"[0-9]{4,8}")
_CENTRE = re.compile(r"\+?[0-9]{3,20}")
_IMEI = re.compile(r"[0-9]{15}")
_CODE = re.compile(r"[*#0-9]{1,40}")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_INIT = re.compile(r"AT[\x20-\x7e]{0,78}", re.IGNORECASE)


def cross_check(settings: Mapping[str, str]) -> Mapping[str, Problem]:
    """What cannot be a port, a PIN, an IMEI, a centre or a command, by key."""
    problems: dict[str, Problem] = {}
    port = settings["port"]
    if not _PORT.fullmatch(port) or ".." in port:
        problems["port"] = Problem(
            "modem_port", N_("The port is a file in /dev, for example /dev/ttyUSB0.")
        )
    if settings["pin"] and not _PIN.fullmatch(settings["pin"]):
        problems["pin"] = Problem("modem_pin", N_("A PIN has 4 to 8 digits."))
    if settings["imei"] and not _IMEI.fullmatch(settings["imei"]):
        problems["imei"] = Problem("modem_imei", N_("An IMEI has 15 digits."))
    if settings["centre"] and not _CENTRE.fullmatch(settings["centre"]):
        problems["centre"] = Problem(
            "modem_centre", N_("Write it as digits, with + and the country code.")
        )
    if settings["balance_code"] and not _CODE.fullmatch(settings["balance_code"]):
        problems["balance_code"] = Problem(
            "modem_code", N_("A code has digits, * and # only, for example *133#.")
        )
    if settings["balance_at"] and not _TIME.fullmatch(settings["balance_at"]):
        problems["balance_at"] = Problem(
            "report_time", N_("Write the time as HH:MM, for example 08:00.")
        )
    elif settings["balance_at"] and not settings["balance_code"]:
        problems["balance_code"] = Problem(
            "modem_code_missing", N_("Say which code asks for the balance.")
        )
    if settings["init"] and not _INIT.fullmatch(settings["init"]):
        problems["init"] = Problem(
            "modem_init",
            N_("The command begins with AT and has at most 80 characters."),
        )
    return problems


MODEM = Kind(
    "modem",
    N_("GSM modem"),
    (
        Setting(
            "port",
            "text",
            N_("Port"),
            required=True,
            maximum=120,
            hint=N_("For example /dev/ttyUSB0. A stick has several: try each one."),
        ),
        Setting(
            "pin",
            "secret",
            N_("PIN of the SIM card"),
            maximum=8,
            hint=N_("Tried once: a third wrong one would block the card."),
        ),
        Setting(
            "imei",
            "text",
            N_("IMEI of the modem"),
            maximum=15,
            hint=N_("With it the modem is found again at another port."),
        ),
        Setting(
            "reports",
            "yes_no",
            N_("Ask for delivery receipts"),
            "yes",
        ),
        Setting(
            "balance_code",
            "text",
            N_("Code for the balance"),
            maximum=40,
            hint=N_("What one dials for it on a phone, for example *133#."),
        ),
        Setting(
            "balance_at",
            "text",
            N_("Ask for the balance daily at"),
            maximum=5,
            hint=N_("HH:MM. The answer is mailed as the daily report is. Empty: no."),
        ),
        Setting(
            "centre",
            "text",
            N_("Number of the message centre"),
            maximum=21,
            hint=N_("Empty: the one that the SIM card knows."),
            advanced=True,
        ),
        Setting(
            "speed",
            "choice",
            N_("Speed of the port"),
            "115200",
            choices=tuple((speed, speed) for speed in SPEEDS),
            advanced=True,
        ),
        Setting(
            "hardware_flow",
            "yes_no",
            N_("Hardware flow control (RTS/CTS)"),
            "no",
            advanced=True,
        ),
        Setting(
            "storage",
            "choice",
            N_("Storage for messages that come"),
            "sm",
            choices=(("sm", N_("SIM card")), ("me", N_("Modem"))),
            advanced=True,
        ),
        Setting(
            "init",
            "text",
            N_("Command before the first message"),
            maximum=80,
            hint=N_("For modems that need one, for example AT+CFUN=1."),
            advanced=True,
        ),
        Setting(
            "rest_after",
            "integer",
            N_("Rest for an hour after so many errors in a row"),
            "3",
            minimum=0,
            maximum=100,
            hint=N_("Errors over different numbers. 0: it never rests."),
            advanced=True,
        ),
        Setting(
            "timeout_s",
            "integer",
            N_("Time limit (seconds)"),
            "120",
            minimum=10,
            maximum=600,
            advanced=True,
        ),
    ),
    cross_check=cross_check,
)
