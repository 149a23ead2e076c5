"""Workbooks: what a person sees in the sheet is what is read, or it is said."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlwt
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P
from openpyxl.worksheet.worksheet import Worksheet

from massivesms.domain.recipients import Row
from massivesms.domain.words import Problem
from massivesms.errors import ImportRefused
from massivesms.intake.books import Sheet, open_book
from massivesms.intake.files import describe, read_rows

Rows = list[list[object]]
CONTACTS: Rows = [
    ["Nombre", "Teléfono", "Saldo"],
    ["Ana", 600111222, 12.5],
    ["Eva", "+34 600 111 223", 7],
]


def xlsx(rows: Rows, change: Callable[[Worksheet], object] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(row)
    if change:
        change(sheet)
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xls(rows: Rows) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Sheet")
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            sheet.write(y, x, value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: Rows) -> bytes:
    book = OpenDocumentSpreadsheet()
    table = Table(name="Sheet")
    for row in rows:
        line = TableRow()
        for value in row:
            line.addElement(ods_cell(value))
        table.addElement(line)
    book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    return out.getvalue()


def ods_cell(value: object) -> TableCell:
    if isinstance(value, int | float):
        return TableCell(valuetype="float", value=str(value))
    cell = TableCell(valuetype="string")
    cell.addElement(P(text=str(value)))
    return cell


def read(content: bytes) -> tuple[list[Row], list[Problem]]:
    notes: list[Problem] = []
    return list(read_rows(io.BytesIO(content), notes=notes)), notes


def cells(content: bytes) -> list[list[str]]:
    with open_book(io.BytesIO(content)) as book:
        return [record.cells for record in book.rows(book.sheets[0].name)]


KINDS = pytest.mark.parametrize(
    "write", [xlsx, xls, ods], ids=lambda kind: kind.__name__
)


@KINDS
def test_each_kind_gives_numbers_and_further_columns(
    write: Callable[[Rows], bytes],
) -> None:
    rows, notes = read(write(CONTACTS))
    assert notes == []
    assert rows == [
        Row(2, "600111222", fields={"first_name": "Ana", "saldo": "12.5"}),
        Row(3, "+34 600 111 223", fields={"first_name": "Eva", "saldo": "7"}),
    ]


@KINDS
def test_the_book_of_each_kind_gives_the_same_records(
    write: Callable[[Rows], bytes],
) -> None:
    assert cells(write(CONTACTS)) == [
        ["Nombre", "Teléfono", "Saldo"],
        ["Ana", "600111222", "12.5"],
        ["Eva", "+34 600 111 223", "7"],
    ]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_a_text_file_is_a_book_of_one_sheet(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "a.txt"
    text = "Nombre;Teléfono\n\nAna;600111222\nEva;600111223\n"
    path.write_text(text.replace(";", separator), encoding="utf-8")
    with open_book(path) as book:
        assert book.sheets == [Sheet("")]
        for _ in range(2):
            records = list(book.rows(""))
            assert [record.line for record in records] == [1, 3, 4]
            assert records[1].cells == ["Ana", "600111222"]
        assert book.shape("").number_column == 1


def test_cells_are_spelled_as_a_person_would_write_them() -> None:
    written = [
        *(34600111222, 34600111222.0, 4.47e11, 0.1 + 0.2, 1e-7, True),
        *(date(2026, 1, 2), datetime(2026, 1, 2, 9, 30), time(9, 5)),
        *(timedelta(hours=30), "007", "'x", "a\nb"),
    ]
    assert cells(xlsx([written])) == [
        [
            *("34600111222", "34600111222", "447000000000", "0.3", "0.0000001", "TRUE"),
            *("02/01/2026", "02/01/2026 09:30", "09:05", "30:00", "007", "'x", "a\nb"),
        ]
    ]


def test_lines_are_those_of_the_sheet_and_blank_rows_are_none() -> None:
    rows, _ = read(xlsx([[], [], ["tel"], [600111222], [""], [600111223]]))
    assert [(row.line, row.raw_number) for row in rows] == [
        (4, "600111222"),
        (6, "600111223"),
    ]


def test_titles_above_the_header_are_no_rows() -> None:
    content = xlsx([["Clientes de noviembre"], ["Madrid", 2026], [], *CONTACTS])
    rows, _ = read(content)
    assert [(row.line, row.raw_number) for row in rows] == [
        (5, "600111222"),
        (6, "+34 600 111 223"),
    ]
    assert rows[0].fields == {"first_name": "Ana", "saldo": "12.5"}


def test_the_first_visible_sheet_with_numbers_is_read_and_that_is_said() -> None:
    book = openpyxl.Workbook()
    book.worksheets[0].title = "Notas"
    book.worksheets[0]["A1"] = "hola"
    for name, number in (("Vieja", 600000001), ("Clientes", 600000002)):
        book.create_sheet(name).append([number])
    book["Vieja"].sheet_state = "hidden"
    rows, notes = read(saved(book))
    assert [row.raw_number for row in rows] == ["600000002"]
    assert [str(note) for note in notes] == [
        "Only the sheet Clientes was read; the workbook has others: Notas.",
        "Hidden sheets were not read: Vieja.",
    ]
    with open_book(io.BytesIO(saved(book))) as opened:
        assert opened.sheets[1] == Sheet("Vieja", True)
        assert [r.cells for r in opened.rows("Vieja")] == [["600000001"]]
        assert [r.cells for r in opened.rows("Clientes")] == [["600000002"]]


def test_hidden_rows_errors_merged_cells_and_formulas_are_said() -> None:
    def change(sheet: Worksheet) -> None:
        sheet["D2"], sheet["D3"] = "#N/A", "=1+1"
        sheet.row_dimensions[3].hidden = True
        sheet.merge_cells("A6:B7")

    rows, notes = read(xlsx(CONTACTS, change))
    assert len(rows) == 2
    counts = {note.code: note.params["n"] for note in notes}
    assert counts == {
        "book_hidden_rows": 1,
        "book_errors": 1,
        "book_no_values": 1,
        "book_merged": 1,
    }


def test_hidden_rows_and_errors_of_an_xls_are_said() -> None:
    book = xlwt.Workbook()
    book.add_sheet("Notas").write(0, 0, "hola")
    sheet = book.add_sheet("Clientes")
    for y in range(300):
        sheet.write(y, 0, 600111000 + y)
    sheet.row(7).hidden = True
    sheet.row(8).hidden = True
    sheet.row(9).set_cell_error(1, "#REF!")
    out = io.BytesIO()
    book.save(out)
    rows, notes = read(out.getvalue())
    assert len(rows) == 300
    counts = {note.code: note.params.get("n") for note in notes}
    assert counts["book_hidden_rows"] == 2
    assert counts["book_errors"] == 1


def test_hidden_rows_of_an_ods_are_said() -> None:
    book = OpenDocumentSpreadsheet()
    for name in ("Notas", "Clientes"):
        table = Table(name=name)
        for n in range(3):
            line = TableRow(visibility="collapse" if n else "visible")
            value = ods_cell(600111000 + n if name == "Clientes" else "hola")
            line.addElement(value)
            table.addElement(line)
        book.spreadsheet.addElement(table)
    out = io.BytesIO()
    book.write(out)
    rows, notes = read(out.getvalue())
    assert len(rows) == 3
    assert notes[0].params == {"n": 2}


def test_numbers_that_a_spreadsheet_changed_are_read_whole_and_that_is_said() -> None:
    content = b"tel;x\n600111222;1\n34600111223.0;2\n6.00111224E+8;3\n4.47E+11;4\n"
    rows, notes = read(content)
    assert len(rows) == 4
    assert [(note.code, note.params["n"]) for note in notes] == [("numbers_mended", 2)]
    assert "34600111223.0" in str(notes[0])


def test_columns_beyond_the_most_fields_are_left_out_and_that_is_said() -> None:
    titles: list[object] = ["tel", *(f"dato {n}" for n in range(60))]
    rows, notes = read(xlsx([titles, [600111222, *range(60)]]))
    assert rows[0].fields is not None
    assert len(rows[0].fields) == 40
    assert [note.params["title"] for note in notes] == ["dato 40"]


def test_a_value_that_is_too_long_is_the_verdict_of_its_row() -> None:
    rows, _ = read(b"tel;nota\n600111222;" + b"a" * 501 + b"\n600111223;b\n")
    problems = [row.problem.code if row.problem else None for row in rows]
    assert problems == ["field_too_long", None]


def test_without_a_header_there_are_no_fields() -> None:
    rows, _ = read(xlsx([[600111222, "Hola", "x"], [600111223, "Adiós", "y"]]))
    assert rows[0] == Row(1, "600111222", "Hola")


def test_describe_leaves_a_workbook_where_it_was() -> None:
    file = io.BytesIO(xlsx([["tel", "mensaje"], [600111222, "Hola"]]))
    shape = describe(file)
    assert (shape.number_column, shape.text_column) == (0, 1)
    assert [row.text for row in read_rows(file)] == ["Hola"]


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        pytest.param([], "book_no_numbers", id="an-empty-sheet"),
        pytest.param([["tel", "x"]], "book_no_numbers", id="only-a-header"),
        pytest.param([[600111222] * 16_384] * 3, "file_too_wide", id="16384-columns"),
    ],
)
def test_a_sheet_that_is_no_table_of_contacts_is_refused(rows: Rows, code: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        read(xlsx(rows))
    assert refused.value.problem.code == code


def test_a_sheet_that_is_not_there_is_refused() -> None:
    with (
        open_book(io.BytesIO(xlsx(CONTACTS))) as book,
        pytest.raises(ImportRefused, match="no sheet called Otra"),
    ):
        list(book.rows("Otra"))
