"""From lines to records of cells: separators and quotes, forgiving and complete.

This room owns RFC 4180 and its everyday violations. Not one character is dropped:
a quote that nobody closes is taken as text, so it swallows no rows. It does not
know what a column means. The standard csv reader is not used because of those
quotes: it joins all rows up to the next quote, or stops at its field limit.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_QUOTED_LINES = 100
"""Line breaks that one quoted message may have; beyond, the quote is text."""

_NO_SEPARATOR = "\x1f"
_SPACES = re.compile(" *")
_QUOTED = re.compile(r'((?:[^"]+|"")*+)"')


class Record(NamedTuple):
    """One row; `line` is the line of the file on which it begins, from 1."""

    line: int
    cells: list[str]


def read_records(lines: Iterable[str], separator: str) -> Iterator[Record]:
    """Yield every record, blank ones too; `separator` "" means one column."""
    delimiter = separator or _NO_SEPARATOR
    source = _Lines(lines)
    for number, line in source:
        if '"' in line:
            yield Record(number, _read_quoted(line, source, delimiter))
        else:
            yield Record(number, line.split(delimiter))


class _Lines:
    """Numbered lines that can be looked at before they are taken."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._ahead: deque[str] = deque()
        self._number = 0

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while True:
            line = self._ahead.popleft() if self._ahead else next(self._lines, None)
            if line is None:
                return
            self._number += 1
            yield self._number, line

    def look(self, distance: int) -> str | None:
        """The line `distance` ahead (0 is the next one), None after the end."""
        while len(self._ahead) <= distance:
            line = next(self._lines, None)
            if line is None:
                return None
            self._ahead.append(line)
        return self._ahead[distance]

    def take(self, count: int) -> None:
        """Step over `count` lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()
        self._number += count


def _read_quoted(line: str, source: _Lines, delimiter: str) -> list[str]:
    """Cells of the record that begins with `line`, with as many lines as it needs."""
    cells = _split_quoted(line, delimiter)
    if cells is not None:
        return cells
    text = line
    for distance in range(MAX_QUOTED_LINES):
        following = source.look(distance)
        if following is None:
            break
        text += "\n" + following
        if '"' not in following:
            continue
        try:
            cells = _split_quoted(text, delimiter)
        except _StrayQuotes:
            break
        if cells is not None:
            source.take(distance + 1)
            return cells
    return line.split(delimiter)


class _StrayQuotes(Exception):
    """A cell over several lines would keep its quotes: two stray ones met.

    Were they taken for a pair, the first row's message would hold the next rows.
    """


def _split_quoted(text: str, delimiter: str) -> list[str] | None:
    """Cells of `text`, or None when it ends within quotes.

    A cell with text after its closing quote (`"Ana" says hello`) was never quoted:
    it is kept as it stands, quotes and all. Raises _StrayQuotes.
    """
    cells: list[str] = []
    start = 0
    while True:
        content, after = None, start
        spaces = _SPACES.match(text, start)
        opening = spaces.end() if spaces else start
        if text.startswith('"', opening):
            quoted = _QUOTED.match(text, opening + 1)
            if quoted is None:
                return None
            content, after = quoted[1].replace('""', '"'), quoted.end()
        found = text.find(delimiter, after)
        end = len(text) if found < 0 else found
        if content is None or text[after:end].strip():
            content = text[start:end]
            if "\n" in content:
                raise _StrayQuotes
        cells.append(content)
        if found < 0:
            return cells
        start = found + 1
