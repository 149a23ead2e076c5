"""The settings of the product that users change: names, defaults, checks.

Turns the stored texts into typed values for the other rooms and refuses values
that make no sense, in the words of the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from . import answer_settings, mail_notices, own_hosts, text_settings
from .answer_settings import ANSWER_SETTINGS, AnswerSettings
from .event_kinds import DEFAULT_KINDS, check_kinds, clean_kinds, read_kinds
from .keywords import read_phrases
from .mail_notices import Notices
from .numbers import NumberPlan, read_country_code, read_prefixes
from .own_hosts import OwnHosts
from .schedule import SendingHours, read_hours, zone
from .smart_text import Choice, read_choice
from .text_settings import TEXT_SETTINGS
from .words import N_, Problem

LANGUAGES = {"en": "English", "es": "Español"}
DAYS = ("log_keep_days", "keep_days")
MOST_DAYS = 36_500

#: name -> (default, label, hint)
SETTINGS: Mapping[str, tuple[str, str, str]] = {
    "country_code": (
        "",
        N_("Country code"),
        N_("Of your own country, for numbers written without it: 34, 56, 52 ..."),
    ),
    "mobile_prefixes": (
        "",
        N_("Mobile prefixes"),
        N_("How mobile numbers begin here, separated by commas: 6, 7"),
    ),
    "min_mobile_length": (
        "",
        N_("Shortest mobile number"),
        N_("Digits without the country code."),
    ),
    "max_mobile_length": (
        "",
        N_("Longest mobile number"),
        N_("Digits without the country code."),
    ),
    "time_zone": (
        "UTC",
        N_("Time zone"),
        N_("Of the sending hours and of all times shown, such as Europe/Madrid."),
    ),
    "language": (
        "",
        N_("Language"),
        N_("Of the pages, for users who have chosen none. Empty: the browser's."),
    ),
    "sending_hours": (
        "",
        N_("Sending hours of everything"),
        N_("HH:MM-HH:MM; nothing leaves outside them. Empty: at any hour."),
    ),
    "replace_characters": (
        str(Choice.MARKS),
        N_("Characters that cost more"),
        N_("What forms replace in new messages, unless chosen otherwise there."),
    ),
    "write_call_records": (
        "no",
        N_("Write sent messages into the call records"),
        N_("Each as a row of the PBX's call records, without its text: yes or no."),
    ),
    "log_events": (
        DEFAULT_KINDS,
        N_("Recorded events"),
        N_("Kinds of the event log, separated by commas; errors always are."),
    ),
    "log_keep_days": (
        "30",
        N_("Days of the event log"),
        N_("Older files are deleted. Empty: none ever is."),
    ),
    "keep_days": (
        "",
        N_("Days that messages are kept"),
        N_("Then their numbers and texts are purged; counts stay. Empty: for ever."),
    ),
    "webhook_hosts": (
        "",
        N_("Own hosts"),
        N_(
            "Hosts of your own network that webhooks may be sent to, separated by"
            " commas: crm.example, 192.168.1.20, 10.0.0.0/8. All others must be on the"
            " public internet."
        ),
    ),
    "approval_above": (
        "",
        N_("Campaigns that need an approval"),
        N_(
            "Those of more messages than this wait until a second person approves"
            " them. Empty: none does."
        ),
    ),
    "sending": ("yes", N_("Sending"), N_("no stops all sending until it is yes.")),
    **TEXT_SETTINGS,
    **mail_notices.SETTINGS,
    **ANSWER_SETTINGS,
}
YES_OR_NO = (
    *("sending", "write_call_records"),
    *(*mail_notices.YES_OR_NO, *answer_settings.YES_OR_NO),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings as typed values."""

    number_plan: NumberPlan
    time_zone: ZoneInfo
    language: str
    sending_hours: SendingHours | None
    sending: bool
    write_call_records: bool
    replace_characters: Choice
    log_events: frozenset[str]
    log_keep_days: int | None
    keep_days: int | None
    notices: Notices
    webhook_hosts: OwnHosts
    answers: AnswerSettings
    signature: str
    refused_words: tuple[str, ...]
    texts: Mapping[str, str]  # as stored, with defaults


def with_defaults(stored: Mapping[str, str]) -> dict[str, str]:
    """The text of every setting."""
    return {name: stored.get(name, spec[0]) for name, spec in SETTINGS.items()}


def read(stored: Mapping[str, str]) -> Settings:
    """Typed settings from stored ones, which `check` has passed before."""
    texts = with_defaults(stored)
    found_zone = zone(texts["time_zone"])
    hours = read_hours(texts["sending_hours"]) if texts["sending_hours"] else None
    return Settings(
        number_plan=_plan(texts),
        time_zone=found_zone if isinstance(found_zone, ZoneInfo) else ZoneInfo("UTC"),
        language=texts["language"],
        sending_hours=hours if isinstance(hours, SendingHours) else None,
        sending=texts["sending"] != "no",
        write_call_records=texts["write_call_records"] == "yes",
        replace_characters=read_choice(texts["replace_characters"], Choice.MARKS),
        log_events=read_kinds(texts["log_events"]),
        log_keep_days=_days(texts["log_keep_days"]),
        keep_days=_days(texts["keep_days"]),
        notices=mail_notices.read(texts),
        webhook_hosts=own_hosts.read(texts["webhook_hosts"]),
        answers=answer_settings.read(texts),
        signature=texts["signature"],
        refused_words=tuple(read_phrases(texts["refused_words"])),
        texts=texts,
    )


def check(
    changes: Mapping[str, str], stored: Mapping[str, str]
) -> dict[str, str] | dict[str, Problem]:
    """Cleaned changes to store, or the problems by name.

    Nothing is stored when one of them is wrong.
    """
    problems: dict[str, Problem] = {}
    clean: dict[str, str] = {}
    for name, value in changes.items():
        if name not in SETTINGS:
            problems[name] = Problem(
                "setting_unknown",
                N_("There is no setting %(name)s. The settings are: %(known)s."),
                name=name,
                known=", ".join(SETTINGS),
            )
            continue
        clean[name] = _clean(name, value)
        problem = _check_one(name, clean[name])
        if problem:
            problems[name] = problem
    if not problems:
        whole = with_defaults({**stored, **clean})
        problems = _check_plan(whole, clean)
        problems |= mail_notices.check_together(whole, clean)
        if not clean.keys().isdisjoint(ANSWER_SETTINGS):
            problems |= answer_settings.check_together(whole)
    return problems or clean


def audited(name: str, before: str, after: str) -> list[str]:
    """A change as the log of changes has it: never the text of a message."""
    if name in ANSWER_SETTINGS:
        return answer_settings.audited(name, before, after)
    if name in TEXT_SETTINGS:
        return text_settings.audited(name, before, after)
    return [before, after]


def _clean(name: str, value: str) -> str:
    if name in ANSWER_SETTINGS:
        return answer_settings.clean(name, value)
    if name in TEXT_SETTINGS:
        return text_settings.clean(name, value)
    value = value.strip()
    if name == "country_code":
        return read_country_code(value)
    if name == "mobile_prefixes":
        return ",".join(read_prefixes(value))
    if name == "log_events":
        return clean_kinds(value)
    if name == "webhook_hosts":
        return own_hosts.clean(value)
    if name in (*YES_OR_NO, "language", "replace_characters"):
        return value.lower()
    return mail_notices.clean(name, value)


def _check_one(name: str, value: str) -> Problem | None:
    if name == "time_zone":
        found = zone(value)
        return found if isinstance(found, Problem) else None
    if name == "sending_hours" and value:
        hours = read_hours(value)
        return hours if isinstance(hours, Problem) else None
    if name == "log_events":
        return check_kinds(value)
    if name == "webhook_hosts":
        return own_hosts.check(value)
    if name in DAYS and value:
        return _check_days(name, value)
    if name == "language" and value and value not in LANGUAGES:
        return Problem(
            "language_unknown",
            N_("The languages are: %(known)s."),
            known=", ".join(LANGUAGES),
        )
    if name == "replace_characters" and value not in set(Choice):
        known = ", ".join(Choice)
        return Problem("setting_choice", N_("It is one of: %(known)s."), known=known)
    if name in YES_OR_NO and value not in ("yes", "no"):
        return Problem("setting_yes_no", N_("%(key)s is yes or no."), key=name)
    if name in ANSWER_SETTINGS:
        return answer_settings.check_one(name, value)
    if name in TEXT_SETTINGS:
        return text_settings.check(name, value)
    if name == "approval_above" and value:
        is_number = value.isascii() and value.isdecimal() and len(value) <= 9
        words = N_("%(key)s is a whole number, or empty.")
        return None if is_number else Problem("setting_number", words, key=name)
    is_length = name in ("min_mobile_length", "max_mobile_length")
    if is_length and value and not (value.isascii() and value.isdecimal()):
        return Problem("setting_digits", N_("%(key)s is a whole number."), key=name)
    return mail_notices.check(name, value)


def _check_days(name: str, value: str) -> Problem | None:
    is_number = value.isascii() and value.isdecimal() and len(value) <= 6
    if is_number and 1 <= int(value) <= MOST_DAYS:
        return None
    words = N_("%(key)s is a number of days from 1 to %(most)s, or empty.")
    return Problem("setting_days", words, key=name, most=MOST_DAYS)


def _days(text: str) -> int | None:
    return int(text) if text else None


def _plan(texts: Mapping[str, str]) -> NumberPlan:
    return NumberPlan(
        country_code=texts["country_code"],
        mobile_prefixes=tuple(p for p in texts["mobile_prefixes"].split(",") if p),
        min_mobile_length=int(texts["min_mobile_length"] or 0),
        max_mobile_length=int(texts["max_mobile_length"] or 0),
    )


def _check_plan(
    texts: Mapping[str, str], changed: Mapping[str, str]
) -> dict[str, Problem]:
    """Problems of the plan that the changes would make, beside what was changed."""
    result: dict[str, Problem] = {}
    for problem in _plan(texts).check():
        name = _PLAN_FIELDS[problem.code]
        result[name if name in changed else next(iter(changed), name)] = problem
    return result


_PLAN_FIELDS = {
    "country_code_form": "country_code",
    "country_code_unknown": "country_code",
    "prefix_form": "mobile_prefixes",
    "prefix_trunk_digit": "mobile_prefixes",
    "length_range": "min_mobile_length",
    "length_order": "max_mobile_length",
}
