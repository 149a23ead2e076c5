"""The formats that an export may have, and how a file of each is begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ..domain.words import N_
from .csv_file import CsvFile
from .table import Column, Translate, Writer
from .xlsx_file import XlsxFile


@dataclass(frozen=True, slots=True)
class Format:
    """One format; `separator` only where there is one."""

    label: str
    ending: str
    media_type: str
    separator: str = ""


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    "xlsx": Format(N_("Excel (xlsx)"), "xlsx", XLSX),
    "csv": Format(N_("CSV with commas"), "csv", "text/csv", ","),
    "csv_semicolons": Format(N_("CSV with semicolons"), "csv", "text/csv", ";"),
}


def begin(
    format_name: str,
    out: BinaryIO,
    columns: Sequence[Column],
    title: str,
    translate: Translate,
    directory: Path | None = None,
) -> Writer:
    """A file of a format, its headings written; `directory` for what it puts aside."""
    headings = [translate(column.heading) for column in columns]
    chosen = FORMATS[format_name]
    if chosen.separator:
        return CsvFile(out, headings, chosen.separator)
    return XlsxFile(out, columns, headings, translate(title), directory=directory)
