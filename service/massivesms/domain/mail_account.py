"""The account that notices leave by: its settings, and whether they fit together.

Described once: the page builds its form from SETTINGS, the command line checks
KEY=VALUE with it. Nothing here opens anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .mail_addresses import read_address
from .trunk_settings import Setting, alias
from .trunk_settings import check as check_one
from .words import N_, Problem

NONE, STARTTLS, TLS = "none", "starttls", "tls"
USUAL_PORTS = {NONE: "25", STARTTLS: "587", TLS: "465"}

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "from_address",
        "text",
        N_("From"),
        required=True,
        maximum=254,
        hint=N_("The address that mails come from. Most servers want the account's."),
    ),
    Setting(
        "from_name",
        "text",
        N_("Name"),
        default="massivesms",
        maximum=60,
        hint=N_("What is shown beside the address."),
    ),
    Setting(
        "host",
        "text",
        N_("SMTP server"),
        required=True,
        maximum=255,
        hint=N_("Usually mail.example.com or smtp.example.com."),
    ),
    Setting(
        "security",
        "choice",
        N_("Security"),
        default=STARTTLS,
        choices=(
            (STARTTLS, N_("STARTTLS (usually port 587)")),
            (TLS, N_("TLS from the beginning (usually port 465)")),
            (NONE, N_("None (usually port 25)")),
        ),
    ),
    Setting(
        "port",
        "integer",
        N_("Port"),
        minimum=1,
        maximum=65535,
        hint=N_("Empty: the usual one of the security."),
    ),
    Setting(
        "user",
        "text",
        N_("User"),
        maximum=254,
        hint=N_(
            "Often the whole address. Empty: the server takes mail without sign-in."
        ),
    ),
    Setting("password", "secret", N_("Password"), maximum=254),
    Setting(
        "verify",
        "yes_no",
        N_("Check the server's certificate"),
        default="yes",
        advanced=True,
    ),
    Setting(
        "ca_file",
        "text",
        N_("Authority's file"),
        maximum=255,
        advanced=True,
        hint=N_(
            "A PEM file on this server, when the certificate is by an authority of"
            " your own. Empty: the system's authorities."
        ),
    ),
    Setting(
        "timeout_s",
        "integer",
        N_("Seconds to wait for an answer"),
        default="30",
        minimum=2,
        maximum=120,
        advanced=True,
    ),
)
KEYS = tuple(setting.key for setting in SETTINGS)
SECRET = "password"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True)
class MailAccount:
    """A checked account with its password in the clear, which no repr shows."""

    from_address: str
    from_name: str
    host: str
    port: int
    security: str
    user: str
    password: str = field(repr=False)
    verify: bool
    ca_file: str
    timeout_s: float

    @property
    def server(self) -> str:
        """host:port, for people."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def check(given: Mapping[str, str]) -> dict[str, str] | dict[str, Problem]:
    """Complete, checked settings, or the problems by key."""
    settings: dict[str, str] = {}
    problems = {key: _unknown(key) for key in given if key not in KEYS}
    for setting in SETTINGS:
        value = str(given.get(setting.key, ""))
        value = alias(setting, value if setting.key == SECRET else value.strip())
        value = value or setting.default
        if problem := check_one(setting, value):
            problems[setting.key] = problem
        settings[setting.key] = value
    if not problems:
        problems = _cross_check(settings)
    if problems:
        return problems
    address = read_address(settings["from_address"])
    return {**settings, "from_address": str(address)}


def _cross_check(settings: Mapping[str, str]) -> dict[str, Problem]:
    problems: dict[str, Problem] = {}
    address = read_address(settings["from_address"])
    if isinstance(address, Problem):
        problems["from_address"] = address
    if any(c in settings["host"] for c in " /@"):
        words = N_("Only the server's name or IP address, without anything around it.")
        problems["host"] = Problem("mail_host", words)
    if settings[SECRET] and not settings["user"]:
        words = N_("A password without a user cannot be used.")
        problems["user"] = Problem("mail_user_missing", words)
    if settings["user"] and not settings[SECRET]:
        words = N_("The user's password is missing.")
        problems[SECRET] = Problem("mail_password_missing", words)
    if settings["ca_file"] and not settings["ca_file"].startswith("/"):
        words = N_("Write the whole path of the file, from / on.")
        problems["ca_file"] = Problem("mail_ca_path", words)
    return problems


def _unknown(key: str) -> Problem:
    return Problem(
        "mail_setting_unknown",
        N_("%(key)s is no setting of the mail account. They are: %(known)s."),
        key=key,
        known=", ".join(KEYS),
    )


def read(settings: Mapping[str, str], secrets: Mapping[str, str]) -> MailAccount:
    """The account of stored settings, which `check` has passed before."""
    values = {setting.key: setting.default for setting in SETTINGS} | dict(settings)
    return MailAccount(
        from_address=values["from_address"],
        from_name=values["from_name"],
        host=values["host"],
        port=int(values["port"] or USUAL_PORTS[values["security"]]),
        security=values["security"],
        user=values["user"],
        password=secrets.get(SECRET, ""),
        verify=values["verify"] != "no",
        ca_file=values["ca_file"],
        timeout_s=float(values["timeout_s"]),
    )
