"""The files of the event log: massivesms-YYYY-MM-DD.log in one directory.

Owns their names: whatever a page or an address asks for is a day, never a path,
and links are not followed.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ..domain.words import N_, Problem
from ..errors import EventLogError

MODE = 0o640
_NAME = re.compile(r"massivesms-([0-9]{4}-[0-9]{2}-[0-9]{2})\.log")


@dataclass(frozen=True, slots=True)
class LogFile:
    """One day's file."""

    day: date
    size: int


def path_of(directory: Path, day: date) -> Path:
    """The file of a day."""
    return directory / f"massivesms-{day.isoformat()}.log"


def all_files(directory: Path) -> list[LogFile]:
    """The files there are, the newest first. EventLogError when it may not look."""
    found = []
    try:
        for entry in os.scandir(directory):
            day = _day_of(entry.name)
            if day is not None and entry.is_file(follow_symlinks=False):
                found.append(LogFile(day, entry.stat(follow_symlinks=False).st_size))
    except FileNotFoundError:
        return []
    except OSError as error:
        raise EventLogError(_unreadable(directory, error)) from error
    return sorted(found, key=lambda file: file.day, reverse=True)


def open_to_append(path: Path) -> int:
    """A descriptor that writes at the end. Raises OSError.

    A file that root makes belongs to whom the directory belongs to, so that the
    service may go on with it.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, flags | os.O_CREAT, MODE)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
    return file


def open_to_read(directory: Path, day: date) -> int:
    """A descriptor to read a day's file; EventLogError when there is none for us."""
    return _opened(path_of(directory, day), os.O_RDONLY)


def empty(directory: Path, day: date) -> int:
    """Empties a day's file; how many bytes it had. EventLogError when it cannot."""
    path = path_of(directory, day)
    file = _opened(path, os.O_RDWR)
    try:
        size = os.fstat(file).st_size
        os.ftruncate(file, 0)
    except OSError as error:
        raise EventLogError(_unwritable(path, error)) from error
    finally:
        os.close(file)
    return size


def remove_old(directory: Path, today: date, keep_days: int) -> int:
    """Deletes files of days further back; how many. EventLogError when it cannot."""
    removed = 0
    for file in all_files(directory):
        if file.day < today - timedelta(days=keep_days):
            path = path_of(directory, file.day)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise EventLogError(_unwritable(path, error)) from error
            removed += 1
    return removed


def _day_of(name: str) -> date | None:
    match = _NAME.fullmatch(name)
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None


def _opened(path: Path, flags: int) -> int:
    try:
        file = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        is_write = bool(flags & os.O_RDWR)
        problem = _unwritable if is_write else _unreadable
        raise EventLogError(problem(path, error)) from error
    if not stat.S_ISREG(os.fstat(file).st_mode):
        os.close(file)
        raise EventLogError(_unreadable(path, OSError("not a file")))
    return file


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(
        "event_log_unreadable",
        N_(
            "%(file)s cannot be read: %(error)s. The pages must run as the user that"
            " the service runs as, or as one of its group."
        ),
        file=path,
        error=error.strerror or error,
    )


def _unwritable(path: Path, error: OSError) -> Problem:
    return Problem(
        "event_log_unwritable",
        N_("%(file)s cannot be changed by the pages: %(error)s."),
        file=path,
        error=error.strerror or error,
    )
