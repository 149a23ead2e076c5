"""Which role the groups of somebody of the PBX give."""

from __future__ import annotations

import pytest

from massivesms.domain.pbx_groups import (
    ADMINISTRATORS,
    EVERYBODY,
    all_groups,
    full_name,
    looks_foreign,
    role_for,
)

PERMISSIONS = {1: {"send", "users", "trunks"}, 2: {"send", "trunks"}, 3: {"send"}}
CHOSEN = {"a": 1, "b": 2, "c": 3, "none": None}


@pytest.mark.parametrize(
    ("groups", "everybody", "role"),
    [
        ((), None, None),
        (("unknown",), None, None),
        (("none",), None, None),
        (("c",), None, 3),
        (("c", "b", "none"), None, 2),
        (("c", "a"), None, 1),
        (("c",), 1, 3),
        (("none", "unknown"), 3, 3),
        ((), 2, 2),
    ],
    ids=[
        *("in none", "unknown", "without a role", "one", "the one that opens most"),
        *("administrator", "a group goes before everybody", "else everybody", "alone"),
    ],
)
def test_the_role_of_some_groups(
    groups: tuple[str, ...], everybody: int | None, role: int | None
) -> None:
    chosen = {**CHOSEN, EVERYBODY: everybody}
    assert role_for(groups, chosen, PERMISSIONS) == role


def test_no_group_takes_a_name_of_ours() -> None:
    named = [ADMINISTRATORS, EVERYBODY, "*privilege:operator", "ventas"]
    assert all_groups(named, [], False) == ("ventas",)
    found = all_groups(["ventas"], ["operator"], True)
    assert found == (ADMINISTRATORS, "*privilege:operator", "ventas")


def test_a_name_says_where_it_is_from() -> None:
    assert full_name("maria", "own") == "maria"
    assert full_name("maria", "issabel") == "maria@issabel"
    assert looks_foreign("x@IssAbel ") and looks_foreign("@freepbx")
    assert not looks_foreign("maria@empresa.es")
