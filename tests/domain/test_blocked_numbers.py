"""What is written to block numbers: read as people write it, each once."""

from __future__ import annotations

import pytest

from massivesms.domain.blocked_numbers import MOST_AT_ONCE, check_reason, read_numbers
from massivesms.domain.numbers import NumberPlan
from massivesms.domain.words import Problem

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


@pytest.mark.parametrize(
    ("written", "numbers", "bad"),
    [
        ("600 111 222", ["+34600111222"], []),
        ("600111222\n0034 600111222", ["+34600111222"], []),
        ("600111222,600111223;;+39 333 000 1111", 3, []),
        ("\r\n 600111222 \r\n\r\nx\r\n911", 1, ["x", "911"]),
    ],
    ids=["one", "twice", "several", "some are none"],
)
def test_numbers_are_read_as_people_write_them(
    written: str, numbers: list[str] | int, bad: list[str]
) -> None:
    found = read_numbers(written, SPAIN)
    assert not isinstance(found, Problem)
    read = [number.e164 for number in found.numbers]
    assert read == numbers or len(read) == numbers
    assert [raw for raw, _problem in found.bad] == bad


@pytest.mark.parametrize("written", ["", " ,;\n", "6\n" * (MOST_AT_ONCE + 1)])
def test_nothing_and_too_much_is_refused_as_a_whole(written: str) -> None:
    assert isinstance(read_numbers(written, SPAIN), Problem)


def test_a_reason_has_a_length() -> None:
    assert check_reason("x" * 160) is None
    assert check_reason("x" * 161)
