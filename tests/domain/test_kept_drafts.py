"""A draft that is kept is the same draft when it is read again."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time

import pytest

from massivesms.domain import kept_drafts, kept_problems
from massivesms.domain.campaigns import CampaignPriority, Draft, InDoubt
from massivesms.domain.schedule import SendingHours
from massivesms.domain.words import Problem

FULL = Draft(
    "Ñandú",
    "Hola",
    sender_id="Tienda",
    start_at=datetime(2026, 3, 1, 9, 30, tzinfo=UTC),
    deadline_at=datetime(2026, 3, 2, tzinfo=UTC),
    hours=SendingHours(time(22), time(6, 30)),
    trunk_id=3,
    paused=False,
    list_id=7,
    in_doubt=InDoubt.RESEND,
    priority=CampaignPriority.HIGH,
)


@pytest.mark.parametrize("draft", [FULL, Draft("a", "")])
def test_a_draft_is_read_as_it_was(draft: Draft) -> None:
    kept = json.loads(json.dumps(kept_drafts.stored(draft)))
    assert kept_drafts.read(kept) == draft
    assert set(kept) == {field.name for field in fields(Draft)}


def test_what_cannot_be_kept_is_refused() -> None:
    @dataclass(frozen=True)
    class Odd:
        name: object

    with pytest.raises(TypeError):
        kept_drafts.stored(Odd(object()))  # type: ignore[arg-type]


def test_a_problem_in_a_problem_is_read_as_it_was() -> None:
    problem = Problem("a", "%(x)s", x=Problem("b", "%(n)s rows", n=3))
    assert kept_problems.read(
        json.loads(json.dumps(kept_problems.stored(problem)))
    ) == (problem)
