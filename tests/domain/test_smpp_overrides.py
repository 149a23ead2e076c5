"""A trunk's own decisions, as a person writes them."""

from __future__ import annotations

import pytest

from massivesms.domain.outcomes import Decision
from massivesms.domain.smpp_overrides import read_overrides
from massivesms.domain.words import Problem


@pytest.mark.parametrize(
    ("text", "decisions"),
    [
        ("", {}),
        (" , ", {}),
        ("0x45=fail", {0x45: Decision.FAIL}),
        ("0X45 = FAIL", {0x45: Decision.FAIL}),
        ("69=fail", {0x45: Decision.FAIL}),
        (
            "0x45=fail, 0x0B=next_trunk,1025=retry",
            {0x45: Decision.FAIL, 0x0B: Decision.NEXT_TRUNK, 1025: Decision.RETRY},
        ),
        ("0xFFFFFFFF=stop_trunk,", {0xFFFFFFFF: Decision.STOP_TRUNK}),
        (
            "8=pause_trunk, 9=next_once",
            {8: Decision.PAUSE_TRUNK, 9: Decision.NEXT_ONCE},
        ),
    ],
)
def test_overrides_are_read(text: str, decisions: dict[int, Decision]) -> None:
    assert read_overrides(text) == decisions


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0x45", "override_form"),
        ("0x45:fail", "override_form"),
        ("fail=0x45", "override_form"),
        ("45h=fail", "override_form"),
        ("-1=fail", "override_form"),
        ("=fail", "override_form"),
        ("٤=fail", "override_form"),
        ("0x123456789=fail", "override_form"),
        ("0=fail", "override_status"),
        ("9999999999=fail", "override_status"),
        ("0x04=retry", "override_not_bound"),
        ("0x45=", "override_decision"),
        ("0x45=drop", "override_decision"),
        ("0x45=fail=retry", "override_decision"),
        ("0x45=fail, 69=retry", "override_twice"),
        ("0x45=fail; 0x46=retry", "override_decision"),
    ],
)
def test_a_wrong_override_is_refused_with_its_reason(text: str, code: str) -> None:
    found = read_overrides(text)
    assert isinstance(found, Problem)
    assert found.code == code
    assert str(found.params["entry"]) in found.text


def test_the_known_decisions_are_named() -> None:
    found = read_overrides("1=x")
    assert isinstance(found, Problem)
    assert all(decision in found.text for decision in Decision)
