"""CSV files for spreadsheets: how a page hands one over.

Owns their form (a mark of UTF-8, commas) and that no cell of them is a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

from flask import send_file
from werkzeug.wrappers import Response

from massivesms.intake.bad_rows import inert

IN_MEMORY = 1024 * 1024


def lines(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file's text, a line at a time."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, dialect="excel")
    writer.writerow(head)
    for row in rows:
        writer.writerow(map(inert, row))
        yield out.getvalue()
        out.seek(0)
        out.truncate()
    yield out.getvalue()


def spooled() -> IO[bytes]:
    """A file for what is read within a transaction; a large one is on the disk."""
    return cast(IO[bytes], SpooledTemporaryFile(max_size=IN_MEMORY))


def write(head: Sequence[str], rows: Iterable[Sequence[str]]) -> tuple[IO[bytes], int]:
    """The file of some rows, and how many they are."""
    out, written = spooled(), -1  # the last line is no row
    for line in lines(head, rows):
        out.write(line.encode())
        written += 1
    return out, written


def answer(file: IO[bytes], name: str) -> Response:
    """Hands over a written file from its beginning."""
    file.seek(0)
    return send_file(
        cast(Any, file), mimetype="text/csv", as_attachment=True, download_name=name
    )
