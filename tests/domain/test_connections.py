"""Several connections of a trunk: the best one speaks for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from massivesms.domain.connections import best, last_error, present, state_of, wanted


def slot(number: int, state: str, *, alive: bool = True, **more: Any) -> dict[str, Any]:
    row = {"slot": number, "state": state, "alive": alive, "error_code": None}
    return {**row, "error_at": None, **more}


@pytest.mark.parametrize(
    ("states", "wins"),
    [
        (["waiting", "ready"], "ready"),
        (["waiting", "connecting"], "connecting"),
        (["stopped", "waiting"], "waiting"),
        (["idle", "stopped"], "stopped"),
    ],
)
def test_the_best_state_is_the_trunks(states: list[str], wins: str) -> None:
    found = best([slot(n, state) for n, state in enumerate(states)])
    assert found is not None and found["state"] == wins


def test_what_nobody_drives_does_not_speak() -> None:
    assert best([]) is None
    assert best([slot(0, "ready", alive=False)]) is None
    assert state_of(slot(0, "ready", alive=False)) == "idle"


@pytest.mark.parametrize(
    ("settings", "number"),
    [({}, 1), ({"binds": "3"}, 3), ({"binds": ""}, 1), ({"binds": "0"}, 1)],
)
def test_the_settings_say_how_many_connections_there_are_to_be(
    settings: dict[str, str], number: int
) -> None:
    assert wanted(settings) == number


def test_rows_of_slots_that_were_taken_away_are_left_out() -> None:
    slots = [slot(0, "ready"), slot(1, "idle", alive=False), slot(2, "ready")]
    assert present(slots, {"binds": "1"}) == [slots[0], slots[2]]
    assert present(slots, {"binds": "2"}) == slots


def test_the_newest_error_is_the_last_one() -> None:
    old = slot(0, "ready", error_code="x", error_at=datetime(2026, 1, 1))
    new = slot(1, "ready", error_code="y", error_at=datetime(2026, 1, 2))
    assert last_error([old, new, slot(2, "ready")]) is new
    assert last_error([slot(0, "ready")]) is None
