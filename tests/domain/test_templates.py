"""Places in texts are filled with values, which are never read as places again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain import templates
from massivesms.domain.words import Problem

TEXT = "Hola <Nombre>: debe <saldo pendiente> € <3"


def test_places_are_named_like_columns() -> None:
    assert templates.places(TEXT) == ["first_name", "saldo_pendiente"]
    assert templates.places("<a><A><b> < c> <\n>") == ["a", "b", "c"]
    assert templates.places("2 < 3 > 1 <> <<>>") == []


def test_a_text_is_filled() -> None:
    values = {"first_name": " Ana ", "saldo_pendiente": "12,50"}
    assert templates.fill(TEXT, values) == "Hola Ana: debe 12,50 € <3"


@given(st.text(min_size=1).filter(str.strip))
def test_a_value_is_never_read_as_a_place_or_a_pattern(value: str) -> None:
    filled = templates.fill("<a> y <b>", {"a": value, "b": "<a>\\1"})
    assert filled == f"{value.strip()} y <a>\\1"


@pytest.mark.parametrize("values", [{}, {"a": ""}, {"a": "  "}])
def test_a_value_that_lacks_is_said(values: dict[str, str]) -> None:
    problem = templates.fill("Hola <A>", values)
    assert isinstance(problem, Problem) and "<A>" in problem.text


def test_an_unknown_place_is_refused_with_the_nearest() -> None:
    known = ["first_name", "saldo", "number"]
    assert templates.check("<Nombre> <saldo>", known) is None
    problem = templates.check("Debe <sldo>", known)
    assert problem is not None and "<saldo>" in problem.text
    problem = templates.check("Debe <xyzzy>", known)
    assert problem is not None and problem.code == "unknown_place"
    assert "<first_name>, <saldo>, <number>" in problem.text


def test_the_nearest_name_may_be_one_that_people_write() -> None:
    problem = templates.check("Hola <nonbre>", ["first_name", "number"])
    assert problem is not None
    assert problem.text == "There is no column <nonbre>. Do you mean <nombre>?"
