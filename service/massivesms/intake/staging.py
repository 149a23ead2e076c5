"""Where uploaded files lie while their person chooses: for a day, for us alone.

Below the exports' directory, under a name by chance: what it is, its content tells.
Owns what an error of the disk is called.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from ..domain.words import N_, Problem, problem_from
from ..errors import ImportRefused
from .decoding import PROBLEMS as FILE_PROBLEMS
from .files import LIMIT_BYTES

DIRECTORY = "staged"
NAME = re.compile(r"[0-9a-f]{32}\.[a-z]{3,4}")  # an ending: of earlier versions
YOUNG_S = 3600  # a file whose row may not be committed yet
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
BLOCK_BYTES = 1024 * 1024


def keep(
    exports: Path, file: BinaryIO, limit_bytes: int = LIMIT_BYTES
) -> tuple[str, int]:
    """Puts an upload aside; the name that it has there, and its bytes.

    Raises ImportRefused when it is empty or too large, or the disk does not take it.
    """
    kept = f"{secrets.token_hex(16)}.data"
    directory = exports / DIRECTORY
    path = directory / kept
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        way = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(way, "wb") as out:
            shutil.copyfileobj(file, out, BLOCK_BYTES)
            size = out.tell()
    except OSError as error:
        with suppress(OSError):
            path.unlink(missing_ok=True)
        raise ImportRefused(_problem(directory, error)) from error
    problem = _wrong_size(size, limit_bytes)
    if problem:
        path.unlink(missing_ok=True)
        raise ImportRefused(problem)
    return kept, size


def _wrong_size(size: int, limit_bytes: int) -> Problem | None:
    if not size:
        return problem_from(FILE_PROBLEMS, "file_empty")
    if size > limit_bytes:
        limit_mib = limit_bytes // (1024 * 1024)
        return problem_from(FILE_PROBLEMS, "file_too_large", limit_mib=limit_mib)
    return None


def _problem(directory: Path, error: OSError) -> Problem:
    if error.errno in FULL:
        return Problem(
            "upload_disk_full",
            N_("The disk of %(directory)s is full: make room there and try again."),
            directory=directory,
        )
    return Problem(
        "upload_not_written",
        N_("No file can be written to %(directory)s: %(error)s."),
        directory=directory,
        error=error.strerror or str(error),
    )


def path_of(exports: Path, kept: str) -> Path | None:
    """The file of a stored name; None when it is gone or no name of ours."""
    if not NAME.fullmatch(kept):
        return None
    path = exports / DIRECTORY / kept
    return path if path.is_file() and not path.is_symlink() else None


def drop(exports: Path, kept: str) -> None:
    """Takes a file away; nothing happens when it is gone."""
    path = path_of(exports, kept)
    if path is not None:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def tidy(exports: Path, needed: Collection[str]) -> None:
    """Takes away every file that nobody needs; those of the last hour stay."""
    with suppress(OSError):
        for path in list((exports / DIRECTORY).iterdir()):
            if not NAME.fullmatch(path.name) or path.name in needed:
                continue
            if time.time() - path.lstat().st_mtime > YOUNG_S:
                path.unlink(missing_ok=True)
