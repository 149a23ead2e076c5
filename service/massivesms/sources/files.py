"""CSV that comes from elsewhere: files dropped into a directory, or an address.

A dropped file stays where it is until its rows are stored; then it is moved into the
directory `done` beside it, and into `refused` when it cannot be read.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from ..errors import ImportRefused
from ..intake.files import LIMIT_BYTES, FileShape, describe, read_cells
from ..webhooks import getting
from .found import Dropped, Found, Place, failed
from .paths import below

QUIET_S = 10  # a file that was written to since then may be on its way still
MOST_FILES = 100
DONE, REFUSED = "done", "refused"
_UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", "~")
URL_DATE = ":date"


@contextmanager
def opened_url(place: Place) -> Iterator[Found]:
    """The CSV that an address answers; `:date` in it becomes the day."""
    with tempfile.TemporaryFile() as file:
        answer = getting.get(
            place.place.replace(URL_DATE, place.day.isoformat()),
            dict(place.headers),
            place.own_hosts,
            file,
            limit_bytes=LIMIT_BYTES,
            deadline_s=place.timeout_s,
        )
        if answer.code != "taken":
            raise _not_got(place, answer.code, answer.detail)
        file.seek(0)
        yield _csv(file)


def _not_got(place: Place, code: str, detail: str) -> Exception:
    host = detail if code.startswith("host_") else place.place.partition("?")[0]
    if code in ("host_forbidden", "host_unknown"):
        return failed(f"source_{code}", host=host)
    if code == "timeout":
        return failed("source_timeout", seconds=place.timeout_s)
    if code == "too_large":
        return failed("source_size", most=LIMIT_BYTES // 1024**2)
    if code == "broken":
        return failed("source_broken", detail=urlsplit(place.place).hostname)
    if code in ("status", "redirect", "gone"):
        return failed("source_status", detail=detail or "410")
    return failed("source_away", host=host, detail=detail or code.replace("_", " "))


@contextmanager
def opened_folder(
    place: Place, known: set[bytes], *, is_trial: bool = False
) -> Iterator[Found]:
    """The files that were dropped and are not among the `known`, the first alone.

    No file is no row. A file that cannot be read is moved aside, and said; a trial
    moves nothing.
    """
    folder = below(place.directory, place.place)
    with ExitStack() as stack:
        for path in _dropped(folder):
            file = stack.enter_context(_opened(path))
            one = Dropped(path, _digest(file))
            if one.digest in known:
                if not is_trial:
                    move_aside(one, DONE)
                continue
            try:
                found = _csv(file)
            except ImportRefused as error:
                raise _refused(one, error, is_trial) from error
            found.files.append(one)
            found.rows = _guarded(found.rows, one, is_trial)
            yield found
            return
        yield Found((), iter(()))


def has_more(directory: Path, folder: str, read: Sequence[Dropped]) -> bool:
    """Whether files wait in a folder below a directory beside those just read."""
    gone = {one.path for one in read}
    return any(path not in gone for path in _dropped(below(directory, folder)))


def move_aside(one: Dropped, into: str) -> None:
    """Moves a file into a directory beside it, under a name that is free there."""
    target = one.path.parent / into
    with suppress(OSError):
        target.mkdir(mode=0o750, exist_ok=True)
        name, n = one.path.name, 1
        while (target / name).exists():
            n += 1
            name = f"{one.path.stem} ({n}){one.path.suffix}"
        one.path.rename(target / name)


def _refused(one: Dropped, error: ImportRefused, is_trial: bool) -> Exception:
    """Moves a file aside that cannot be read; what is said of it."""
    if not is_trial:
        move_aside(one, REFUSED)
    found = failed("source_file", file=one.path.name, detail=error.problem.text)
    found.dropped = one
    return found


def _guarded(
    rows: Iterator[tuple[int, Sequence[str]]], one: Dropped, is_trial: bool
) -> Iterator[tuple[int, Sequence[str]]]:
    try:
        yield from rows
    except ImportRefused as error:
        raise _refused(one, error, is_trial) from error


def _dropped(folder: Path) -> list[Path]:
    """The files that are whole, by name."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise failed(
            "source_file", file=folder, detail=error.strerror or error
        ) from error
    quiet_since = time.time() - QUIET_S
    found = []
    for entry in entries:
        name = entry.name.lower()
        if name.startswith(".") or name.endswith(_UNFINISHED):
            continue
        with suppress(OSError):
            is_file = entry.is_file(follow_symlinks=False)
            if is_file and entry.stat(follow_symlinks=False).st_mtime < quiet_since:
                found.append(Path(entry.path))
    return found[:MOST_FILES]


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """A plain file; whoever may drop files could drop a link to another one."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise failed(
            "source_file", file=path.name, detail=error.strerror or error
        ) from error
    with os.fdopen(number, "rb") as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise failed("source_file", file=path.name, detail="no plain file")
        yield file


def _digest(file: BinaryIO) -> bytes:
    """Knows a file again: its contents and when they were written."""
    made = hashlib.file_digest(file, "sha256")  # type: ignore[arg-type]
    made.update(str(os.fstat(file.fileno()).st_mtime_ns).encode())
    file.seek(0)
    return made.digest()


def _csv(file: BinaryIO) -> Found:
    """The rows of a CSV file. Raises ImportRefused for what is none."""
    shape = describe(file)
    rows = _rows(shape, file)
    return Found(
        shape.titles, rows, shape.number_column, shape.text_column, shape.columns
    )


def _rows(shape: FileShape, file: BinaryIO) -> Iterator[tuple[int, Sequence[str]]]:
    for _, record in read_cells(file):
        yield record.line, shape.whole(record.cells)
