"""Settings of what is told by mail: who gets incoming messages and the daily report.

They are settings of the product like all others (domain/settings.py takes them in);
the account that mails leave by is domain/mail_account.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from .mail_addresses import read_addresses
from .words import N_, Problem

ADDRESSES = ("forward_to", "report_to")
MOST_A_MINUTE = 600

#: name -> (default, label, hint), as domain.settings has them.
SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "forward_to": (
        "",
        N_("Forward incoming messages to"),
        N_("Mail addresses, separated by commas. Empty: they are not forwarded."),
    ),
    "forward_last_message": (
        "yes",
        N_("With the last message sent to that number"),
        N_("So that it is plain what they answer: yes or no."),
    ),
    "forward_handled": (
        "yes",
        N_("Also those that were dealt with already"),
        N_("Opt-outs and what was answered automatically: yes or no."),
    ),
    "forward_most": (
        "10",
        N_("Most mails a minute"),
        N_("What comes beyond that is gathered into one mail for each minute."),
    ),
    "daily_report": (
        "no",
        N_("Send a daily report"),
        N_("What became of yesterday's messages: yes or no."),
    ),
    "report_to": (
        "",
        N_("Send the report to"),
        N_("Mail addresses, separated by commas."),
    ),
    "report_at": (
        "08:00",
        N_("At"),
        N_("HH:MM, of the day after. If nothing runs then, later on that day."),
    ),
}
YES_OR_NO = ("forward_last_message", "forward_handled", "daily_report")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class Notices:
    """The settings as typed values."""

    forward_to: tuple[str, ...]
    forward_last_message: bool
    forward_handled: bool
    forward_most: int
    daily_report: bool
    report_to: tuple[str, ...]
    report_at: time


def read(texts: Mapping[str, str]) -> Notices:
    """Typed values of the checked texts, of which every one is there."""
    hour, minute = texts["report_at"].split(":")
    return Notices(
        forward_to=_addresses(texts["forward_to"]),
        forward_last_message=texts["forward_last_message"] == "yes",
        forward_handled=texts["forward_handled"] == "yes",
        forward_most=int(texts["forward_most"]),
        daily_report=texts["daily_report"] == "yes",
        report_to=_addresses(texts["report_to"]),
        report_at=time(int(hour), int(minute)),
    )


def clean(name: str, value: str) -> str:
    """A value as it is stored; one that is wrong stays as it is."""
    if name in ADDRESSES:
        found = read_addresses(value)
        return value if isinstance(found, Problem) else ", ".join(found)
    if name == "report_at" and (match := _TIME.fullmatch(value)):
        return f"{int(match[1]):02}:{match[2]}"
    return value


def check(name: str, value: str) -> Problem | None:
    """Why a setting cannot have that value, or None."""
    if name in ADDRESSES:
        found = read_addresses(value)
        return found if isinstance(found, Problem) else None
    if name == "report_at" and not _TIME.fullmatch(value):
        words = N_("Write the time as HH:MM, for example 08:00.")
        return Problem("report_time", words)
    if name == "forward_most" and not _is_count(value):
        words = N_("%(key)s is a whole number from 1 to %(most)s.")
        return Problem("forward_most", words, key=name, most=MOST_A_MINUTE)
    return None


def check_together(
    texts: Mapping[str, str], changed: Mapping[str, str]
) -> dict[str, Problem]:
    """What does not fit together, beside what was changed."""
    touched = [name for name in ("report_to", "daily_report") if name in changed]
    if texts["daily_report"] != "yes" or texts["report_to"] or not touched:
        return {}
    words = N_("Say to whom the daily report goes, or turn it off.")
    return {touched[0]: Problem("report_to_nobody", words)}


def _is_count(value: str) -> bool:
    is_number = value.isascii() and value.isdecimal() and len(value) <= 4
    return is_number and 1 <= int(value) <= MOST_A_MINUTE


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(one for one in text.split(", ") if one)
