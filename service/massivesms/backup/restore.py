"""Restores a backup: all of it, or nothing is changed.

Everything is checked, then loaded into a database of its own beside ours and brought
up to date there; one RENAME TABLE puts the new tables in the place of the old ones.
Killed before that, nothing has changed; what is left over, the next restore removes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Any

from ..config import Config
from ..domain import settings as product_settings
from ..domain.words import N_, Problem
from ..errors import StoreError
from ..store import audit, erasure, migrations, restores, services
from ..store import settings as stored_settings
from ..store.audit import Actor
from ..store.backups import LEFT_OUT, Table
from ..store.db import Database
from ..store.failures import is_denied
from ..vault import NumberHash
from . import files
from .archive import BackupRefused, Reader, damaged, key_id, newer

Progress = Callable[[str, int], None]
PROGRESS_ROWS = 10_000


@dataclass(frozen=True, slots=True)
class Request:
    """What a person asks for."""

    replace: bool = False  # what is there goes
    resume: bool = False  # campaigns and sending as they were
    as_root: str = ""  # the command that has the rights, when these are not enough


@dataclass(slots=True)
class Restored:
    """What a restore did."""

    made_at: str
    rows: int = 0
    in_doubt: int = 0
    paused: int = 0
    audit_kept: int = 0
    refusals_kept: int = 0
    erased_again: int = 0  # numbers that the backup still had
    upgraded: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    other_key: bool = False  # passwords of trunks cannot be opened


def restore(
    db: Database,
    config: Config,
    file: IO[bytes],
    request: Request,
    actor: Actor,
    progress: Progress,
) -> Restored:
    """Puts a backup in the place of what is there. Raises MassiveSmsError.

    `db` is a user that may create databases on the server of our own.
    """
    reader = Reader(file)
    master = config.secret_key() if config.secret_key_file.exists() else None
    reader.check(master)
    work = _Restore(db, reader, request, master, actor, progress)
    try:
        work.run()
    except StoreError as error:
        if is_denied(error):
            raise StoreError(_needs_root(db, request, error)) from error
        raise
    work.restored.files = files.put_back(reader, config)
    work.restored.other_key = reader.manifest["key_id"] != key_id(config.secret_key())
    return work.restored


class _Restore:
    """One restore under way: `live` is what is there, `new` comes in its place."""

    def __init__(
        self,
        db: Database,
        reader: Reader,
        request: Request,
        master: bytes | None,
        actor: Actor,
        progress: Progress,
    ) -> None:
        self._db = db
        self._reader = reader
        self._request = request
        self._actor = actor
        self._progress = progress
        self._live = db.settings.name
        self._new = f"{self._live}_restore_new"
        self._old = f"{self._live}_restore_old"
        self._tables = _tables(reader)
        self._through = _schema(reader)
        self._master = master
        self._beside = restores.beside(db, self._new, NumberHash(lambda: master or b""))
        self.restored = Restored(made_at=reader.manifest["made_at"])

    def run(self) -> None:
        """Loads beside, then swaps; whatever fails leaves `live` as it is."""
        with self._db.transaction() as tx:
            if not restores.lock(tx):
                raise StoreError(_another())
        try:
            with self._db.transaction() as tx:  # refused first when rights are lacking
                if restores.stranded(tx, self._live, self._old):
                    raise StoreError(_broken_off(self._old))
                restores.create_database(tx, self._new)
                restores.create_database(tx, self._old)
            _look(self._db, self._request)
            self._load()
            self._settle()
            _look(self._db, self._request)  # the service may have been started
            with self._db.transaction() as tx:
                restores.swap(tx, self._live, self._new, self._old)
        finally:
            self._beside.close()
            with suppress(StoreError), self._db.transaction() as tx:
                if not restores.stranded(tx, self._live, self._old):
                    restores.drop_database(tx, self._new)
                    restores.drop_database(tx, self._old)

    def _load(self) -> None:
        """Makes the tables as they were, fills them and brings them up to date."""
        migrations.upgrade(self._beside, through=self._through)
        with self._beside.transaction() as tx:
            restores.empty(tx, self._tables)
        for table in self._tables:
            self.restored.rows += self._load_table(table)
        self.restored.upgraded = migrations.upgrade(self._beside)

    def _load_table(self, table: Table) -> int:
        loader, rows = restores.Loader(self._beside, table), 0
        for line in self._reader.lines(_part(table.name)):
            if not loader.add(line):
                raise BackupRefused(damaged(table.name))
            rows += 1
            if rows % PROGRESS_ROWS == 0:
                self._progress(table.name, rows)
        loader.flush()
        with self._beside.transaction() as tx:
            loaded = restores.finish(tx, table)
        expected = self._reader.manifest["tables"][table.name]["rows"]
        if not expected == rows == loaded:
            raise BackupRefused(damaged(table.name))
        self._progress(table.name, rows)
        return rows

    def _settle(self) -> None:
        """What a backup cannot know is put so that nothing is sent by itself."""
        restored = self.restored
        with self._beside.transaction() as tx:
            restored.in_doubt = restores.doubt(tx)
            if not self._request.resume:
                restored.paused = restores.hold_everything(tx)
            if "audit" in restores.present(tx, self._live):
                restored.audit_kept = restores.keep_audit(tx, self._live, self._new)
            restored.refusals_kept = restores.keep_refusals(tx, self._live, self._new)
            plan = product_settings.read(stored_settings.load(tx)).number_plan
        if self._master:  # without the old key nobody is known again by a hash
            again = erasure.erase_again(self._beside, plan, self._actor)
            restored.erased_again = again
        details = {
            "made_at": restored.made_at,
            "in_doubt": restored.in_doubt,
            "paused": restored.paused,
            "resume": self._request.resume,
            "erased_again": restored.erased_again,
        }
        with self._beside.transaction() as tx:
            audit.record(tx, self._actor, "backup.restore", self._live, details)


def _tables(reader: Reader) -> list[Table]:
    """What the manifest says of each table, as far as it can be true."""
    known = set(migrations.tables()) - LEFT_OUT
    found = []
    for name, said in reader.manifest["tables"].items():
        columns = said.get("columns") if isinstance(said, dict) else None
        if (
            name not in known
            or not isinstance(columns, dict)
            or not all(c.isidentifier() for c in columns)
            or not all(isinstance(said.get(n), int) for n in ("rows", "auto_increment"))
            or not columns
            or not reader.has(_part(name))
        ):
            raise BackupRefused(damaged(name))
        found.append(Table(name, columns, (), said["auto_increment"]))
    return found


def _part(table: str) -> str:
    return f"tables/{table}.rows"


def _schema(reader: Reader) -> int:
    """The version of the backup's schema; refused when we do not know it."""
    ours = [migration.version for migration in migrations.available()]
    theirs: list[Any] = reader.manifest["schema"]
    if not theirs or theirs != ours[: len(theirs)]:
        raise BackupRefused(newer(reader.manifest["version"]))
    return ours[len(theirs) - 1]


def _look(db: Database, request: Request) -> None:
    """Refuses while anybody uses the database, or when it holds data."""
    with db.transaction() as tx:
        live = db.settings.name
        if "service_instance" in restores.present(tx, live) and services.running(tx):
            raise StoreError(_in_use("service massivesms stop"))
        if others := restores.others(tx):
            who = ", ".join(sorted({f"{o['user']}@{o['host']}" for o in others}))
            raise StoreError(_in_use(who))
        if not request.replace and restores.holds_data(tx, live):
            raise StoreError(
                Problem(
                    "restore_data",
                    N_(
                        "The database %(name)s holds data, which a restore would"
                        " replace. Add --replace if that is what you want."
                        " Nothing was changed."
                    ),
                    name=live,
                )
            )


def _in_use(who: str) -> Problem:
    return Problem(
        "restore_in_use",
        N_(
            "The database is in use (%(who)s). Stop the service and the pages first:"
            " a restore needs it for itself. Nothing was changed."
        ),
        who=who,
    )


def _broken_off(place: str) -> Problem:
    return Problem(
        "restore_broken_off",
        N_(
            "An earlier restore was broken off while tables changed places: some of"
            " yours are in the database %(name)s. Move them back with RENAME TABLE,"
            " then try again. Nothing was changed."
        ),
        name=place,
    )


def _another() -> Problem:
    return Problem(
        "restore_another",
        N_("Another restore is running. Wait until it has ended."),
    )


def _needs_root(db: Database, request: Request, error: StoreError) -> Problem:
    return Problem(
        "restore_rights",
        N_(
            "The database user %(user)s may not do this: a restore makes new tables"
            " beside the old ones. Run as root: %(command)s (%(error)s) Nothing was"
            " changed."
        ),
        user=db.settings.user,
        command=request.as_root,
        error=error.problem.params.get("error", error),
    )
