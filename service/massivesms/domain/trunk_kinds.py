"""The kinds of trunks and what each is configured with.

One table describes every setting once; the pages build their forms from it, the
command line checks `--set KEY=VALUE` with it and the trunks read it. Nothing
here opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .words import N_, Problem


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a kind; `type` is text, secret, integer, yes_no or choice."""

    key: str
    type: str
    label: str
    default: str = ""
    required: bool = False
    minimum: int = 0
    maximum: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    hint: str = ""
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A provider whose choice fills some settings."""

    name: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of trunk: its name in the database, its label and its settings."""

    name: str
    label: str
    settings: tuple[Setting, ...]
    presets: tuple[Preset, ...] = field(default=())

    @property
    def secret_keys(self) -> frozenset[str]:
        """Settings that are stored encrypted and never shown again."""
        return frozenset(s.key for s in self.settings if s.type == "secret")


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
            ),
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
            "receipts",
            "yes_no",
            N_("Ask for delivery receipts"),
            "yes",
            hint=N_("The operator then tells whether each message arrived."),
        ),
        Setting(
            "receipt_ids",
            "choice",
            N_("Ids in receipts"),
            "raw",
            choices=(
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
            ),
            hint=N_("If ñ or @ arrive wrong, choose the other one."),
            advanced=True,
        ),
        Setting(
            "source_ton",
            "choice",
            N_("Type of the sender (TON)"),
            "auto",
            choices=(("auto", N_("By itself")), *((str(n), str(n)) for n in range(7))),
            advanced=True,
        ),
        Setting(
            "source_npi",
            "choice",
            N_("Numbering plan of the sender (NPI)"),
            "auto",
            choices=(
                ("auto", N_("By itself")),
                *((str(n), str(n)) for n in (0, 1, 3, 4, 6, 8, 9, 10, 14, 18)),
            ),
            advanced=True,
        ),
        Setting(
            "answer_timeout_s",
            "integer",
            N_("Wait for an answer (seconds)"),
            "60",
            minimum=1,
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
            minimum=1,
            maximum=720,
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
)

SCRIPT = Kind(
    "script",
    N_("Shell script"),
    (
        Setting(
            "script",
            "text",
            N_("Script"),
            required=True,
            maximum=64,
            hint=N_("Only its name; it lies in the directory of trunk scripts."),
        ),
        Setting(
            "timeout_s",
            "integer",
            N_("Time limit (seconds)"),
            "30",
            minimum=1,
            maximum=600,
            advanced=True,
        ),
        Setting(
            "concurrency",
            "integer",
            N_("At the same time"),
            "1",
            minimum=1,
            maximum=64,
            hint=N_("How many copies of the script may run at once."),
            advanced=True,
        ),
        Setting(
            "legacy_entities",
            "yes_no",
            N_("Unicode texts as entities (&#1056;)"),
            "no",
            hint=N_("For scripts written for the original module."),
            advanced=True,
        ),
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (SMPP, SCRIPT)}


def kind_named(name: str) -> Kind | Problem:
    """The kind of that name."""
    if name in KINDS:
        return KINDS[name]
    return Problem(
        "trunk_kind",
        N_("There is no trunk type %(name)s. The types are: %(known)s."),
        name=name,
        known=", ".join(KINDS),
    )


def check_settings(
    kind: Kind, given: Mapping[str, str]
) -> dict[str, str] | dict[str, Problem]:
    """Complete, checked settings, or the problems by key.

    Missing keys get their defaults. Values are text, as they are stored.
    """
    settings: dict[str, str] = {}
    problems: dict[str, Problem] = {}
    known = {s.key: s for s in kind.settings}
    for key in given:
        if key not in known:
            problems[key] = Problem(
                "trunk_setting_unknown",
                N_("%(key)s is no setting of this trunk. Its settings: %(known)s."),
                key=key,
                known=", ".join(known),
            )
    for setting in kind.settings:
        value = _alias(setting, str(given.get(setting.key, "")).strip())
        value = value or setting.default
        problem = _check(setting, value)
        if problem:
            problems[setting.key] = problem
        settings[setting.key] = value
    return problems or settings


#: Short forms of the SMPP world that the command line takes too.
_ALIASES = {
    "bind_mode": {"trx": "transceiver", "tx": "transmitter"},
}
_YES = {"yes", "1", "true", "on", "si", "sí"}
_NO = {"no", "0", "false", "off"}


def _alias(setting: Setting, value: str) -> str:
    if setting.type == "yes_no":
        lower = value.lower()
        return "yes" if lower in _YES else "no" if lower in _NO else value
    return _ALIASES.get(setting.key, {}).get(value.lower(), value)


def _check(setting: Setting, value: str) -> Problem | None:
    if not value:
        if setting.required:
            return Problem(
                "setting_missing", N_("%(key)s is missing."), key=setting.key
            )
        return None
    if "\0" in value or not value.isprintable():
        return Problem(
            "setting_characters",
            N_("%(key)s has characters that cannot be used."),
            key=setting.key,
        )
    if setting.type == "integer":
        return _check_integer(setting, value)
    if setting.type == "yes_no" and value not in ("yes", "no"):
        return Problem("setting_yes_no", N_("%(key)s is yes or no."), key=setting.key)
    allowed = [name for name, _ in setting.choices]
    if setting.type == "choice" and value not in allowed:
        return Problem(
            "setting_choice",
            N_("%(key)s is one of: %(allowed)s."),
            key=setting.key,
            allowed=", ".join(allowed),
        )
    if setting.type in ("text", "secret") and len(value) > setting.maximum:
        return Problem(
            "setting_too_long",
            N_("%(key)s has %(length)s characters; %(limit)s are the most."),
            key=setting.key,
            length=len(value),
            limit=setting.maximum,
        )
    return None


def _check_integer(setting: Setting, value: str) -> Problem | None:
    in_range = (
        value.isascii()
        and value.isdecimal()
        and setting.minimum <= int(value) <= setting.maximum
    )
    if in_range:
        return None
    return Problem(
        "setting_integer",
        N_("%(key)s is a whole number from %(minimum)s to %(maximum)s."),
        key=setting.key,
        minimum=setting.minimum,
        maximum=setting.maximum,
    )
