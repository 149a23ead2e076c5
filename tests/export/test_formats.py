"""Files that spreadsheets open: read back, every value is what it was."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import openpyxl
import pytest

from massivesms.export.csv_file import CsvFile
from massivesms.export.formats import FORMATS, begin
from massivesms.export.table import Cell, Column
from massivesms.export.xlsx_file import LONGEST_TEXT, XlsxFile

COLUMNS = (Column("Sent", 19), Column("Number", 16), Column("Text", 50), Column("N"))
AT = datetime(2026, 3, 31, 14, 30, 5)
TEXTS = [
    "Mañana a las 10 😀 «ñ»",
    "first line\nsecond line",
    "  spaces  ",
    "+34600111222",
    "0041",
    "=1+1",
    '=HYPERLINK("http://evil.example";"x")',
    "@SUM(A1)",
    "-2+3",
    "http://example.com/a",
    "1,5;\t\"x\"",
    "<b>&amp;</b>",
]  # fmt: skip


def workbook(*rows: list[Cell], **more: Any) -> Any:
    out = io.BytesIO()
    headings = [column.heading for column in COLUMNS]
    writer = XlsxFile(out, COLUMNS, headings, "Messages", **more)
    for row in rows:
        writer.write(row)
    writer.close()
    out.seek(0)
    return openpyxl.load_workbook(out)


@pytest.mark.parametrize("text", TEXTS, ids=repr)
def test_a_text_in_a_workbook_is_a_text_and_never_a_formula(text: str) -> None:
    cell = workbook([AT, "+34600111222", text, 2]).active["C2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_numbers_stay_as_they_are_written_and_dates_are_dates() -> None:
    sheet = workbook([AT, "+34600111222", "x", 2]).active
    date, number, _, segments = next(sheet.iter_rows(min_row=2))
    assert (date.value, date.is_date) == (AT, True)
    assert (number.value, number.data_type) == ("+34600111222", "s")
    assert (segments.value, segments.data_type) == (2, "n")


def test_the_heading_stays_in_view_and_filters() -> None:
    sheet = workbook([AT, "+34600111222", "x", 2], [None, "", "y", 1]).active
    assert [cell.value for cell in sheet[1]] == ["Sent", "Number", "Text", "N"]
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:D3"
    assert sheet.column_dimensions["C"].width == pytest.approx(50, abs=1)


def test_a_full_sheet_is_followed_by_another_one() -> None:
    book = workbook(*[[AT, "n", str(n), n] for n in range(10)], sheet_rows=5)
    assert book.sheetnames == ["Messages", "Messages 2", "Messages 3"]
    found = [row[2] for name in book.sheetnames for row in list(book[name].values)[1:]]
    assert found == [str(n) for n in range(10)]
    assert all(next(book[name].values)[0] == "Sent" for name in book.sheetnames)


def test_control_characters_and_texts_too_long_for_a_cell_do_no_harm() -> None:
    sheet = workbook(
        [AT, "n", "a\x00\x0bb", 1], [AT, "n", "😀" * LONGEST_TEXT, 1]
    ).active
    assert sheet["C2"].value.startswith("a") and sheet["C2"].value.endswith("b")
    assert len(sheet["C3"].value.encode("utf-16-le")) // 2 <= LONGEST_TEXT
    assert sheet["C3"].value.endswith("😀…")


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_csv_comes_back_cell_by_cell(separator: str) -> None:
    out = io.BytesIO()
    writer = CsvFile(out, ["Sent", "Number", "Text", "N"], separator)
    for text in TEXTS:
        writer.write([AT, "+34600111222", text, 2])
    writer.close()
    data = out.getvalue()
    assert data.startswith(b"\xef\xbb\xbf")
    text_file = io.StringIO(data.decode("utf-8-sig"), newline="")
    head, *rows = csv.reader(text_file, delimiter=separator)
    assert head == ["Sent", "Number", "Text", "N"]
    assert {tuple(row[:2]) for row in rows} == {("2026-03-31 14:30:05", "+34600111222")}
    assert [row[2].removeprefix("'") for row in rows] == TEXTS
    for row in rows:
        is_number = row[2] == "+34600111222"
        assert is_number or not row[2].startswith(("=", "+", "-", "@", "\t", "\r"))


@pytest.mark.parametrize("name", FORMATS)
def test_headings_are_in_the_reader_s_language(name: str) -> None:
    out = io.BytesIO()
    begin(name, out, COLUMNS, "Messages", lambda words: f"es {words}").close()
    if FORMATS[name].ending == "csv":
        assert out.getvalue().decode("utf-8-sig").startswith("es Sent")
        assert FORMATS[name].separator.encode() in out.getvalue()
    else:
        out.seek(0)
        book = openpyxl.load_workbook(out)
        assert book.active["A1"].value == "es Sent"
