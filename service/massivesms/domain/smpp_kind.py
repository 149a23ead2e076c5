"""The settings of an SMPP trunk, and which of them do not fit together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .smpp_overrides import read_overrides
from .trunk_settings import Kind, Preset, Setting
from .words import N_, Problem

_PLANS = (0, 1, 3, 4, 6, 8, 9, 10, 14, 18)
#: Settings that go over the wire as octets.
_ON_THE_WIRE = ("system_id", "password", "system_type", "service_type", "address_range")


def _type(key: str, label: str, numbers: Iterable[int]) -> Setting:
    """A TON or NPI: found out by itself, or fixed."""
    choices = (("auto", N_("By itself")), *((str(n), str(n)) for n in numbers))
    return Setting(key, "choice", label, "auto", choices=choices, advanced=True)


def _cross_check(settings: Mapping[str, str]) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    overrides = read_overrides(settings["status_overrides"])
    if isinstance(overrides, Problem):
        problems["status_overrides"] = overrides
    for key in _ON_THE_WIRE:
        if problem := _check_wire(key, settings[key]):
            problems[key] = problem
    if problem := _check_ca(settings):
        problems["tls_ca"] = problem
    return problems


def _check_wire(key: str, value: str) -> Problem | None:
    foreign = [c for c in dict.fromkeys(value) if ord(c) > 0xFF]
    if not foreign:
        return None
    return Problem(
        "setting_wire_characters",
        N_("%(key)s has characters that SMPP cannot carry: %(characters)s"),
        key=key,
        characters=" ".join(foreign),
    )


def _check_ca(settings: Mapping[str, str]) -> Problem | None:
    path = settings["tls_ca"]
    if not path:
        return None
    if not path.startswith("/"):
        template = N_("tls_ca is the whole path of a file, beginning with /.")
    elif settings["tls"] != "yes":
        template = N_("tls_ca is for encrypted connections only: set tls too.")
    elif settings["tls_verify"] != "yes":
        template = N_("tls_ca is of no use while certificates are not checked.")
    else:
        return None
    return Problem("setting_tls_ca", template)


SMPP = Kind(
    "smpp",
    "SMPP",
    (
        Setting(
            "host",
            "text",
            N_("Server"),
            required=True,
            maximum=255,
            hint=N_("Name or IP address that your provider gave you."),
        ),
        Setting("port", "integer", N_("Port"), "2775", minimum=1, maximum=65535),
        Setting("system_id", "text", N_("User"), required=True, maximum=15),
        # SMPP says 8; several operators give longer ones, and we cut nothing.
        Setting("password", "secret", N_("Password"), maximum=64),
        Setting("system_type", "text", N_("System type"), maximum=12, advanced=True),
        Setting(
            "bind_mode",
            "choice",
            N_("Connection"),
            "transceiver",
            choices=(
                ("transceiver", N_("Send and receive (transceiver)")),
                ("transmitter", N_("Send only (transmitter)")),
                ("pair", N_("Two connections: one sends, one receives")),
            ),
            advanced=True,
        ),
        Setting(
            "binds",
            "integer",
            N_("Connections"),
            "1",
            minimum=1,
            maximum=16,
            hint=N_("Your operator says how many it allows at once."),
            advanced=True,
        ),
        Setting(
            "window",
            "integer",
            N_("Window"),
            "10",
            minimum=1,
            maximum=5000,
            hint=N_("Messages on their way without an answer. Operators often say it."),
            advanced=True,
        ),
        Setting(
            "tls",
            "yes_no",
            N_("Encrypted connection (TLS)"),
            "no",
            advanced=True,
        ),
        Setting(
            "tls_verify",
            "yes_no",
            N_("Check the server's certificate"),
            "yes",
            hint=N_(
                "Without it anyone on the way can pose as the operator and read"
                " your password and messages."
            ),
            advanced=True,
        ),
        Setting(
            "tls_ca",
            "text",
            N_("File with the operator's own authority (PEM)"),
            maximum=255,
            hint=N_("Its whole path. Empty: the authorities that this machine trusts."),
            advanced=True,
        ),
        Setting(
            "receipts",
            "yes_no",
            N_("Ask for delivery receipts"),
            "yes",
            hint=N_("The operator then tells whether each message arrived."),
        ),
        Setting(
            "receipts_for",
            "choice",
            N_("Receipts for"),
            "all",
            choices=(
                ("all", N_("All messages")),
                ("failures", N_("Failures only")),
            ),
            hint=N_("With failures only, a message that arrives stays as sent."),
            advanced=True,
        ),
        Setting(
            "receipt_ids",
            "choice",
            N_("Ids in receipts"),
            "auto",
            choices=(
                ("auto", N_("Found out by itself")),
                ("raw", N_("As in the answer")),
                ("hex_to_decimal", N_("Answer hexadecimal, receipt decimal")),
                ("decimal_to_hex", N_("Answer decimal, receipt hexadecimal")),
            ),
            advanced=True,
        ),
        Setting(
            "default_alphabet",
            "choice",
            N_("Alphabet of data_coding 0"),
            "gsm7",
            choices=(
                ("gsm7", N_("GSM 7-bit")),
                ("latin1", N_("Latin-1 (ISO 8859-1)")),
                ("ascii", N_("ASCII")),
            ),
            hint=N_("If ñ or @ arrive wrong, choose another one."),
            advanced=True,
        ),
        Setting(
            "long_messages",
            "choice",
            N_("Long messages"),
            "udh8",
            choices=(
                ("udh8", N_("Header with 8-bit reference (UDH)")),
                ("udh16", N_("Header with 16-bit reference (UDH)")),
                ("sar", N_("Optional fields (sar_*)")),
                ("payload", N_("In one piece (message_payload)")),
            ),
            hint=N_("If long messages arrive in pieces, choose another one."),
            advanced=True,
        ),
        _type("source_ton", N_("Type of the sender (TON)"), range(7)),
        _type("source_npi", N_("Numbering plan of the sender (NPI)"), _PLANS),
        _type("dest_ton", N_("Type of the recipient (TON)"), range(7)),
        _type("dest_npi", N_("Numbering plan of the recipient (NPI)"), _PLANS),
        Setting("service_type", "text", N_("Service type"), maximum=5, advanced=True),
        Setting(
            "protocol_id",
            "integer",
            N_("Protocol (protocol_id)"),
            "0",
            maximum=255,
            advanced=True,
        ),
        Setting(
            "priority_flag",
            "integer",
            N_("Priority at the operator (priority_flag)"),
            "0",
            maximum=3,
            advanced=True,
        ),
        Setting(
            "address_range",
            "text",
            N_("Address range"),
            maximum=40,
            hint=N_("Numbers whose messages this connection receives. Mostly empty."),
            advanced=True,
        ),
        Setting(
            "status_overrides",
            "text",
            N_("Own decisions for error answers"),
            maximum=1000,
            hint=N_("For example 0x45=fail, 0x0B=next_trunk, 1025=retry."),
            advanced=True,
        ),
        Setting(
            "answer_timeout_s",
            "integer",
            N_("Wait for an answer (seconds)"),
            "60",
            minimum=2,
            maximum=600,
            advanced=True,
        ),
        Setting(
            "enquire_link_s",
            "integer",
            N_("Check of the link after silence (seconds)"),
            "25",
            minimum=1,
            maximum=600,
            advanced=True,
        ),
        Setting(
            "validity_hours",
            "integer",
            N_("The operator tries for (hours)"),
            "24",
            minimum=0,
            maximum=720,
            hint=N_("0: as long as the operator likes."),
            advanced=True,
        ),
    ),
    presets=(
        # Servers as these providers' own documentation names them (November 2026).
        Preset("BulkSMS", {"host": "smpp.bulksms.com", "port": "2775"}),
        Preset("ClickSend", {"host": "smpp1.clicksend.com", "port": "2775"}),
        Preset("LabsMobile", {"host": "smpp.labsmobile.com", "port": "2775"}),
        Preset(N_("Simulator on this machine"), {"host": "127.0.0.1", "port": "2775"}),
    ),
    cross_check=_cross_check,
)


def finds_receipt_ids(kind: str, settings: Mapping[str, str]) -> bool:
    """Whether it is to be found out how a trunk's receipts write their ids."""
    return kind == SMPP.name and settings.get("receipt_ids", "auto") == "auto"
