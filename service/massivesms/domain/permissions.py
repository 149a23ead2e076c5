"""What a user may do: one permission for each family of pages."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from .words import N_, Problem


class Permission(StrEnum):
    """A family of pages that a role opens."""

    SEND = "send"
    CAMPAIGNS = "campaigns"
    LISTS = "lists"
    TRUNKS = "trunks"
    CONFIGURATION = "configuration"
    USERS = "users"


PERMISSION_LABELS: Mapping[Permission, str] = {
    Permission.SEND: N_("Send"),
    Permission.CAMPAIGNS: N_("Campaigns"),
    Permission.LISTS: N_("Lists"),
    Permission.TRUNKS: N_("Trunks"),
    Permission.CONFIGURATION: N_("Configuration"),
    Permission.USERS: N_("Users"),
}

MIN_PASSWORD = 10


def check_password(
    password: str, user_name: str, common: frozenset[str]
) -> Problem | None:
    """Refuses passwords that are short, common or the user's own name."""
    if len(password) < MIN_PASSWORD:
        return Problem(
            "password_short",
            N_("The password needs at least %(minimum)s characters."),
            minimum=MIN_PASSWORD,
        )
    if len(password) > 256:
        return Problem("password_long", N_("The password is too long."))
    lower = password.lower()
    if lower in common or user_name.lower() in lower or len(set(lower)) < 4:
        return Problem(
            "password_common",
            N_("This password is easy to guess. Choose another one."),
        )
    return None
