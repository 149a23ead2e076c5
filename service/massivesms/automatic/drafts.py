"""What a person enters of a source, ready to be stored; its secrets encrypted.

The pages and the command line share this. A password is shown nowhere again.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from ..domain import sources as rules
from ..domain.settings import Settings
from ..domain.sources import Draft
from ..domain.webhooks import check_headers
from ..domain.words import Problem
from ..sources.found import Place
from ..store.db import Row
from ..store.sources import Stored
from ..vault import Vault

_HEADER = "header:"


def new(draft: Draft, vault: Vault, local_now: datetime) -> Stored | dict[str, Problem]:
    """A new source, or what is wrong with it by field."""
    if problems := _problems(draft):
        return problems
    first = rules.first_day(draft.run_at, local_now)
    return Stored(draft, vault.seal(_secrets(draft, {})), first, True)


def changed(
    draft: Draft, vault: Vault, row: Row, local_now: datetime
) -> Stored | dict[str, Problem]:
    """A source as it is to be; secrets of which the draft has None stay.

    But not for another server: nobody could else have a password sent to a place of
    their own. Raises ConfigError when they cannot be read with this key file.
    """
    if problems := _problems(draft):
        return problems
    target = ("kind", "host", "port", "place")
    is_same = all(getattr(draft, name) == row[name] for name in target)
    has_new = draft.password is not None or draft.headers is not None
    kept = vault.open(row["secrets"]) if is_same and row["secrets"] else {}
    first = row["first_day"]
    if (draft.run_at, draft.active) != (row["run_at"], row["active"]):
        first = rules.first_day(draft.run_at, local_now)
    return Stored(draft, vault.seal(_secrets(draft, kept)), first, has_new)


def _problems(draft: Draft) -> dict[str, Problem]:
    problems = rules.check(draft)
    if draft.headers and (problem := check_headers(draft.headers)):
        problems["headers"] = problem
    return problems


def _secrets(draft: Draft, kept: dict[str, str]) -> dict[str, str]:
    password = kept.get("password", "") if draft.password is None else draft.password
    headers = {k: v for k, v in kept.items() if k.startswith(_HEADER)}
    if draft.headers is not None:
        headers = {_HEADER + name: value for name, value in draft.headers.items()}
    return {"password": password, **headers}


def place_of(
    row: Row, vault: Vault, settings: Settings, directory: Path, day: date
) -> Place:
    """Where a stored source is, for one reading. Raises ConfigError."""
    opened = vault.open(row["secrets"])
    headers = (
        (name.removeprefix(_HEADER), value)
        for name, value in opened.items()
        if name.startswith(_HEADER)
    )
    return Place(
        kind=row["kind"],
        place=row["place"],
        host=row["host"],
        port=row["port"] or rules.PORTS.get(row["kind"], 0),
        user=row["user_name"],
        database=row["database_name"],
        tls=row["tls"],
        password=opened.get("password", ""),
        headers=tuple(headers),
        query=row["query"],
        day=day,
        timeout_s=row["timeout_s"],
        most_rows=row["most_rows"],
        own_hosts=settings.webhook_hosts,
        directory=directory,
        language=settings.language,
    )
