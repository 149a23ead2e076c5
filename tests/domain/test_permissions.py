"""Permissions have labels; passwords are long enough and not easy to guess."""

from __future__ import annotations

import pytest

from massivesms.domain.permissions import (
    PERMISSION_LABELS,
    Permission,
    check_password,
)

COMMON = frozenset({"password123", "qwertyuiop"})


def test_every_permission_has_a_label() -> None:
    assert set(PERMISSION_LABELS) == set(Permission)
    assert len(set(PERMISSION_LABELS.values())) == len(Permission)


@pytest.mark.parametrize(
    "password", ["correct horse", "ñandú-verde-7", "x9$kQ2!mZw", "a b c d e f"]
)
def test_a_password_is_taken(password: str) -> None:
    assert check_password(password, "ana", COMMON) is None


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("", "password_short"),
        ("short9999", "password_short"),
        ("x" * 257, "password_long"),
        ("password123", "password_common"),
        ("PASSWORD123", "password_common"),
        ("maria-2026-x", "password_common"),
        ("aaaaaaaaaaaa", "password_common"),
        ("abababababab", "password_common"),
    ],
)
def test_a_password_is_refused(password: str, code: str) -> None:
    problem = check_password(password, "Maria", COMMON)
    assert problem is not None
    assert problem.code == code
