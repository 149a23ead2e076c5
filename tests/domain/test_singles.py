"""One message, checked as it is written on the send page."""

from __future__ import annotations

import pytest

from massivesms.domain.numbers import Number, NumberPlan
from massivesms.domain.singles import Single, check_single

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


def test_a_good_one_is_ready_to_be_enqueued() -> None:
    found = check_single("600 111 222", "ñ" * 161, "Empresa", SPAIN)
    number = Number("+34600111222", True)
    assert found == Single(number, "ñ" * 161, 2, "Empresa")


@pytest.mark.parametrize(
    ("number", "text", "sender", "fields"),
    [
        ("", "Hola", "", {"number"}),
        ("912345678", "Hola", "", {"number"}),
        ("600111222", "", "", {"text"}),
        ("600111222", "a\0b", "", {"text"}),
        ("600111222", "x" * 1531, "", {"text"}),
        ("600111222", "Hola", "TwelveCharsX", {"sender_id"}),
        ("x", " ", "-x", {"number", "text", "sender_id"}),
    ],
    ids=["no number", "no mobile", "no text", "NUL", "eleven segments", "sender",
         "everything"],
)  # fmt: skip
def test_every_problem_is_told_beside_its_field(
    number: str, text: str, sender: str, fields: set[str]
) -> None:
    found = check_single(number, text, sender, SPAIN)
    assert isinstance(found, dict)
    assert set(found) == fields
