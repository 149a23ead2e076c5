"""A whole takeover: looks at the source first, then brings part after part.

Order matters: the plan reads the numbers, trunks are named by campaigns. Each part
is committed as it goes, with marks, so that it can be stopped and taken up again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..config import DatabaseSettings
from ..domain import settings as product_settings
from ..domain.words import N_, Problem
from ..errors import MassiveSmsError, StoreError
from ..store import audit, original, taken_over
from ..store import settings as stored_settings
from ..store.audit import Actor
from ..store.db import Database, Transaction
from ..store.original import TABLES, Shape
from ..vault import Vault
from . import campaigns, lists, scripts, settings, trunks
from .report import Report
from .work import Progress, Work

#: The original touches what waits once a minute.
QUIET_S = 120
#: A database with two of these is the original's.
TELLTALE = ("sms_trunk", "list_numbers", "campaign_numbers")
#: part -> the tables without which it cannot be taken.
PARTS: tuple[tuple[str, tuple[str, ...], Callable[[Work], None]], ...] = (
    ("setting", ("config",), settings.take),
    ("trunk", ("sms_trunk",), trunks.take),
    ("list", ("list", "list_numbers"), lists.take),
    ("campaign", ("campaign", "campaign_numbers"), campaigns.take),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for."""

    source: DatabaseSettings
    their_scripts: Path
    dry_run: bool = False
    anyway: bool = False  # although the original seems to be running


@dataclass(frozen=True, slots=True)
class House:
    """Where it goes."""

    db: Database
    vault: Vault
    scripts_dir: Path
    actor: Actor


def take_over(request: Request, house: House, progress: Progress) -> Report:
    """Takes what is new in the source; the report, which is kept in the audit.

    Raises StoreError when the source is none or cannot be read, before anything is
    changed; what was taken until a later failure stays.
    """
    report = Report(request.source.name, request.dry_run)
    with original.reading(request.source) as source:
        shape = original.shape(source)
        _check_source(request, shape)
        _check_quiet(request, report, source, shape)
        work = _work(request, house, report, source, shape, progress)
        if request.dry_run:
            _take_parts(work)
            report.finished = True
            return report
        scripts.check_directory(house.scripts_dir)
        with house.db.transaction() as tx:
            if not taken_over.lock(tx):
                raise StoreError(_another())
        try:
            _take_parts(work)
            report.finished = True
        finally:
            _keep(house, report)
    return report


def _work(
    request: Request,
    house: House,
    report: Report,
    source: Transaction,
    shape: Shape,
    progress: Progress,
) -> Work:
    with house.db.transaction() as tx:
        ours = product_settings.read(stored_settings.load(tx))
    return Work(
        source=source,
        shape=shape,
        db=house.db,
        vault=house.vault,
        scripts_dir=house.scripts_dir,
        their_scripts=request.their_scripts,
        actor=house.actor,
        report=report,
        zone=ours.time_zone,
        plan=ours.number_plan,
        progress=progress,
    )


def _take_parts(work: Work) -> None:
    for kind, tables, take in PARTS:
        lacking = [_lack(table, work.shape) for table in tables]
        problems = [problem for problem in lacking if problem]
        if problems:
            work.report.refuse(kind, ", ".join(tables), problems[0])
        else:
            take(work)
    if "service_type_providers" in work.shape:
        work.report.note("trunk", "service_type_providers", _presets())


def _keep(house: House, report: Report) -> None:
    """The audit has the report, also of a takeover that was interrupted."""
    with house.db.transaction() as tx:
        audit.record(
            tx, house.actor, "takeover.run", report.database, report.for_audit()
        )
        taken_over.unlock(tx)


def _check_source(request: Request, shape: Shape) -> None:
    usable = [t for t in TELLTALE if not _lack(t, shape)]
    if len(usable) >= 2:
        return
    raise StoreError(
        Problem(
            "takeover_source",
            N_(
                "The database %(name)s is not the original module's, or too damaged:"
                " of its tables %(wanted)s only these can be used: %(found)s."
                " Nothing was changed."
            ),
            name=request.source.name,
            wanted=", ".join(TELLTALE),
            found=", ".join(usable) or "-",
        )
    )


def _lack(table: str, shape: Shape) -> Problem | None:
    """Why a table cannot be read, or None."""
    if table not in shape:
        return Problem(
            "takeover_table", N_("The table %(table)s is not there."), table=table
        )
    missing = [c for c in TABLES[table][0] if c not in shape[table]]
    if not missing:
        return None
    return Problem(
        "takeover_columns",
        N_("The table %(table)s has no column %(columns)s."),
        table=table,
        columns=", ".join(missing),
    )


def _check_quiet(
    request: Request, report: Report, source: Transaction, shape: Shape
) -> None:
    """What the original still sends must not be sent by us as well."""
    if "last" not in shape.get("campaign_numbers", {}):
        return
    idle_s = original.idle_s(source)
    if idle_s is None or not 0 <= idle_s < QUIET_S:
        return
    running = Problem(
        "takeover_running",
        N_(
            "The original module touched waiting messages %(seconds)s seconds ago: it"
            " seems to be running, and people would get messages twice. Stop it"
            " (service ixxmassivesms stop), wait two minutes and try again; if it is"
            " stopped for certain, add --anyway."
        ),
        seconds=idle_s,
    )
    if not request.dry_run and not request.anyway:
        raise MassiveSmsError(running)
    report.note("campaign", request.source.name, running)


def _another() -> Problem:
    return Problem(
        "takeover_another",
        N_("Another takeover is running. Wait until it has ended."),
    )


def _presets() -> Problem:
    return Problem(
        "takeover_presets",
        N_("The providers' presets were not taken: trunks hold server and port."),
    )
