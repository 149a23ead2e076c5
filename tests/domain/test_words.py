"""Problems as values, and the tables of words that the rules bring along."""

from __future__ import annotations

import re

import pytest

from massivesms.domain import number_plan, numbers, recipients, segments
from massivesms.domain.words import N_, Problem, problem_from
from massivesms.errors import ImportRefused, MassiveSmsError
from massivesms.intake import decoding, files, shape

TABLES = [
    pytest.param(module.PROBLEMS, id=module.__name__.rpartition(".")[2])
    for module in (number_plan, numbers, segments, recipients, decoding, shape, files)
]
SHORT = {"too_short": N_("Too short: %(digits)s digits, at least %(minimum)s.")}


def test_a_problem_says_its_sentence_in_english() -> None:
    problem = problem_from(SHORT, "too_short", digits=3, minimum=9)
    assert str(problem) == problem.text == "Too short: 3 digits, at least 9."


def test_a_problem_keeps_what_a_translation_needs() -> None:
    problem = problem_from(SHORT, "too_short", digits=3, minimum=9)
    assert problem.template == SHORT["too_short"]
    assert problem.params == {"digits": 3, "minimum": 9}


def test_a_problem_comes_back_from_its_stored_code_and_params() -> None:
    problem = problem_from(SHORT, "too_short", digits=3, minimum=9)
    assert problem_from(SHORT, problem.code, **problem.params) == problem


def test_equal_problems_are_one_in_a_set() -> None:
    one = Problem("a", "A %(n)s.", (("n", 1),))
    assert len({one, Problem("a", "A %(n)s.", (("n", 1),))}) == 1


def test_a_percent_sign_in_a_value_is_only_text() -> None:
    assert Problem("a", "It is %(x)s.", (("x", "%(y)s 100%"),)).text == (
        "It is %(y)s 100%."
    )


def test_an_error_carries_its_problem_and_says_it() -> None:
    error = ImportRefused(Problem("a", "Choose a file."))
    assert isinstance(error, MassiveSmsError)
    assert (error.problem.code, str(error)) == ("a", "Choose a file.")


@pytest.mark.parametrize("table", TABLES)
def test_every_problem_is_a_sentence_under_a_stable_code(table: dict[str, str]) -> None:
    for code, template in table.items():
        assert re.fullmatch("[a-z0-9_]{1,40}", code)
        assert template[0].isupper() or template.startswith("%")
        assert template.endswith(".")


def test_no_code_means_two_things() -> None:
    words: dict[str, str] = {}
    for table in TABLES:
        for code, template in table.values[0].items():  # type: ignore[union-attr]
            assert words.setdefault(code, template) == template
