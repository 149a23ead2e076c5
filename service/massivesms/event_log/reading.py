"""Reading the end of a day's events, backwards and in blocks.

A file may be larger than the memory: what is not shown is never held, and a search
gives up after some megabytes and says where to go on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from .writing import one_line

BLOCK = 64 * 1024
LONGEST_LINE = 64 * 1024  # what is longer is no line of ours: its beginning is lost
MOST_READ = 16 * 1024 * 1024
MOST_FURTHER_LINES = 60
LEVELS = ("INFO", "WARNING", "ERROR")

_LINE = re.compile(
    r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.\d{3}(?:[+-]\d{4}) "
    r"(?P<level>[A-Z]+) +(?P<kind>[a-z_]+) +(?P<text>.*)"
)
_RANK = {"DEBUG": 0, "INFO": 0, "WARNING": 1, "ERROR": 2, "CRITICAL": 2}


@dataclass(slots=True)
class Event:
    """One line of the log with the lines that belong to it."""

    at: str  # local, as written
    level: str
    kind: str
    text: str
    further: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events: of a kind, at least of a level, with a text in them."""

    kind: str = ""
    level: str = ""
    text: str = ""

    def matches(self, event: Event) -> bool:
        """Whether an event is one of them."""
        if self.kind and event.kind != self.kind:
            return False
        if self.level and _RANK.get(event.level, 0) < _RANK.get(self.level, 0):
            return False
        if not self.text:
            return True
        every = "\n".join([event.text, *event.further])
        return self.text.casefold() in every.casefold()


@dataclass(frozen=True, slots=True)
class Part:
    """Some events, the newest last; those before are read from `earlier`, if any."""

    events: list[Event]
    earlier: int | None


def read_end(
    file: int, wanted: Wanted, *, limit: int, before: int | None = None
) -> Part:
    """The last events of an open file, or those before a place in it.

    Raises OSError.
    """
    size = os.fstat(file).st_size
    end = size if before is None else max(0, min(before, size))
    found: list[Event] = []
    further: list[str] = []
    for start, line in _lines_backwards(file, end):
        match = _LINE.fullmatch(line) if line else None
        if match is None:
            if line:
                further.append(line)
                del further[:-MOST_FURTHER_LINES]
        else:
            event = Event(**match.groupdict(), further=further[::-1])
            further = []
            if wanted.matches(event):
                found.append(event)
        is_enough = len(found) >= limit and not further
        if start and (is_enough or end - start > MOST_READ):
            return Part(found[::-1], start)
    return Part(found[::-1], None)


def _lines_backwards(file: int, end: int) -> Iterator[tuple[int, str]]:
    """(place where it begins, line) from the last one before `end`.

    An empty one where a block has no line's end: so that the search may give up.
    """
    tail, place = b"", end  # tail: of a line that begins in the block before
    while place:
        size = min(BLOCK, place)
        place -= size
        pieces = (os.pread(file, size, place) + tail).split(b"\n")
        starts = list(accumulate((len(p) + 1 for p in pieces), initial=place))
        first = 1 if place else 0
        for n in range(len(pieces) - 1, first - 1, -1):
            yield starts[n], one_line(pieces[n].decode("utf-8", "replace"))
        if len(pieces) == 1 and place:
            yield place, ""
        tail = pieces[0][-LONGEST_LINE:]
