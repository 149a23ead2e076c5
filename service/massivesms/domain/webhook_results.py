"""The words for what came of a delivery to a webhook; the codes are stored."""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_, Problem, result_words

RESULTS: Mapping[str, str] = {
    "taken": N_("The target took it and answered %(detail)s."),
    "status": N_("The target answered %(detail)s."),
    "gone": N_(
        "The target answered 410: it wants no more events. The webhook was turned off."
    ),
    "redirect": N_(
        "The target sends elsewhere (%(detail)s). Redirects are not followed: enter"
        " the address that it leads to."
    ),
    "timeout": N_("The target did not answer within %(detail)s seconds."),
    "not_reached": N_("The target cannot be reached: %(detail)s"),
    "connection_refused": N_("The target refuses the connection."),
    "broken": N_("The connection broke before the target answered. %(detail)s"),
    "no_http": N_("What the target answered is not HTTP: %(detail)s"),
    "host_unknown": N_("There is no host called %(detail)s."),
    "host_forbidden": N_(
        "%(detail)s is not on the public internet. If it is a host of your own, enter"
        " it under “Own hosts” of the webhooks."
    ),
    "tls": N_("The encrypted connection failed: %(detail)s"),
    "certificate": N_("The target's certificate is not accepted: %(detail)s"),
    "secret_unreadable": N_(
        "The webhook's secret cannot be read with this key file: make a new secret."
    ),
    "too_old": N_("They waited for three days. They were not sent."),
}


def words(code: str | None, detail: str | None = None) -> Problem | None:
    """The sentence of a stored result as a template with its values."""
    return result_words(RESULTS, code, detail)


def text(code: str | None, detail: str | None = None) -> str:
    """The sentence in English, for the command line and the log."""
    found = words(code, detail)
    return found.text.strip() if found else ""
