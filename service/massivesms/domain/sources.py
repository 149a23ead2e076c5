"""Sources of automatic loads: what a person enters, and when one is due.

A source says where rows come from, what is made of each, and when. How the other side
is read is massivesms.sources; what a run does is massivesms.automatic.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from . import source_queries
from .campaigns import check_name
from .mail_addresses import read_addresses
from .schedule import SendingHours
from .segments import check_text
from .sender_ids import check_sender_id
from .webhooks import check_url
from .words import N_, Problem

KIND_LABELS: Mapping[str, str] = {
    "mysql": N_("MySQL or MariaDB"),
    "postgresql": N_("PostgreSQL"),
    "sqlite": N_("SQLite file"),
    "folder": N_("Files dropped into a directory"),
    "url": N_("CSV at an address"),
}
SERVERS = ("mysql", "postgresql")
QUERIED = (*SERVERS, "sqlite")
PORTS: Mapping[str, int] = {"mysql": 3306, "postgresql": 5432}
DAY_LABELS = (
    *(N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday")),
    *(N_("Saturday"), N_("Sunday")),
)
EVERY_DAY = tuple(range(7))
MOST_SOURCES = 100
MAX_NAME = 80
MAX_PLACE = 1000
MOST_ROWS, USUAL_ROWS = 1_000_000, 50_000
MOST_TIMEOUT_S, USUAL_TIMEOUT_S = 600, 60
KEEP_DAYS = 400  # keys of what was loaded; older days are not asked for again
MOST_TRIES = 4
RETRY_S = 900
SHOWN = 50  # messages of a trial

RUN_LABELS: Mapping[str, str] = {
    "waiting": N_("Waiting"),
    "running": N_("Running"),
    "done": N_("Loaded"),
    "nothing": N_("Nothing to load"),
    "failed": N_("Failed"),
}
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,253}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A source as a person enters it; `password` and `headers` None = as they are."""

    name: str
    kind: str
    place: str = ""  # path of the file or directory, or the address
    host: str = ""
    port: int | None = None
    user: str = ""
    database: str = ""
    tls: bool = False
    password: str | None = None
    headers: Mapping[str, str] | None = None
    query: str = ""
    number_column: str = ""
    key_column: str = ""
    text: str = ""
    active: bool = True
    run_at: time = time(8)
    days: Sequence[int] = field(default=EVERY_DAY)  # 0 is Monday
    most_rows: int = USUAL_ROWS
    timeout_s: int = USUAL_TIMEOUT_S
    campaign: str = ""  # '' = the source's name
    trunk_id: int | None = None
    sender_id: str = ""
    hours: SendingHours | None = None
    paused: bool = False
    mail_to: str = ""


def check(draft: Draft) -> dict[str, Problem]:
    """The problems of a draft, by field; empty when it is good."""
    found: dict[str, Problem | None] = {
        "name": check_name(draft.name, MAX_NAME),
        "kind": _check_kind(draft.kind),
        "campaign": check_name(draft.campaign, MAX_NAME) if draft.campaign else None,
        "text": check_text(draft.text) if draft.text else None,
        "sender_id": check_sender_id(draft.sender_id),
        "days": _check_days(draft.days),
        "most_rows": _check_whole("most_rows", draft.most_rows, MOST_ROWS),
        "timeout_s": _check_whole("timeout_s", draft.timeout_s, MOST_TIMEOUT_S),
        "mail_to": _check_addresses(draft.mail_to),
    }
    if draft.kind in SERVERS:
        found |= _check_server(draft)
    elif draft.kind == "url":
        found["place"] = check_url(draft.place)
    elif draft.kind in KIND_LABELS:
        found["place"] = _check_path(draft.place)
    if draft.kind in QUERIED:
        found["query"] = source_queries.check(draft.query, draft.kind)
    return {name: problem for name, problem in found.items() if problem}


def _check_kind(kind: str) -> Problem | None:
    if kind in KIND_LABELS:
        return None
    words = N_("Choose where the rows come from: %(known)s.")
    return Problem("source_kind", words, known=", ".join(KIND_LABELS))


def _check_server(draft: Draft) -> dict[str, Problem | None]:
    missing = N_("This is missing.")
    found: dict[str, Problem | None] = {
        name: None if value.strip() else Problem("value_needed", missing)
        for name, value in (("user", draft.user), ("database", draft.database))
    }
    if not _HOST.fullmatch(draft.host):
        words = N_("Write the server's name or address.")
        found["host"] = Problem("host_form", words)
    if draft.port is not None and not 0 < draft.port < 65536:
        found["port"] = Problem("port_form", N_("A port is a number up to 65535."))
    return found


def _check_path(path: str) -> Problem | None:
    if path.startswith("/") and path.isprintable() and len(path) <= MAX_PLACE:
        return None
    return Problem("path_form", N_("Write the whole path, which begins with /."))


def _check_days(days: Sequence[int]) -> Problem | None:
    if days and all(day in EVERY_DAY for day in days):
        return None
    return Problem("days_missing", N_("Choose at least one day of the week."))


def _check_whole(name: str, value: int, most: int) -> Problem | None:
    if 1 <= value <= most:
        return None
    return Problem(name, N_("A whole number from 1 to %(most)s."), most=most)


def _check_addresses(text: str) -> Problem | None:
    found = read_addresses(text)
    return found if isinstance(found, Problem) else None


def first_day(run_at: time, local_now: datetime) -> date:
    """The first day on which a source runs by itself: today if the hour is to come.

    So that nothing is sent by the mere saving of a source in the afternoon.
    """
    today = local_now.date()
    return today if local_now.time() < run_at else today + timedelta(days=1)


def is_due(row: Mapping[str, object], local_now: datetime) -> bool:
    """Whether a stored source should have run today by the local clock."""
    run_at, days, first = row["run_at"], row["days"], row["first_day"]
    assert isinstance(run_at, time) and isinstance(first, date)
    assert isinstance(days, Sequence)
    today = local_now.date()
    return (
        bool(row["active"])
        and today >= first
        and today.weekday() in days
        and local_now.time() >= run_at
    )


def check_dates(day: date, send_on: date, today: date) -> Problem | None:
    """Refuses dates for which a run makes no sense."""
    if send_on < today:
        return Problem("send_past", N_("The day of sending has passed already."))
    words = N_("Choose a date within a year of today.")
    latest = today + timedelta(days=366)
    if send_on > latest:
        return Problem("send_far", words)
    if not today - timedelta(days=KEEP_DAYS - 30) <= day <= latest:
        return Problem("day_far", words)
    return None


def start_of(send_on: date, run_at: time, local_now: datetime) -> datetime | None:
    """When a run's campaign starts, by the local clock; None = at once."""
    if send_on <= local_now.date():
        return None
    return datetime.combine(send_on, run_at, local_now.tzinfo)
