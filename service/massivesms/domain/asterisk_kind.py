"""The settings of a trunk that is an Asterisk, spoken to by its manager interface."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .trunk_settings import Kind, Setting
from .words import N_, Problem

DRIVERS = ("dongle", "quectel", "sip")
MOST_DEVICES = 32
_DEVICE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_TOKEN = re.compile(r"\{([a-z0-9]*)\}")
_TOKENS = {
    "sip_to": frozenset({"number", "e164"}),
    "sip_from": frozenset({"sender", "number", "e164"}),
}


def read_devices(text: str) -> tuple[str, ...] | None:
    """The names of "dongle0, dongle1", each once; None when one is no name."""
    names = [name for name in re.split(r"[,\s]+", text.strip()) if name]
    if len(names) > MOST_DEVICES or not all(map(_DEVICE.fullmatch, names)):
        return None
    return tuple(dict.fromkeys(names))


def cross_check(settings: Mapping[str, str]) -> Mapping[str, Problem]:
    """What cannot be a server, a device or an address of SIP, by key."""
    problems: dict[str, Problem] = {}
    if not _HOST.fullmatch(settings["host"]):
        problems["host"] = Problem(
            "asterisk_host", N_("Write a name or an IP address, without http://.")
        )
    if settings["driver"] == "sip":
        problems |= _check_sip(settings)
    elif not read_devices(settings["devices"]):
        problems["devices"] = Problem(
            "asterisk_devices",
            N_("Name at least one device as Asterisk calls it, for example dongle0."),
        )
    return problems


def _check_sip(settings: Mapping[str, str]) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    for key, tokens in _TOKENS.items():
        unknown = [name for name in _TOKEN.findall(settings[key]) if name not in tokens]
        if unknown:
            problems[key] = Problem(
                "asterisk_token",
                N_("{%(name)s} is not known here. Known are: %(known)s."),
                name=unknown[0],
                known=", ".join(f"{{{name}}}" for name in sorted(tokens)),
            )
    to = settings["sip_to"]
    if "sip_to" not in problems and not (
        ":" in to and set(_TOKEN.findall(to)) & _TOKENS["sip_to"]
    ):
        problems["sip_to"] = Problem(
            "asterisk_to",
            N_(
                "Write the technology and where the number stands:"
                " pjsip:{number} or pjsip:provider/sip:{number}@sip.example"
            ),
        )
    return problems


ASTERISK = Kind(
    "asterisk",
    N_("Asterisk (AMI)"),
    (
        Setting(
            "driver",
            "choice",
            N_("Messages leave by"),
            "dongle",
            choices=(
                ("dongle", N_("Modems of chan_dongle")),
                ("quectel", N_("Modems of chan_quectel")),
                ("sip", N_("SIP messages (PJSIP)")),
            ),
        ),
        Setting(
            "devices",
            "text",
            N_("Devices"),
            maximum=500,
            hint=N_(
                "Of modems: their names in Asterisk, in rotation: dongle0, dongle1."
                " SIP has none."
            ),
        ),
        Setting(
            "host",
            "text",
            N_("Server of Asterisk"),
            "127.0.0.1",
            required=True,
            maximum=255,
            hint=N_("127.0.0.1 when Asterisk runs on this computer."),
        ),
        Setting("port", "integer", N_("Port"), "5038", minimum=1, maximum=65535),
        Setting(
            "user",
            "text",
            N_("User of the manager interface"),
            required=True,
            maximum=80,
            hint=N_("The name in brackets in manager.conf, for example massivesms."),
        ),
        Setting("secret", "secret", N_("Its secret"), required=True, maximum=255),
        Setting(
            "reports",
            "yes_no",
            N_("Ask for delivery receipts"),
            "yes",
            hint=N_("Of modems only: SIP messages have none."),
        ),
        Setting(
            "sip_to",
            "text",
            N_("Recipient of a SIP message"),
            "pjsip:{number}",
            maximum=255,
            hint=N_("For example pjsip:{number} or pjsip:provider/sip:{e164}@host."),
            advanced=True,
        ),
        Setting(
            "sip_from",
            "text",
            N_("Sender of a SIP message"),
            maximum=255,
            hint=N_("For example sip:{sender}@pbx.example. Empty: Asterisk's own."),
            advanced=True,
        ),
        Setting(
            "auth",
            "choice",
            N_("Sign-in"),
            "md5",
            choices=(
                ("md5", N_("By challenge (MD5)")),
                ("plain", N_("Secret in plain text")),
            ),
            advanced=True,
        ),
        Setting(
            "escapes",
            "yes_no",
            N_("The driver reads \\n in texts as a new line"),
            "yes",
            hint=N_(
                "Drivers before 2020 do not: then a text of several lines goes by"
                " another trunk."
            ),
            advanced=True,
        ),
        Setting(
            "timeout_s",
            "integer",
            N_("Time limit (seconds)"),
            "120",
            minimum=10,
            maximum=600,
            hint=N_("For a modem to send one message."),
            advanced=True,
        ),
    ),
    cross_check=cross_check,
)
