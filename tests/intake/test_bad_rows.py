"""The file of bad rows: complete, harmless to open, and good to load again."""

from __future__ import annotations

import csv
import io

import pytest

from massivesms.domain.recipients import BadRow
from massivesms.domain.words import Problem
from massivesms.intake.bad_rows import HEADINGS
from massivesms.intake.files import read_rows, write_bad_rows

TOO_SHORT = Problem("too_short", "Too short: %(digits)s.", (("digits", 3),))


def written(*rows: BadRow, **fields: str) -> str:
    out = io.BytesIO()
    assert write_bad_rows(rows, out, fields=fields) == len(rows)
    raw = out.getvalue()
    assert raw.startswith(b"\xef\xbb\xbf")
    return raw.decode("utf-8-sig")


def test_bad_rows_are_written_with_their_reason() -> None:
    content = written(BadRow(3, "600", TOO_SHORT, 'Hola, "Ana"'))
    assert content.split("\r\n") == [
        "line,number,message,reason",
        '3,600,"Hola, ""Ana""",Too short: 3.',
        "",
    ]


@pytest.mark.parametrize(
    ("cell", "inert"),
    [
        pytest.param("=HYPERLINK(1)", "'=HYPERLINK(1)", id="formula"),
        pytest.param(
            "+1+cmd|' /C calc'!A0", "'+1+cmd|' /C calc'!A0", id="plus-formula"
        ),
        pytest.param("-1+2", "'-1+2", id="minus"),
        pytest.param("@SUM(A1)", "'@SUM(A1)", id="at"),
        pytest.param("\tx", "'\tx", id="tab"),
        pytest.param("+34600111222", "+34600111222", id="number-with-plus-stays"),
        pytest.param("+34 600 11", "+34 600 11", id="number-with-spaces-stays"),
    ],
)
def test_no_cell_of_the_bad_rows_runs_as_a_formula(cell: str, inert: str) -> None:
    content = written(BadRow(1, cell, TOO_SHORT, cell))
    (_, row) = csv.reader(io.StringIO(content))
    assert row[1:3] == [inert, inert]


def test_reasons_and_headings_can_be_in_another_language() -> None:
    out = io.BytesIO()
    headings = ("línea", "número", "mensaje", "motivo")
    rows = [BadRow(1, "600", TOO_SHORT)]
    write_bad_rows(rows, out, words=lambda problem: problem.code, headings=headings)
    assert out.getvalue().decode("utf-8-sig").split("\r\n")[:2] == [
        "línea,número,mensaje,motivo",
        "1,600,,too_short",
    ]


def test_repaired_bad_rows_load_again_as_they_were() -> None:
    content = written(
        BadRow(1, "600", TOO_SHORT, "=uno; dos"), BadRow(2, "6001", TOO_SHORT, None)
    )
    repaired = content.replace(",600,", ",600111222,").replace("6001,", "600111223,")
    rows = read_rows(io.BytesIO(repaired.encode()))
    assert [(row.raw_number, row.text) for row in rows] == [
        ("600111222", "=uno; dos"),
        ("600111223", None),
    ]


FIELDS = {"first_name": "Ana", "saldo": "=1+1", "telefono_fijo": "912345678"}
SPANISH = ("línea", "número", "mensaje", "motivo")


def test_the_fields_of_bad_rows_stand_before_the_reason() -> None:
    row = BadRow(3, "600", TOO_SHORT, "Hola", FIELDS)
    content = written(row, BadRow(4, "601", TOO_SHORT), first_name="Nombre", saldo="$")
    assert content.splitlines() == [
        "line,number,message,Nombre,$,reason",
        "3,600,Hola,Ana,'=1+1,Too short: 3.",
        "4,601,,,,Too short: 3.",
    ]


@pytest.mark.parametrize("headings", [HEADINGS, SPANISH], ids=["English", "Spanish"])
@pytest.mark.parametrize("separator", [",", ";"])
def test_repaired_bad_rows_have_their_fields_and_no_others(
    headings: tuple[str, ...], separator: str
) -> None:
    out = io.BytesIO()
    titles = {"first_name": "Nombre", "saldo": "saldo", "telefono_fijo": "Tel. fijo"}
    rows = [BadRow(3, "600", TOO_SHORT, "Hola", FIELDS)]
    write_bad_rows(rows, out, headings=headings, fields=titles)
    cells = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    cells[1][1] = "600111222"
    again = "\n".join(separator.join([*row, "", ""]) for row in cells)
    (row,) = read_rows(io.BytesIO(again.encode()))
    assert (row.raw_number, row.text, row.problem) == ("600111222", "Hola", None)
    known = {"first_name": "Ana", "saldo": "=1+1", "tel_fijo": "912345678"}
    assert row.fields == known


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("line,number,message,reason", None),
        (
            "línea,número,nombre,motivo",
            {"linea": "7", "first_name": "A", "motivo": "B"},
        ),
        ("móvil,nombre,motivo,line", {"first_name": "8", "motivo": "A", "line": "B"}),
    ],
)
def test_only_our_own_columns_are_no_fields(
    header: str, fields: dict[str, str] | None
) -> None:
    content = f"{header}\n{'600111222,8' if header[0] == 'm' else '7,600111222'},A,B\n"
    (row,) = read_rows(io.BytesIO(content.encode()))
    assert (row.raw_number, row.fields) == ("600111222", fields)
