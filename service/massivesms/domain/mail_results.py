"""The words for every step and every failure of a mail on its way out.

Codes are stable and stored; the sentences are translated where they are shown.
`detail` is the server's own answer or what was tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .words import N_, Problem, result_words


class Verdict(StrEnum):
    """What follows from a try."""

    SENT = "sent"
    LATER = "later"  # this mail again, after a wait
    FAILED = "failed"  # this mail never
    ACCOUNT = "account"  # no mail can leave: all wait
    BROKEN = "broken"  # the link broke in the midst of it: whose fault is not known


@dataclass(frozen=True, slots=True)
class MailOutcome:
    """What came of one try: the code of RESULTS, the detail, what follows."""

    verdict: Verdict
    code: str
    detail: str = ""


STEPS: Mapping[str, str] = {
    "mail_connecting": N_("Connecting to %(detail)s"),
    "mail_connected": N_("The server answers: %(detail)s"),
    "mail_encrypted": N_("The connection is encrypted (%(detail)s)."),
    "mail_unchecked": N_(
        "The connection is encrypted (%(detail)s), but the server's certificate was"
        " not checked."
    ),
    "mail_plain": N_("The connection is not encrypted."),
    "mail_signed_in": N_("Signed in as %(detail)s."),
    "mail_unsigned": N_("No sign-in is set up."),
    "mail_sender_taken": N_("The server takes mail from %(detail)s."),
    "mail_recipient_taken": N_("The server takes mail to %(detail)s."),
    "mail_sent": N_("The server has taken the mail. It says: %(detail)s"),
}
FAILURES: Mapping[str, str] = {
    "mail_no_account": N_("No mail account is set up."),
    "mail_key_other": N_(
        "The account's password was encrypted with another key file. Enter it again."
    ),
    "mail_host_unknown": N_("There is no server called %(detail)s."),
    "mail_refused": N_(
        "The server %(detail)s refuses the connection: is the port right?"
    ),
    "mail_connect_timeout": N_(
        "The server %(detail)s does not answer. Perhaps a firewall or the provider"
        " blocks the port; many take mail on port 587 only."
    ),
    "mail_unreachable": N_("The server cannot be reached: %(detail)s"),
    "mail_silent": N_(
        "The server %(detail)s took the connection and then said nothing. If its port"
        " is 465, choose TLS from the beginning."
    ),
    "mail_silent_tls": N_(
        "The server %(detail)s took the connection but did not answer in TLS: perhaps"
        " it wants STARTTLS on this port."
    ),
    "mail_timeout": N_("The server stopped answering: %(detail)s"),
    "mail_closed": N_("The server closed the connection. %(detail)s"),
    "mail_not_smtp": N_("What answers there is no mail server: %(detail)s"),
    "mail_not_now": N_("The server takes no mail now: %(detail)s"),
    "mail_not_welcome": N_("The server takes no mail from this machine: %(detail)s"),
    "mail_no_starttls": N_(
        "The server %(detail)s does not offer STARTTLS: choose TLS from the beginning"
        " with its port, or no security."
    ),
    "mail_no_tls": N_(
        "The server %(detail)s does not speak TLS on this port: choose STARTTLS, or"
        " its port for TLS."
    ),
    "mail_tls_failed": N_("The encrypted connection failed: %(detail)s"),
    "mail_certificate_expired": N_(
        "The server's certificate has expired or is not valid yet: %(detail)s"
    ),
    "mail_certificate_name": N_(
        "The server's certificate is for another name: %(detail)s"
    ),
    "mail_certificate_authority": N_(
        "The server's certificate is by nobody whom this machine trusts: %(detail)s."
        " Name the authority's file if it is one of your own."
    ),
    "mail_certificate": N_("The server's certificate is not accepted: %(detail)s"),
    "mail_ca_file": N_("The authority's file cannot be used: %(detail)s"),
    "mail_no_sign_in": N_(
        "The server offers no sign-in that we know: %(detail)s. Perhaps only over an"
        " encrypted connection."
    ),
    "mail_password": N_("The server does not accept user or password: %(detail)s"),
    "mail_sign_in_wanted": N_("The server wants a sign-in first: %(detail)s"),
    "mail_sender_refused": N_(
        "The server does not take mail from this address: %(detail)s"
    ),
    "mail_recipient_refused": N_("The server refuses the recipient: %(detail)s"),
    "mail_recipient_later": N_(
        "The server wants the mail again later, as many do with unknown senders:"
        " %(detail)s"
    ),
    "mail_content_refused": N_("The server refuses the mail: %(detail)s"),
    "mail_content_later": N_("The server could not take the mail now: %(detail)s"),
    "mail_too_late": N_("It could not be sent in time: %(detail)s"),
}
RESULTS: Mapping[str, str] = {**STEPS, **FAILURES}


def words(code: str | None, detail: str | None = None) -> Problem | None:
    """The sentence of a stored result as a template with its values."""
    return result_words(RESULTS, code, detail)


def text(code: str | None, detail: str | None = None) -> str:
    """The sentence in English, for the command line and the log."""
    found = words(code, detail)
    return found.text.strip() if found else ""
