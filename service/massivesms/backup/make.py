"""Makes a backup: every table in one snapshot, the scripts, the configuration.

Passwords of trunks stay encrypted in their rows, those of the configuration file are
left out; the key files come only when asked for.
"""

from __future__ import annotations

import os
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from .. import __version__, script_files
from ..config import Config
from ..domain.words import N_, Problem
from ..errors import ConfigError
from ..store import audit, backups, migrations
from ..store.audit import Actor
from ..store.backups import Table
from ..store.db import Database, Transaction
from .archive import Writer

Progress = Callable[[str, int], None]
PROGRESS_ROWS = 10_000
LINES_AT_ONCE = 1000
_PASSWORD = re.compile(r"^([ \t]*password[ \t]*[=:]).*(?:\n[ \t]+\S.*)*", re.I | re.M)
KEYS = {"keys/secret.key": "secret_key_file", "keys/sso.key": "sso_key_file"}


@dataclass(frozen=True, slots=True)
class Made:
    """What a backup holds."""

    rows: int
    scripts: int
    with_keys: bool


def make(
    db: Database,
    config: Config,
    file: IO[bytes],
    actor: Actor,
    progress: Progress,
    *,
    with_keys: bool = False,
) -> Made:
    """Writes a backup into an open file. Raises StoreError or ConfigError."""
    migrations.check(db)
    master = config.secret_key()
    writer = Writer(file)
    tables: dict[str, dict[str, Any]] = {}
    with backups.reading(db) as tx:
        for table in backups.tables(tx):
            rows = _add_table(writer, tx, table, progress)
            tables[table.name] = {
                "columns": dict(table.columns),
                "rows": rows,
                "auto_increment": table.auto_increment,
            }
    scripts = _add_scripts(writer, config.scripts_dir)
    writer.add("massivesms.conf", [_without_passwords(config.file)])
    if with_keys:
        _add_keys(writer, config)
    manifest = {
        "version": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": socket.gethostname(),
        "database": config.database.name,
        "schema": migrations.applied(db),
        "with_keys": with_keys,
        "tables": tables,
        "scripts": scripts,
    }
    writer.close(manifest, master)
    total = sum(int(table["rows"]) for table in tables.values())
    with db.transaction() as tx:
        details = {"rows": total, "scripts": len(scripts), "with_keys": with_keys}
        audit.record(tx, actor, "backup.make", config.database.name, details)
    return Made(total, len(scripts), with_keys)


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that is there only when it is whole; mode 0600, never over another."""
    if os.path.lexists(path):
        raise ConfigError(
            Problem(
                "backup_exists",
                N_("%(file)s is there already: choose another name."),
                file=path,
            )
        )
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        handle = os.open(unfinished, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        finally:
            unfinished.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            Problem(
                "backup_write",
                N_("%(file)s cannot be written: %(error)s"),
                file=path,
                error=error.strerror or error,
            )
        ) from error


def _add_table(
    writer: Writer, tx: Transaction, table: Table, progress: Progress
) -> int:
    rows = 0

    def chunks() -> Iterator[bytes]:
        nonlocal rows
        batch: list[bytes] = []
        for line in backups.lines(tx, table):
            batch.append(line)
            if len(batch) == LINES_AT_ONCE:
                yield b"\n".join(batch) + b"\n"
                batch.clear()
            rows += 1
            if rows % PROGRESS_ROWS == 0:
                progress(table.name, rows)
        if batch:
            yield b"\n".join(batch) + b"\n"

    writer.add(f"tables/{table.name}.rows", chunks())
    progress(table.name, rows)
    return rows


def _add_scripts(writer: Writer, directory: Path) -> dict[str, int]:
    """Each trunk script with its mode; links and what is no script stay out."""
    modes: dict[str, int] = {}
    if not directory.is_dir():
        return modes
    for entry in sorted(directory.iterdir()):
        is_file = entry.is_file() and not entry.is_symlink()
        if is_file and script_files.NAME.fullmatch(entry.name):
            writer.add(f"scripts/{entry.name}", [_read(entry)])
            modes[entry.name] = entry.stat().st_mode & 0o777
    return modes


def _without_passwords(file: Path) -> bytes:
    text = _read(file).decode("utf-8-sig")
    return _PASSWORD.sub(r"\1", text).encode()


def _add_keys(writer: Writer, config: Config) -> None:
    for part, name in KEYS.items():
        path: Path = getattr(config, name)
        if path.exists():
            writer.add(part, [_read(path)])


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            Problem(
                "config_unreadable",
                N_("%(file)s cannot be read: %(error)s"),
                file=path,
                error=error.strerror or error,
            )
        ) from error
