"""The rows that got no message, as a CSV to repair and load again.

This room owns that file's columns and that no cell of it runs as a formula when a
spreadsheet opens it. It decides nothing about rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import BinaryIO

from massivesms.domain.recipients import BadRow
from massivesms.domain.words import N_, Problem

HEADINGS = (N_("line"), N_("number"), N_("message"), N_("reason"))
NO_FIELDS: Mapping[str, str] = MappingProxyType({})

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_PLUS_NUMBER = re.compile(r"\+[0-9][0-9 ]*")


def write_bad_rows(
    bad_rows: Iterable[BadRow],
    out: BinaryIO,
    *,
    words: Callable[[Problem], str] = str,
    headings: Sequence[str] = HEADINGS,
    fields: Mapping[str, str] = NO_FIELDS,
) -> int:
    """Write `bad_rows` to `out` as RFC 4180, UTF-8 with BOM; return how many.

    `words` and `headings` put reasons and columns in the person's language (four
    headings: line, number, message, reason). `fields` are those that rows may have,
    name -> title, in columns before the reason. `out` stays open.
    """
    text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
    count = 0
    try:
        writer = csv.writer(text, dialect="excel")
        writer.writerow((*headings[:-1], *map(inert, fields.values()), headings[-1]))
        for row in bad_rows:
            known = row.fields or NO_FIELDS
            more = [known.get(name, "") for name in fields]
            cells = (row.raw_number, row.row_text or "", *more, words(row.problem))
            writer.writerow((row.line, *map(inert, cells)))
            count += 1
    finally:
        text.detach()  # writes what is left; else the wrapper would close `out`
    return count


def inert(cell: str) -> str:
    """Return `cell` with an apostrophe in front when it could be a formula.

    A phone number with + stays as it is: as a formula it is only itself, and
    people copy it from there.
    """
    if cell.startswith(_FORMULA_STARTS) and not _PLUS_NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


def without_apostrophe(cell: str) -> str:
    """Undo `inert`, for a file that comes back repaired."""
    is_inert = cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS)
    return cell[1:] if is_inert else cell
