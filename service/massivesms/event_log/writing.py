"""Writing the event log: a line an event, in the file of its day.

Several processes append to one file, each line with one write. Nothing that is
logged can look like another line: control characters are spelt out.
"""

from __future__ import annotations

import logging
import os
import sys
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from ..domain.event_kinds import DEFAULT_KINDS, kind_of, logger_name, read_kinds
from ..domain.inert_text import inert
from . import files

MOST_CHARACTERS = 4000
CONTINUED = "  | "  # before each further line of an error's report
SENDING = logging.getLogger(logger_name("sending"))


def one_line(text: str) -> str:
    """A text as one line without control characters, cut when it is very long."""
    if len(text) > MOST_CHARACTERS:
        text = text[:MOST_CHARACTERS] + " ..."
    return inert(text)


class InertFormatter(logging.Formatter):
    """Formats records so that their values cannot break out of their line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """The record's line."""
        record.message = one_line(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:  # noqa: N802
        """The report of an error, each line marked as not a record of its own."""
        lines = super().formatException(ei).splitlines()  # type: ignore[arg-type]
        return "\n".join(CONTINUED + one_line(line) for line in lines)


class EventLog(logging.Handler):
    """Appends what is wanted to the file of the day in the configured zone."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.setFormatter(InertFormatter("%(message)s"))
        self._directory = directory
        self._zone = ZoneInfo("UTC")
        self._kinds = read_kinds(DEFAULT_KINDS)
        self._day: date | None = None
        self._file: int | None = None
        self._has_complained = False

    def follow(self, zone: ZoneInfo, kinds: frozenset[str]) -> None:
        """Takes on the settings: whose midnight, and which kinds."""
        self._zone, self._kinds = zone, kinds
        SENDING.setLevel(logging.INFO if "sending" in kinds else logging.WARNING)

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record; a log that cannot be written stops nothing."""
        kind = kind_of(record.name)
        if not self._is_wanted(record, kind):
            return
        at = datetime.fromtimestamp(record.created, self._zone)
        stamp = f"{at:%Y-%m-%d %H:%M:%S}.{int(record.msecs):03d}{at:%z}"
        line = f"{stamp} {record.levelname:<7} {kind:<9} {self.format(record)}\n"
        try:
            os.write(self._opened(at.date()), line.encode("utf-8", "replace"))
            self._has_complained = False
        except OSError as error:
            self._complain(error)

    def close(self) -> None:
        """Closes the file."""
        self._close_file()
        super().close()

    def _is_wanted(self, record: logging.LogRecord, kind: str) -> bool:
        if record.levelno >= logging.ERROR:
            return True
        is_ours = record.name.startswith("massivesms")
        return kind in self._kinds and (is_ours or record.levelno >= logging.WARNING)

    def _opened(self, day: date) -> int:
        """The file of a day, made anew when somebody has taken it away."""
        path = files.path_of(self._directory, day)
        if self._file is not None and (day != self._day or not _is(self._file, path)):
            self._close_file()
        if self._file is None:
            self._file, self._day = files.open_to_append(path), day
        return self._file

    def _close_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _complain(self, error: OSError) -> None:
        if self._has_complained:
            return
        self._has_complained = True
        reason = error.strerror or error
        try:
            sys.stderr.write(f"massivesms: the event log is not written: {reason}\n")
            sys.stderr.flush()
        except OSError:
            return  # nowhere left to say it


def follow(zone: ZoneInfo, kinds: frozenset[str]) -> None:
    """Tells the event log of this process, if it has one, of the settings."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, EventLog):
            handler.follow(zone, kinds)


def _is(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.lstat())
    except FileNotFoundError:
        return False
