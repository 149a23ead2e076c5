"""Titles of columns become fields; contacts have not too many of them."""

from __future__ import annotations

import json

import pytest

from massivesms.domain import contact_fields
from massivesms.domain.contact_fields import MOST_FIELDS, MOST_NAME, MOST_VALUE


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Nombre", "first_name"), ("APELLIDOS", "last_name"), ("e-mail", "email"),
        ("Correo electrónico", "email"), ("Dirección", "address"),
        ("First Name", "first_name"), ("Personalizado 2", "custom_2"),
        ("Saldo pendiente (€)", "saldo_pendiente"), ("Año", "ano"), ("Nº 7", "no_7"),
        ("first_name", "first_name"), ("custom_3", "custom_3"),
        ("", ""), (" 12 ", ""), ("€", ""), ("日本", ""), ("x" * 90, "x" * MOST_NAME),
    ],
)  # fmt: skip
def test_a_title_becomes_a_field(title: str, name: str) -> None:
    assert contact_fields.name_of(title) == name
    assert contact_fields.name_of(name) == name, "a name stays what it is"


def test_the_first_of_two_titles_wins() -> None:
    titles = ["Número", "Nombre", "Name", "Saldo", "saldo ", "number", ""]
    expected = ["numero", "first_name", "", "saldo", "", "", ""]
    assert contact_fields.names_of(titles) == expected


def test_fields_have_limits() -> None:
    most = {f"f{n}": "x" for n in range(MOST_FIELDS)}
    assert contact_fields.check(most) is None
    assert contact_fields.check({**most, "g": "x"}) is not None
    assert contact_fields.check({"a": "x" * MOST_VALUE}) is None
    problem = contact_fields.check({"a": "x" * (MOST_VALUE + 1)})
    assert problem is not None and problem.code == "field_too_long"


@pytest.mark.parametrize(
    "value",
    ["Ana", "Núñez", '"O\'Neill" \\', "two\nlines\tand\x00\x1f\x7f", "€ 😀", "\u2028"],
)
def test_fields_are_stored_as_json_writes_them(value: str) -> None:
    fields = {"first_name": value, "last_name": "", f"<{value}>": "x"}
    stored = contact_fields.written(fields)
    kept = {name: text for name, text in fields.items() if text}
    assert stored == json.dumps(kept, ensure_ascii=False)
    assert contact_fields.read(stored) == kept
    assert contact_fields.written({"first_name": ""}) is None
