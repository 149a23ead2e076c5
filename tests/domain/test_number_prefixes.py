"""Beginnings of numbers: what people may write, and which numbers they mean."""

from __future__ import annotations

import pytest

from massivesms.domain.number_prefixes import parse_prefixes, serves
from massivesms.domain.words import Problem


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("  ", ""),
        ("34", "34"),
        ("+34, 351;!34900", "34,351,!34900"),
        ("!+34900 34 34", "!34900,34"),
    ],
)
def test_what_is_typed_is_stored_in_one_way(typed: str, stored: str) -> None:
    assert parse_prefixes(typed) == stored


@pytest.mark.parametrize("typed", ["x", "34-5", "!", "1" * 16, "34,!,35", "٣٤"])
def test_what_is_no_beginning_is_refused(typed: str) -> None:
    problem = parse_prefixes(typed)
    assert isinstance(problem, Problem) and problem.code == "prefix_wrong"


def test_more_than_can_be_stored_is_refused() -> None:
    problem = parse_prefixes(",".join(str(n) for n in range(1000, 1100)))
    assert isinstance(problem, Problem) and problem.code == "prefixes_too_long"


@pytest.mark.parametrize(
    ("prefixes", "number", "served"),
    [
        ("", "+34600111222", True),
        ("34", "+34600111222", True),
        ("34", "+33600111222", False),
        ("34,!34900", "+34900111222", False),
        ("34,!34900", "+34600111222", True),
        ("!34900", "+33600111222", True),
        ("!34900", "+34900111222", False),
        ("34,!349,34900", "+34900111222", True),
    ],
)
def test_the_longest_beginning_decides(
    prefixes: str, number: str, served: bool
) -> None:
    assert serves(prefixes, number) is served
