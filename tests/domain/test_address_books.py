"""What is looked for in an address book, and which number of a contact is offered."""

from __future__ import annotations

import pytest

from massivesms.domain.address_books import (
    Contact,
    Search,
    matches,
    offer,
    plain,
    read_search,
)
from massivesms.domain.numbers import NumberPlan

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


@pytest.mark.parametrize(
    ("typed", "search"),
    [
        ("", None),
        (" a ", None),
        ("+3", None),
        ("José  Muñoz", Search(words=["jose", "munoz"])),
        ("600 111", Search(digits="600111")),
        ("+34 600", Search(digits="600")),
        ("00", None),
        ("+39 333", Search(digits="39333")),
        ("0034600", Search(digits="600")),
        ("calle 13", Search(words=["calle", "13"])),
        ("a b c d e f", Search(words=["a", "b", "c", "d", "e"])),
    ],
)
def test_what_was_typed_becomes_words_or_digits(
    typed: str, search: Search | None
) -> None:
    assert read_search(typed, SPAIN) == search


@pytest.mark.parametrize("text", ["ÑANDÚ", "ñandú", "nandu", "Ñandu\u0301"])
def test_accents_and_capitals_do_not_matter(text: str) -> None:
    assert plain(text) == "nandu"


def test_all_words_in_any_order_or_the_digits_of_one_number() -> None:
    names, numbers = ("José", None, "Muñoz"), ("(91) 223-344", None, 600111222)
    assert matches(Search(words=["munoz", "jos"]), names, numbers)
    assert not matches(Search(words=["munoz", "ana"]), names, numbers)
    assert matches(Search(digits="91223"), names, numbers)
    assert matches(Search(digits="0111"), names, numbers)
    assert not matches(Search(digits="344600"), names, numbers)


def test_the_first_number_that_can_be_sent_to_is_offered() -> None:
    hit = offer(Contact("Ana", ["201", "911223344", "600 111 222"]), SPAIN)
    assert hit and (hit.number, hit.problem) == ("+34600111222", None)
    hit = offer(Contact("Ana", ["911223344", "201"]), SPAIN)
    assert hit and hit.problem
    assert (hit.number, hit.problem.code) == ("911223344", "not_mobile")
    assert offer(Contact("Ana", []), SPAIN) is None
