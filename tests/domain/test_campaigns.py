"""A campaign's draft and everything that is wrong with it."""

from __future__ import annotations

import pytest

from massivesms.domain.campaigns import (
    IN_DOUBT_LABELS,
    PRIORITY_LABELS,
    CampaignPriority,
    Draft,
    InDoubt,
    check_draft,
    check_name,
    name_taken,
    not_found,
)

NOUNS = ["campaign", "list", "trunk", "user", "role"]


@pytest.mark.parametrize("name", ["x", "Navidad 2026", "Año ñandú 🎉", "x" * 120])
def test_a_name_is_taken(name: str) -> None:
    assert check_name(name) is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "name_missing"),
        ("   ", "name_missing"),
        ("x" * 121, "name_too_long"),
        ("a\0b", "name_characters"),
        ("a\nb", "name_characters"),
        ("a\u202eb", "name_characters"),
    ],
)
def test_a_name_is_refused(name: str, code: str) -> None:
    problem = check_name(name)
    assert problem is not None
    assert problem.code == code


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (Draft("c", "Hola"), set()),
        (Draft("c", "Hola", "Empresa"), set()),
        (Draft("", "Hola"), {"name"}),
        (Draft("c", ""), {"text"}),
        (Draft("c", "  "), {"text"}),
        (Draft("c", "x" * 2000), {"text"}),
        (Draft("c", "Hola", "TwelveCharsX"), {"sender_id"}),
        (Draft("", "", "-x"), {"name", "text", "sender_id"}),
    ],
)
def test_problems_are_told_beside_their_fields(draft: Draft, fields: set[str]) -> None:
    assert set(check_draft(draft)) == fields


def test_the_text_may_be_missing_when_every_row_has_its_own() -> None:
    assert check_draft(Draft("c", ""), text_required=False) == {}
    assert set(check_draft(Draft("c", "\0"), text_required=False)) == {"text"}


def test_a_campaign_is_paused_unless_somebody_says_otherwise() -> None:
    assert Draft("c", "Hola").paused


def test_unless_somebody_says_otherwise_a_person_decides_about_doubts() -> None:
    draft = Draft("c", "Hola")
    assert (draft.in_doubt, draft.priority) == ("hold", 5)


def test_every_policy_and_every_priority_has_words() -> None:
    assert set(IN_DOUBT_LABELS) == set(InDoubt)
    assert set(PRIORITY_LABELS) == set(CampaignPriority)


@pytest.mark.parametrize("noun", NOUNS)
def test_refusals_name_the_thing(noun: str) -> None:
    for problem in (name_taken(noun, "Navidad"), not_found(noun, "Navidad")):
        assert noun in problem.text
        assert "Navidad" in problem.text
