"""Where exports lie until they are fetched: a directory that only we can read.

A file's name holds its job's id and chance, so that nobody guesses it; it has the
name only once it is whole. Owns what an error of the disk is called.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..domain.words import N_, Problem
from ..errors import ExportFailed

NAME = re.compile(r"([0-9]{1,10})-[0-9a-f]{32}\.(?:csv|xlsx|part)")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@dataclass(slots=True)
class Draft:
    """A file that is being written; `kept` once `keep` gave it its name."""

    file: BinaryIO
    directory: Path  # for what is put aside meanwhile
    kept: Path | None = None

    def keep(self, exports: Path, job_id: int, ending: str) -> tuple[str, int]:
        """Gives the whole file its name; that and its bytes."""
        self.file.flush()
        size = self.file.tell()
        name = f"{job_id}-{secrets.token_hex(16)}.{ending}"
        self.kept = exports / name
        os.replace(self.directory / "file", self.kept)
        return name, size

    def drop(self) -> None:
        """Takes away what was kept: nobody waits for it any more."""
        if self.kept is not None:
            self.kept.unlink(missing_ok=True)


@contextmanager
def draft(exports: Path, job_id: int) -> Iterator[Draft]:
    """A place to write in; all of it goes away but for what was kept.

    Raises ExportFailed when the disk is full or the directory not ours.
    """
    place = exports / f"{job_id}-{secrets.token_hex(16)}.part"
    with explained(exports):
        exports.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.mkdir(mode=0o700)
        try:
            way = os.open(place / "file", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(way, "w+b") as file:
                yield Draft(file, place)
        finally:
            shutil.rmtree(place, ignore_errors=True)


@contextmanager
def explained(exports: Path) -> Iterator[None]:
    """Errors of the disk become ExportFailed, which says what to do."""
    try:
        yield
    except OSError as error:
        raise ExportFailed(_problem(exports, error)) from error


def _problem(exports: Path, error: OSError) -> Problem:
    code = error.errno
    if code is None:  # xlsxwriter wraps what it was told
        inner = next((a for a in error.args if isinstance(a, OSError)), None)
        code = inner.errno if inner else None
        error = inner or error
    if code in FULL:
        return Problem(
            "export_disk_full",
            N_(
                "The disk of %(directory)s is full: the file could not be written. Make"
                " room there, or choose fewer messages."
            ),
            directory=exports,
        )
    return Problem(
        "export_not_written",
        N_("No file can be written to %(directory)s: %(error)s."),
        directory=exports,
        error=error.strerror or str(error),
    )


def path_of(exports: Path, name: str) -> Path | None:
    """The file of a stored name; None when it is gone or no name of ours."""
    if not NAME.fullmatch(name):
        return None
    path = exports / name
    return path if path.is_file() and not path.is_symlink() else None


def tidy(exports: Path, kept: Mapping[int, str]) -> None:
    """Takes away every file but those that jobs keep ('' = it is being written)."""
    with suppress(OSError):
        for path in list(exports.iterdir()):
            match = NAME.fullmatch(path.name)
            if match is None:
                continue
            name = kept.get(int(match[1]))
            if name is None or (name and name != path.name):
                _remove(path)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
