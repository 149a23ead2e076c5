"""What the import wizard has done with a staged file: it is counted, then loaded.

Counting writes nothing but what it found; loading is one transaction, so a cancel or
a crash leaves nothing. Both go through a file of any size with flat memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..background import Job, Stopped
from ..config import Config
from ..domain import kept_drafts, kept_problems
from ..domain import settings as product_settings
from ..domain.number_sets import NumberSet
from ..domain.numbers import NumberPlan
from ..domain.recipients import BadRow, Recipient, Row, Screening, Tally
from ..domain.smart_text import Choice, Improver
from ..domain.words import N_, Problem
from ..errors import ImportRefused
from ..store import erased, lists, load_jobs, settings, staged_loads
from ..store.db import Database, Transaction
from ..store.db import Row as StoredRow
from . import campaign_loads, load_sources, loads, mapping, staging
from .load_sources import Source
from .loads import Loaded
from .read_ahead import read_ahead
from .same_file import loaded_today

AT_ONCE_BYTES = 256 * 1024  # counted while the person waits: some thousand rows
SHOWN_BAD = 200
SHOWN_LETTERS = 80
ROWS_A_LOOK = 1000


@dataclass(slots=True)
class _Count:
    """What would become of the rows."""

    accepted: int
    with_text: int
    duplicates: int
    reasons: Mapping[str, Tally]
    bad: list[BadRow]
    notes: list[Problem]

    def stored(self) -> dict[str, Any]:
        """For JSON; bad rows with as much of their number as is shown."""
        refused = sum(tally.count for tally in self.reasons.values())
        return {
            "accepted": self.accepted,
            "with_text": self.with_text,
            "duplicates": self.duplicates,
            "refused": refused,
            "rows": self.accepted + self.duplicates + refused,
            "reasons": [
                {
                    "problem": kept_problems.stored(tally.example),
                    "count": tally.count,
                    "lines": tally.lines,
                }
                for tally in self.reasons.values()
            ],
            "bad": [
                {
                    "line": row.line,
                    "number": row.raw_number[:SHOWN_LETTERS],
                    "problem": kept_problems.stored(row.problem),
                }
                for row in self.bad
            ],
            "notes": [kept_problems.stored(note) for note in self.notes],
        }


def file_of(config: Config, staged: StoredRow) -> Path:
    """The file of a staged load. Raises ImportRefused when it is gone."""
    path = staging.path_of(config.exports_dir, staged["file"])
    if path is None:
        raise ImportRefused(_gone())
    return path


def _gone() -> Problem:
    return Problem(
        "staged_gone", N_("The file is no longer kept here: choose it once more.")
    )


def count(
    db: Database, config: Config, staged: StoredRow, job: Job | None = None
) -> dict[str, Any]:
    """What would become of the rows, by the choices made; for staged_loads.checked.

    Raises ImportRefused when the file cannot be read, Stopped by the job.
    """
    with db.transaction() as tx:
        ours = product_settings.read(settings.load(tx))
    plan, zone = ours.number_plan, ours.time_zone
    again = loaded_today(db, _digest(config, staged), zone, datetime.now(UTC))
    is_campaign = staged["target"] == "campaign"
    screening = Screening(plan, texts_allowed=is_campaign, seen=NumberSet())
    found = _Count(0, 0, 0, {}, [], [again] if again else [])
    rows = _rows(config, staged, job, found.notes)
    already = 0
    for batch in read_ahead(screening.screen(rows), loads.BATCH):
        with db.transaction() as tx:
            already += _look(tx, staged, screening, batch, found.bad)
        if job:
            job.check()
    found.notes += screening.notes
    summary = screening.summary
    found.accepted = summary.accepted - already
    found.with_text = summary.with_text
    found.duplicates = summary.duplicates + already
    found.reasons = summary.problems
    return found.stored()


def _look(
    tx: Transaction,
    staged: StoredRow,
    screening: Screening,
    batch: list[Recipient | BadRow],
    shown: list[BadRow],
) -> int:
    """Notes the bad rows of a batch; how many good ones the list has already."""
    numbers = [r.number.e164 for r in batch if isinstance(r, Recipient)]
    gone = erased.among(tx, numbers)
    there = set[str]()
    if staged["list_id"]:
        there = lists.present(tx, staged["list_id"], numbers) - gone
    already = 0
    for row in batch:
        bad = row if isinstance(row, BadRow) else None
        if isinstance(row, Recipient) and row.number.e164 in gone:
            screening.take_back(row, erased.problem())
            bad = BadRow(row.line, "", erased.problem())
        elif isinstance(row, Recipient) and row.number.e164 in there:
            already += 1
            bad = BadRow(row.line, row.number.e164, loads.in_list(row).problem)
        if bad and len(shown) < SHOWN_BAD:
            shown.append(bad)
    return already


def carry_out_check(job: Job, config: Config) -> None:
    """Counts a large file. Raises Stopped, and ImportRefused with the reason."""
    staged = _staged(job)
    if staged["check_job_id"] != job.id:  # another choice was made since
        raise Stopped
    found = count(job.db, config, staged, job)
    with job.db.transaction() as tx:
        counts = (found["accepted"], found["refused"])
        if not load_jobs.counted(tx, job.id, job.owner, *counts):
            raise Stopped
        staged_loads.checked(tx, staged["id"], found, job.id)


def carry_out_load(job: Job, config: Config) -> None:
    """Loads a staged file. Raises Stopped, and what is to be said when it failed."""
    staged = _staged(job)
    if staged["load_job_id"] != job.id:
        raise Stopped
    with job.db.transaction() as tx:
        plan = product_settings.read(settings.load(tx)).number_plan
    source = _source(config, staged, job)
    _save(job, staged, source, plan)
    staging.drop(config.exports_dir, staged["file"])


def _source(config: Config, staged: StoredRow, job: Job) -> Source:
    mapped = staged["mapping"] or {}
    notes: list[Problem] = []
    return Source(
        "file",
        _rows(config, staged, job, notes),
        staged["name"],
        digest=_digest(config, staged),
        is_huge=True,
        notes=notes,
        known=lambda: mapping.fields_of(mapped),
    )


def _digest(config: Config, staged: StoredRow) -> bytes | None:
    with open(file_of(config, staged), "rb") as file:
        return load_sources.digest_of(file)


def _save(job: Job, staged: StoredRow, source: Source, plan: NumberPlan) -> None:
    def finish(tx: Transaction, loaded: Loaded) -> None:
        list_id = loaded.target_id if staged["target"] != "campaign" else 0
        ended = (job.id, job.owner, list_id, loaded.import_id)
        if not load_jobs.finish(tx, *ended):
            raise Stopped

    db, actor = job.db, job.actor
    if staged["target"] == "campaign":
        draft = kept_drafts.read(job.params["draft"])
        improver = Improver(Choice(job.params["characters"]))
        campaign_loads.create_campaign_from_file(
            db, draft, source, plan, actor, finish, improver=improver
        )
    elif staged["target"] == "list":
        loads.add_to_list(db, staged["list_id"], source, plan, actor, finish)
    else:
        name, description = staged["list_name"], staged["list_description"]
        loads.create_list(db, name, description, source, plan, actor, finish)


def _rows(
    config: Config, staged: StoredRow, job: Job | None, notes: list[Problem]
) -> Iterator[Row]:
    """The rows by the chosen columns; the job learns how many there were."""
    path = file_of(config, staged)
    total = (staged["checked"] or {}).get("rows", 0)
    chosen = (staged["sheet"] or "", staged["mapping"] or {})
    found = mapping.rows(path, *chosen, notes)
    for done, row in enumerate(found, 1):
        if job and done % ROWS_A_LOOK == 0:
            job.progress.found = done
            job.watch(min(done, total), total)
        yield row


def _staged(job: Job) -> StoredRow:
    with job.db.transaction() as tx:
        staged = staged_loads.by_id(tx, job.params["staged_id"])
    if staged is None:
        raise ImportRefused(_gone())
    return staged


def tidy(db: Database, config: Config) -> None:
    """Forgets what is a day old, with its file. To be called now and then."""
    staging.tidy(config.exports_dir, db.atomically(staged_loads.tidy))
