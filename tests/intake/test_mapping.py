"""Which column is what: the guess, what is refused, and the rows that come of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from massivesms.domain.recipients import Row
from massivesms.errors import ImportRefused
from massivesms.intake import mapping

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def into_a_file(text: str) -> Path:
        path = tmp_path / "f.csv"
        path.write_text(text, encoding="utf-8")
        return path

    return into_a_file


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("Mobile,First name\n600111222,Ana", {0: "number", 1: "first_name"}),
        ("Apellidos;Móvil\nPaz;600111222", {0: "last_name", 1: "number"}),
        ("numero;mensaje\n600111222;Hola", {0: "number", 1: "message"}),
        ("600111222\n600111223", {0: "number"}),
        ("600111222;Hola\n600111223;Adiós", {0: "number", 1: "message"}),
        ("a@b.es;600111222\nc@d.es;600111223", {0: "email", 1: "number"}),
        ("móvil;NIF;NIF\n600111222;1;2", {0: "number", 1: "nif"}),
    ],
)
def test_columns_are_guessed_by_title_or_content(
    write: Write, text: str, guess: dict[int, str]
) -> None:
    assert mapping.look(write(text), "").guess == guess


def test_rows_have_their_fields_and_the_header_is_none(write: Write) -> None:
    path = write("Tel;Nombre;Saldo\n600111222; Ana ;12,50\n\n600111223;;\n")
    found = mapping.rows(path, "", {0: "number", 1: "first_name", 2: "saldo"}, [])
    assert list(found) == [
        Row(2, "600111222", fields={"first_name": "Ana", "saldo": "12,50"}),
        Row(4, "600111223"),
    ]


def test_a_message_cut_at_its_commas_is_put_together(write: Write) -> None:
    path = write("600111222,Hola, Ana, adiós\n600111223,Sí\n")
    found = [
        row.text for row in mapping.rows(path, "", {0: "number", 1: "message"}, [])
    ]
    assert found == ["Hola, Ana, adiós", "Sí"]


def test_a_row_of_too_many_cells_is_bad_where_messages_are_read(write: Write) -> None:
    path = write("tel;mensaje;x\n600111222;Hola;1; \n600111223;a;b;c\n")
    good, bad = mapping.rows(path, "", {0: "number", 1: "message"}, [])
    assert good.problem is None
    assert bad.problem and bad.problem.code == "extra_cells"


def test_a_value_that_is_too_long_is_said_and_not_cut(write: Write) -> None:
    path = write("tel;nota\n600111222;" + "x" * 501)
    (row,) = mapping.rows(path, "", {0: "number", 1: "nota"}, [])
    assert row.problem and row.problem.code == "field_too_long"


def test_a_file_of_blank_rows_is_refused(write: Write) -> None:
    with pytest.raises(ImportRefused):
        mapping.look(write(";;\n;;\n"), "")


def test_two_columns_cannot_be_the_same() -> None:
    found = mapping.check({0: "number", 1: "email", 2: "email"})
    assert {column: problem.code for column, problem in found.items()} == {
        2: "column_twice"
    }
    assert mapping.check({0: "number"}) == {}
