"""What all pages look alike in: the bar, the labels, the navigation, the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask, g

from massivesms.domain.permissions import PERMISSION_LABELS, Permission
from massivesms.domain.settings import read
from massivesms.domain.states import CampaignState, MessageState
from massivesms.domain.words import Problem
from massivesms_web import current, language, look

STYLE = Path(look.__file__).parent / "static" / "app.css"


def test_every_state_has_a_label_and_one_colour() -> None:
    css = STYLE.read_text()
    for state in (*MessageState, *CampaignState, *look.TRUNK_LABELS):
        assert str(state) in look.LABELS
        assert f".state-{state}" in css, state
    for state in MessageState:
        assert f".fill-{state} " in css and f".dot-{state} " in css, state


def test_the_bar_has_every_message_state() -> None:
    assert set(look.BAR_ORDER) == {str(state) for state in MessageState}


def test_every_permission_has_a_label() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)


@pytest.mark.parametrize(
    "counts",
    [{}, {"queued": 1}, {"queued": 10**6, "failed": 1}, {"delivered": 3, "queued": 1}],
)
def test_the_bar_is_full_and_shows_the_smallest_part(
    app: Flask, counts: dict[str, int]
) -> None:
    with app.test_request_context("/"):
        parts = look.bar_parts(counts)
    assert len(parts) == len(counts)
    if parts:
        assert parts[0].x == 0
        assert parts[-1].x + parts[-1].width == pytest.approx(1000, abs=1)
        assert min(part.width for part in parts) > 5


@pytest.mark.parametrize(
    ("zone", "lang", "shown"),
    [
        ("Europe/Madrid", "es", "1 jul 2026, 12:30"),
        ("America/Santiago", "en", "1 Jul 2026, 06:30"),
        ("UTC", "en", "1 Jul 2026, 10:30"),
    ],
)
def test_times_are_of_the_configured_zone_and_the_readers_language(
    app: Flask, zone: str, lang: str, shown: str
) -> None:
    with app.test_request_context("/"):
        g.settings = read({"time_zone": zone})
        g.language = lang
        moment = datetime(2026, 7, 1, 10, 30, tzinfo=UTC)
        assert shown in language.local_time(moment)
        assert "2026-07-01T10:30:00+00:00" in language.local_time(moment)


def test_numbers_are_of_the_readers_language(app: Flask) -> None:
    with app.test_request_context("/"):
        g.settings = read({})
        g.language = "es"
        assert language.number(12345) == "12.345"


def test_a_problem_is_said_in_the_readers_language_to_its_inside(app: Flask) -> None:
    inner = Problem("name_missing", "A name is missing.")
    outer = Problem(
        "csv", "None of its %(rows)s numbers can be used. Line %(line)s: %(reason)s",
        rows=2, line=1, reason=inner,
    )  # fmt: skip
    with app.test_request_context("/"):
        g.settings = read({})
        g.language = "es"
        said = current.say(outer)
    assert said.startswith("Ninguno") and said.endswith("Falta el nombre.")
