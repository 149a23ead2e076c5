"""One run of a source: read all of it, then load it as one campaign, or nothing.

What is loaded, which rows and files those were, the end of the run and its summary are
one transaction: a run that dies anywhere can be carried out again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ..domain import sources as rules
from ..domain.campaigns import Draft
from ..domain.recipients import BadRow, Screening
from ..domain.recipients import Row as SpooledRow
from ..domain.segments import split
from ..domain.settings import Settings
from ..domain.templates import places
from ..domain.text_settings import signed
from ..errors import ImportRefused, MassiveSmsError, StoreError
from ..intake import campaign_loads
from ..intake.load_sources import Source
from ..intake.loads import Loaded
from ..sources import files, reading
from ..sources.found import Dropped, SourceFailed
from ..sources.reading import Wanted
from ..store import campaigns, source_runs, sources
from ..store.audit import Actor
from ..store.db import Database, Row, Transaction
from ..store.failures import CommitUnknown, StoreUnavailable
from ..vault import Vault
from . import summary
from .drafts import place_of
from .spool import Spool

NOTHING_USABLE = {"no_rows", "no_valid_number"}


@dataclass(frozen=True, slots=True)
class House:
    """What a run stands on."""

    db: Database
    vault: Vault
    settings: Settings
    directory: Path  # files of sources are below it
    now: Callable[[], datetime]

    @property
    def local_now(self) -> datetime:
        """The moment by the configured clock."""
        return self.now().astimezone(self.settings.time_zone)


class Lost(Exception):  # noqa: N818 - nothing is wrong
    """The run is not ours any more: it was thought dead, or its source is removed."""


@dataclass(slots=True)
class Trial:
    """What a run would load: the first messages, totals, the first bad rows."""

    messages: list[tuple[str, str, int]] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    rows: int = 0
    accepted: int = 0
    duplicates: int = 0
    refused: int = 0
    segments: int = 0


def try_out(house: House, source: Row, day: date) -> Trial:
    """What a run for a day would load, with nothing stored.

    Raises SourceFailed, ConfigError, StoreError.
    """
    trial = Trial()
    with _read(house, source, day, None) as spool:
        own, signature = source["text"], house.settings.signature
        template = signed(own, signature) if own else ""
        screening = Screening(
            house.settings.number_plan,
            template=template,
            seen=_rows(source, spool).seen,
            texts_required=not own,
            signature=signature,
        )
        for verdict in screening.screen(spool.rows()):
            if isinstance(verdict, BadRow):
                if len(trial.bad) < rules.SHOWN:
                    trial.bad.append(verdict)
                continue
            text = verdict.text or template
            segments = len(split(text).parts)
            trial.segments += segments
            if len(trial.messages) < rules.SHOWN:
                trial.messages.append((verdict.number.e164, text, segments))
        found = screening.summary
        trial.rows = spool.count
        trial.accepted, trial.refused = found.accepted, found.refused
        trial.duplicates = found.duplicates
    return trial


def carry_out(house: House, run: Row, owner: str) -> str:
    """Carries out a run that is ours; its state at the end. Raises StoreError, Lost."""
    source = house.db.atomically(lambda tx: sources.by_id(tx, run["source_id"]))
    if source is None:
        raise Lost
    dropped: list[Dropped] = []
    try:
        return _load(house, source, run, owner, dropped)
    except StoreError as error:
        if not _may_be_said(error):
            raise
        return _fail(house, source, run, owner, error, dropped)
    except MassiveSmsError as error:
        return _fail(house, source, run, owner, error, dropped)


def _may_be_said(error: StoreError) -> bool:
    """Whether the database is there, and refuses what is stored."""
    return not isinstance(error, CommitUnknown | StoreUnavailable)


@contextmanager
def _read(
    house: House, source: Row, day: date, dropped: list[Dropped] | None
) -> Iterator[Spool]:
    """All rows of a source, those marked that were loaded before.

    `dropped` gets the files that are read, also when that fails; None is a trial.
    """
    place = place_of(source, house.vault, house.settings, house.directory, day)
    wanted = Wanted(source["text"], source["number_column"], source["key_column"])
    known = set()
    if source["kind"] == "folder":
        known = house.db.atomically(lambda tx: sources.known_files(tx, source["id"]))
    plan, hash_of = house.settings.number_plan, house.db.hash_of
    with Spool(plan, source["key_column"], hash_of) as spool:
        with reading.opened(place, known, is_trial=dropped is None) as found:
            if dropped is not None:
                dropped += found.files
            spool.take(reading.rows(found, wanted, place.most_rows))
        spool.mark_known(
            lambda keys: house.db.atomically(
                lambda tx: sources.known_keys(tx, source["id"], day, keys)
            )
        )
        yield spool


def _rows(source: Row, spool: Spool) -> Source:
    return Source(
        "automatic",
        spool.rows(),
        source["name"],
        is_huge=True,
        known=lambda: places(source["text"]),  # the reading has looked for them
    )


def _load(
    house: House, source: Row, run: Row, owner: str, dropped: list[Dropped]
) -> str:
    with _read(house, source, run["day"], dropped) as spool:
        if not _has_new(spool):
            state = "nothing"
            house.db.atomically(
                lambda tx: _nothing(tx, house, source, run, owner, spool, dropped)
            )
        else:
            state = _store_new(house, source, run, owner, spool, dropped)
    for one in dropped:
        files.move_aside(one, files.DONE)
    return state


def _store_new(
    house: House,
    source: Row,
    run: Row,
    owner: str,
    spool: Spool,
    dropped: list[Dropped],
) -> str:
    """Stores what is new; of a day that was loaded only bad rows may be left."""
    try:
        _store(house, source, run, owner, spool, dropped)
    except ImportRefused as error:
        if not spool.known or error.problem.code not in NOTHING_USABLE:
            raise
        house.db.atomically(
            lambda tx: _nothing(tx, house, source, run, owner, spool, dropped)
        )
        return "nothing"
    return "done"


def _has_new(spool: Spool) -> bool:
    """Whether there is a row that was not loaded before."""
    return not all(map(_is_repeated, spool.rows()))


def _is_repeated(row: SpooledRow) -> bool:
    return row.problem is not None and row.problem.code == "duplicate"


def _go_on(
    tx: Transaction, house: House, source: Row, run: Row, dropped: list[Dropped]
) -> None:
    """Has a run of its own wait for the next file of a folder."""
    if dropped and files.has_more(house.directory, source["place"], dropped):
        source_runs.begin(tx, source, run["day"], run["send_on"], None)


def _nothing(
    tx: Transaction,
    house: House,
    source: Row,
    run: Row,
    owner: str,
    spool: Spool,
    dropped: list[Dropped],
) -> None:
    repeated = sum(map(_is_repeated, spool.rows()))
    counts = {
        "rows_read": spool.count,
        "duplicates": repeated,
        "refused": spool.count - repeated,
    }
    if not source_runs.finish(tx, run["id"], owner, "nothing", **counts):
        raise Lost
    _go_on(tx, house, source, run, dropped)
    summary.put(tx, house.settings, source, run, counts)


def _store(
    house: House,
    source: Row,
    run: Row,
    owner: str,
    spool: Spool,
    dropped: list[Dropped],
) -> None:
    def finish(tx: Transaction, loaded: Loaded) -> None:
        sources.hold(tx, source["id"])
        for batch in spool.batches():
            first, last = batch[0].line, batch[-1].line
            bad = sources.bad_lines(tx, loaded.import_id, first, last)
            keys = [row.key for row in batch if row.line not in bad]
            sources.add_keys(tx, source["id"], run["day"], keys)
        for one in dropped:
            sources.add_file(tx, source["id"], one.digest)
        counts = {
            "import_id": loaded.import_id,
            "campaign_id": loaded.target_id,
            "rows_read": spool.count,
            "accepted": loaded.accepted,
            "duplicates": loaded.duplicates,
            "refused": loaded.refused,
        }
        if not source_runs.finish(tx, run["id"], owner, "done", **counts):
            raise Lost
        _go_on(tx, house, source, run, dropped)
        summary.put(tx, house.settings, source, run, counts)

    campaign_loads.create_campaign_from_file(
        house.db,
        _draft(house, source, run),
        _rows(source, spool),
        house.settings.number_plan,
        Actor(run["started_by"]),
        finish,
    )


def _draft(house: House, source: Row, run: Row) -> Draft:
    """The campaign of a run, named with the day, and with a number when taken."""
    base = f"{source['campaign'] or source['name']} {run['day']}"
    name, n = base, 1
    while house.db.atomically(lambda tx, one=name: campaigns.is_taken(tx, one)):  # type: ignore[misc]
        n += 1
        name = f"{base} ({n})"
    start = rules.start_of(run["send_on"], source["run_at"], house.local_now)
    return Draft(
        name=name,
        text=source["text"],
        sender_id=source["sender_id"],
        start_at=start,
        hours=source["hours"],
        trunk_id=source["trunk_id"],
        paused=source["paused"],
    )


def _fail(
    house: House,
    source: Row,
    run: Row,
    owner: str,
    error: MassiveSmsError,
    dropped: list[Dropped],
) -> str:
    """Says at the run why it failed; a passing fault of a daily run is tried again.

    Raises Lost when it is not ours any more: what came of it is another's to say.
    """
    if not house.db.atomically(lambda tx: source_runs.beat(tx, run["id"], owner)):
        raise Lost
    problem = error.problem
    may_pass = isinstance(error, SourceFailed) and error.may_pass
    if isinstance(error, StoreError) and not isinstance(error, ImportRefused):
        may_pass = True  # another run of the same source was quicker
    retry_s = rules.RETRY_S if may_pass and run["daily_on"] is not None else None

    if isinstance(error, SourceFailed) and error.dropped:
        dropped = [*dropped, error.dropped]
    if not may_pass:  # the file stays wrong: the next one is not to wait for it
        for one in dropped:
            files.move_aside(one, files.REFUSED)
    gone = [one for one in dropped if not one.path.exists()]

    def write(tx: Transaction) -> None:
        _go_on(tx, house, source, run, gone)
        again = source_runs.fail(tx, run["id"], owner, problem, retry_s)
        if again is None:
            raise Lost
        if not again:
            summary.put(tx, house.settings, source, run, {}, problem)

    house.db.atomically(write)
    return "failed"
