"""A sender: 11 plain characters, or 14 digits."""

from __future__ import annotations

import pytest

from massivesms.domain.sender_ids import check_sender_id


@pytest.mark.parametrize(
    "sender",
    ["", "Empresa", "ELEVEN CHAR", "5000", "12345678901234", "+12345678901234",
     "A1-b", "H&M", "a.b_c"],
)  # fmt: skip
def test_a_sender_is_taken(sender: str) -> None:
    assert check_sender_id(sender) is None


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ("TwelveCharsX", "sender_too_long"),
        ("123456789012345", "sender_too_long"),
        ("+123456789012345", "sender_too_long"),
        ("-rf", "sender_form"),
        ("a\0b", "sender_form"),
        ("a\nb", "sender_form"),
        ("Peña", "sender_characters"),
        ("€uro", "sender_characters"),
        ("日本", "sender_characters"),
        ("a`b", "sender_characters"),
        ("١٢٣", "sender_characters"),
    ],
)
def test_a_sender_is_refused(sender: str, code: str) -> None:
    problem = check_sender_id(sender)
    assert problem is not None
    assert problem.code == code
