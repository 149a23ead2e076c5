"""Which senders are numbers."""

from __future__ import annotations

import pytest

from massivesms.domain.inert_text import shown
from massivesms.domain.number_plan import NumberPlan
from massivesms.domain.senders import number_of

SPAIN = NumberPlan(
    country_code="34",
    mobile_prefixes=("6", "7"),
    min_mobile_length=9,
    max_mobile_length=9,
)
HOMELESS = NumberPlan(
    country_code="", mobile_prefixes=(), min_mobile_length=0, max_mobile_length=0
)


@pytest.mark.parametrize(
    ("sender", "plan", "number"),
    [
        ("+34600111222", SPAIN, "+34600111222"),
        ("34600111222", SPAIN, "+34600111222"),
        ("600111222", SPAIN, "+34600111222"),
        ("+34911222333", SPAIN, "+34911222333"),
        ("34911222333", SPAIN, "+34911222333"),
        ("+5511987654321", SPAIN, "+5511987654321"),
        ("34600111222", HOMELESS, "+34600111222"),
        ("5000", SPAIN, ""),
        ("217217", SPAIN, ""),
        ("BANCO", SPAIN, ""),
        ("Tel. 600111222", SPAIN, ""),
        ("", SPAIN, ""),
        ("+", SPAIN, ""),
        ("٦٠٠١١١٢٢٢", SPAIN, ""),
        ("9" * 30, SPAIN, ""),
    ],
)
def test_a_sender_is_a_number_or_not(
    sender: str, plan: NumberPlan, number: str
) -> None:
    assert number_of(sender, plan) == number


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Hola, ¿qué tal?\nBien", "Hola, ¿qué tal?\nBien"),
        ("uno\r\ndos\rtres\u2028cuatro", "uno\ndos\ntres\ncuatro"),
        ("a\x00b\x1b[31mc\x7f", "a\\x00b\\x1b[31mc\\x7f"),
        ("abc\u202etxt.exe\u2066x", "abc\\u202etxt.exe\\u2066x"),
        ("👩\u200d👧 שלום\u200f", "👩\u200d👧 שלום\u200f"),
        ("全角\u3000空白\xa0", "全角\u3000空白\xa0"),
        ("\ufeffx\U000e0041", "\\ufeffx\\U000e0041"),
    ],
)
def test_what_could_deceive_is_spelt_out(text: str, seen: str) -> None:
    assert shown(text) == seen
