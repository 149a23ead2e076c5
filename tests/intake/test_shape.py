"""Which column is which: separators, headers, quotes and unquoted commas."""

from __future__ import annotations

import io
import re

import pytest

from massivesms.domain.recipients import Row
from massivesms.intake.files import describe, read_rows

Pair = tuple[str, str | None]


def rows_of(content: str) -> list[Row]:
    return list(read_rows(io.BytesIO(content.encode())))


def pairs_of(content: str) -> list[Pair]:
    return [(row.raw_number, row.text) for row in rows_of(content)]


@pytest.mark.parametrize(
    ("content", "pairs"),
    [
        pytest.param("600111222", [("600111222", None)], id="one-number-no-line-break"),
        pytest.param(
            "\n600111222\n\n \n600111223\n\n\n",
            [("600111222", None), ("600111223", None)],
            id="blank-lines-are-no-rows",
        ),
        pytest.param(
            "600111222;a\n;;\n600111223;b\n;;\n",
            [("600111222", "a"), ("600111223", "b")],
            id="rows-of-separators-are-blank",
        ),
        pytest.param(
            "600111222;\n600111223;Hola\n",
            [("600111222", None), ("600111223", "Hola")],
            id="a-missing-message-is-none",
        ),
        pytest.param(
            "600111222\n600111223,Hola\n600111224\n",
            [("600111222", None), ("600111223", "Hola"), ("600111224", None)],
            id="a-message-in-some-rows-only",
        ),
        pytest.param(
            "600,111,222\n600,111,223\n",
            [("600,111,222", None), ("600,111,223", None)],
            id="thousands-are-no-columns",
        ),
        pytest.param(
            "4,4791E+11\n4,4792E+11\n",
            [("4,4791E+11", None), ("4,4792E+11", None)],
            id="decimal-commas-are-no-columns",
        ),
        pytest.param(
            "600 111 222 / 600 333 444\n600111223\n",
            [("600 111 222 / 600 333 444", None), ("600111223", None)],
            id="two-numbers-in-a-cell",
        ),
        pytest.param(
            "600111222;Hola, Ana\n600111223;Hola, Eva, ven\n",
            [("600111222", "Hola, Ana"), ("600111223", "Hola, Eva, ven")],
            id="commas-within-semicolons",
        ),
        pytest.param(
            ";;600111222;;Hola\n;;600111223;;Adios\n",
            [("600111222", "Hola"), ("600111223", "Adios")],
            id="empty-columns",
        ),
        pytest.param(
            "1;600111222;Hola\n2;600111223;Adios\n",
            [("600111222", "Hola"), ("600111223", "Adios")],
            id="a-column-that-counts-rows",
        ),
        pytest.param(
            "12/10/2024;600111222;Hola\n13/10/2024;600111223;Adios\n",
            [("600111222", "Hola"), ("600111223", "Adios")],
            id="a-column-of-dates",
        ),
        pytest.param(
            "600111222,600333444\n600111223,600333445\n",
            [("600111222", None), ("600111223", None)],
            id="a-second-number-is-no-message",
        ),
        pytest.param(
            "sep=;\n600111222;Hola\n", [("600111222", "Hola")], id="sep-line-of-excel"
        ),
        pytest.param(
            '600111222;"dijo ""hola"" y; se fue"\n',
            [("600111222", 'dijo "hola" y; se fue')],
            id="doubled-quotes",
        ),
        pytest.param(
            '"600111222", "Hola, Ana" \n', [("600111222", "Hola, Ana")], id="spaces"
        ),
        pytest.param(
            '600111222;"Ana" dice hola\n',
            [("600111222", '"Ana" dice hola')],
            id="text-after-a-closing-quote-is-kept",
        ),
        pytest.param(
            '600111222;5" de agua\n600111223;"\n',
            [("600111222", '5" de agua'), ("600111223", '"')],
            id="inches-and-a-lone-quote",
        ),
    ],
)
def test_rows_are_found_in_what_people_upload(content: str, pairs: list[Pair]) -> None:
    assert pairs_of(content) == pairs


@pytest.mark.parametrize(
    ("header", "number", "text"),
    [
        pytest.param("number,message", 0, 1, id="english"),
        pytest.param("Número;Mensaje", 0, 1, id="spanish-with-accent"),
        pytest.param("TELEFONO;TEXTO", 0, 1, id="capitals"),
        pytest.param("Mensaje;Móvil", 1, 0, id="other-way-round"),
        pytest.param("Nombre;Teléfono móvil;SMS", 1, 2, id="words-among-others"),
        pytest.param("Nº de cliente;Teléfono fijo;Movil", 2, None, id="best-word-wins"),
        pytest.param("id,msisdn,body", 1, 2, id="technical"),
        pytest.param("phone;name", 0, None, id="an-unnamed-column-is-no-message"),
        pytest.param("A quien;Nombre", 0, None, id="names-are-no-messages"),
        pytest.param("A quien;Que", 0, 1, id="unknown-words-count-by-place"),
        pytest.param("phone_number\tmessage_text", 0, 1, id="underscores"),
    ],
)
def test_a_header_picks_the_columns(header: str, number: int, text: int | None) -> None:
    separator = re.findall("[,;\t]", header)[0]
    cells = [f"c{n}" for n in range(header.count(separator) + 1)]
    cells[number] = "600111222"
    content = f"{header}\n{separator.join(cells)}\n"
    shape = describe(io.BytesIO(content.encode()))
    assert shape.has_header
    assert (shape.number_column, shape.text_column) == (number, text)
    (row,) = rows_of(content)
    assert row.raw_number == "600111222"
    assert row.text == (None if text is None else f"c{text}")


def test_a_header_of_one_column_is_left_out() -> None:
    assert pairs_of("Lista de clientes\n600111222\n") == [("600111222", None)]


def test_a_first_row_with_a_damaged_number_is_a_row_and_no_header() -> None:
    assert pairs_of("12;Hola\n600111222;Adios\n")[0] == ("12", "Hola")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("600111222,Hola Ana\n{}", id="headerless"),
        pytest.param("number,message\n{}", id="header-of-two-columns"),
        pytest.param("{}", id="every-row-has-the-comma"),
    ],
)
def test_a_message_with_unquoted_commas_is_kept_whole(content: str) -> None:
    last = rows_of(content.format("600111223,Hola Eva, ven, y trae, pan\n"))[-1]
    assert (last.text, last.problem) == ("Hola Eva, ven, y trae, pan", None)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("number,message,name\n600111222,Hola, Ana,Ana\n", id="3-columns"),
        pytest.param("number;message\n600111222;Hola; Ana\n", id="semicolons"),
        pytest.param("message,number\nHola, Ana,600111222\n", id="message-first"),
    ],
)
def test_a_row_whose_message_would_be_cut_is_a_bad_row(content: str) -> None:
    (row,) = rows_of(content)
    assert row.problem is not None
    assert row.problem.code == "extra_cells"


def test_extra_empty_cells_are_no_problem() -> None:
    (row,) = rows_of("number;message\n600111222;Hola;; \n")
    assert (row.text, row.problem) == ("Hola", None)
