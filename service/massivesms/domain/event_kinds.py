"""The kinds of events that the event log records, and which of them are wanted.

Owns their names and words. A logger below EVENTS is of the kind that it is called;
errors are recorded whatever is wanted.
"""

from __future__ import annotations

from collections.abc import Mapping

from .words import N_, Problem

EVENTS = "massivesms.events"

#: kind -> (label, hint)
EVENT_KINDS: Mapping[str, tuple[str, str]] = {
    "service": (N_("Service"), N_("Start and stop, and the database being away.")),
    "trunks": (N_("Trunks"), N_("Connected, lost, stopped, and why.")),
    "campaigns": (N_("Campaigns"), N_("Sending begins, and nothing is left to send.")),
    "sending": (
        N_("Each message"),
        N_("What came of every message: many lines. Never numbers or texts."),
    ),
    "sign_in": (N_("Sign-in"), N_("Who signed in or out, and who was refused.")),
    "changes": (N_("Changes"), N_("What the log of changes has, in one line.")),
}
DEFAULT_KINDS = "service,trunks,campaigns,sign_in,changes"


def logger_name(kind: str) -> str:
    """The name of the logger whose lines are of that kind."""
    return f"{EVENTS}.{kind}"


def kind_of(logger: str) -> str:
    """The kind of what a logger says."""
    if logger.startswith(f"{EVENTS}."):
        return logger.removeprefix(f"{EVENTS}.")
    return "trunks" if "trunk" in logger or "modem" in logger else "service"


def clean_kinds(text: str) -> str:
    """Kinds separated by commas, each once and in our order; unknown ones stay."""
    names = {name.strip().lower() for name in text.split(",")} - {""}
    known = [kind for kind in EVENT_KINDS if kind in names]
    return ",".join([*known, *sorted(names - set(known))])


def check_kinds(text: str) -> Problem | None:
    """Refuses a kind that does not exist."""
    unknown = [kind for kind in text.split(",") if kind and kind not in EVENT_KINDS]
    if not unknown:
        return None
    return Problem(
        "event_kind_unknown",
        N_("There is no kind of event %(name)s. The kinds are: %(known)s."),
        name=", ".join(unknown),
        known=", ".join(EVENT_KINDS),
    )


def read_kinds(text: str) -> frozenset[str]:
    """The wanted kinds of a checked text."""
    return frozenset(kind for kind in text.split(",") if kind in EVENT_KINDS)
