"""The process that opens one workbook, under limits of memory and time.

It reads the file from standard input and then answers lines of JSON on standard
output: first its sheets, then for each {"sheet": name} what is to be said of it, and
for each {} some more of its rows. Whatever a hostile workbook does to the library
ends this process and nothing else; see book_process, which starts it.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import islice
from typing import Any, BinaryIO
from xml.etree import ElementTree
from zipfile import BadZipFile, ZipFile

import python_calamine

from massivesms.errors import ImportRefused
from massivesms.intake.book_cells import spelled
from massivesms.intake.book_limits import ORDERED, Seen, inspect, refused

MEMORY_BYTES = 768 * 1024 * 1024
OPENING_S = 9
READING_S = 120
ROWS_AT_ONCE = 500

_NAME = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_STRICT = "{http://purl.oclc.org/ooxml/officeDocument/relationships}id"


def main() -> None:
    """Serves one workbook until standard input ends."""
    _limit()
    source = os.fdopen(os.dup(int(sys.argv[1])), "rb")
    try:
        book = _Book(source)
        _answer({"sheets": book.sheets})
        for line in sys.stdin:
            request = json.loads(line)
            if "sheet" in request:
                _answer({"notes": book.choose(request["sheet"])})
            else:
                _answer({"rows": book.more()})
    except ImportRefused as refusal:
        problem = refusal.problem
        _answer({"refused": [problem.code, problem.params]})
    except MemoryError:
        _answer({"refused": ["book_too_large", {}]})


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (OPENING_S, READING_S))


def _answer(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


class _Book:
    """The workbook; one sheet of it is being read."""

    def __init__(self, source: BinaryIO) -> None:
        self._content = source.read()
        self._seen = inspect(self._content)
        try:
            self._book = python_calamine.load_workbook(BytesIO(self._content))
        except python_calamine.PasswordError as error:
            raise refused("book_password") from error
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise refused("book_damaged") from error
        shown = python_calamine.SheetVisibleEnum.Visible
        kind = python_calamine.SheetTypeEnum.WorkSheet
        self.sheets = [
            (sheet.name, sheet.visible != shown)
            for sheet in self._book.sheets_metadata
            if sheet.typ == kind
        ]
        self._rows: Iterator[tuple[int, list[str]]] = iter(())

    def choose(self, name: str) -> list[tuple[str, dict[str, Any]]]:
        """Makes a sheet the one to read; what is to be said of it."""
        if name not in [sheet for sheet, _ in self.sheets]:
            raise refused("book_no_sheet", name=name)
        try:
            sheet = self._book.get_sheet_by_name(name)
        except (python_calamine.CalamineError, OSError, ValueError) as error:
            raise refused("book_damaged") from error
        resource.setrlimit(resource.RLIMIT_CPU, (READING_S, READING_S))
        self._rows = _filled(sheet)
        seen = self._seen.get(self._part(name), Seen())
        counts = {
            "book_hidden_rows": seen.hidden_rows,
            "book_errors": seen.errors,
            "book_no_values": seen.no_values,
            "book_merged": len(sheet.merged_cell_ranges or ()),
        }
        return [(code, {"n": n}) for code, n in counts.items() if n]

    def more(self) -> list[tuple[int, list[str]]]:
        """Some more rows; none at the end."""
        return list(islice(self._rows, ROWS_AT_ONCE))

    def _part(self, name: str) -> str:
        """The archive's part that holds a sheet; '' when it is not known."""
        place = [sheet.name for sheet in self._book.sheets_metadata].index(name)
        if f"{ORDERED}{place}" in self._seen:
            return f"{ORDERED}{place}"
        try:
            with ZipFile(BytesIO(self._content)) as archive:
                book = _xml(archive.read("xl/workbook.xml"))
                links = _xml(archive.read("xl/_rels/workbook.xml.rels"))
        except (BadZipFile, KeyError, ElementTree.ParseError):
            return ""
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        for element in book.iter():
            if element.tag.endswith("}sheet") and element.get("name") == name:
                target = targets.get(element.get(_NAME) or element.get(_STRICT), "")
                return target[1:] if target.startswith("/") else f"xl/{target}"
        return ""


def _xml(content: bytes) -> ElementTree.Element:
    # What entities that unfold endlessly would do is what the limits are for.
    return ElementTree.fromstring(content)  # noqa: S314


def _filled(
    sheet: python_calamine.CalamineSheet,
) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not blank, without empty cells at their ends."""
    for line, values in enumerate(sheet.iter_rows(), 1):
        cells = [_cleaned(spelled(value)) for value in values]
        while cells and not cells[-1].strip():
            cells.pop()
        if cells:
            yield line, cells


def _cleaned(text: str) -> str:
    """Line breaks as everywhere; xlsx spells a carriage return _x000D_."""
    if "_x000D_" in text:
        text = text.replace("_x000D_\n", "\n").replace("_x000D_", "\n")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


if __name__ == "__main__":
    main()
