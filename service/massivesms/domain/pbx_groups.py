"""Which role somebody of the PBX gets: by its groups, or by what it grants there.

A privilege, and the two groups that every PBX has though it does not name them,
stand in the same list under names with *, which no group can take.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .words import N_

RESERVED = "*"
#: Whom the PBX calls an administrator.
ADMINISTRATORS = "*administrators"
#: Whom the PBX lets open the menu, when no other group gives a role.
EVERYBODY = "*everybody"
PRIVILEGE = "*privilege:"

SOURCES = ("issabel", "freepbx")
OWN = "own"
SOURCE_LABELS: Mapping[str, str] = {
    OWN: N_("massivesms"),
    "issabel": "Issabel",
    "freepbx": "FreePBX",
}
MAX_GROUP = 64


def all_groups(
    groups: Collection[str], privileges: Collection[str], is_administrator: bool
) -> tuple[str, ...]:
    """Everything of somebody that can give a role, by the names of the list."""
    found = {name for name in groups if not name.startswith(RESERVED)}
    found |= {PRIVILEGE + name for name in privileges}
    if is_administrator:
        found.add(ADMINISTRATORS)
    return tuple(sorted(found))


def role_for(
    groups: Collection[str],
    chosen: Mapping[str, int | None],
    permissions: Mapping[int, Collection[str]],
) -> int | None:
    """The role with the most permissions among those of `groups`; None = not let in.

    `chosen` is what was decided for each group: a role's id, or None for no access.
    """
    offered = [chosen.get(name) for name in groups]
    given = [role_id for role_id in offered if role_id is not None]
    if not given:
        return chosen.get(EVERYBODY)
    return max(given, key=lambda role_id: (len(permissions[role_id]), -role_id))


def full_name(name: str, source: str) -> str:
    """How somebody is called wherever people of both kinds are: maria@issabel."""
    return name if source == OWN else f"{name}@{source}"


def looks_foreign(name: str) -> bool:
    """Whether a name would be taken for one of the PBX's."""
    return name.strip().lower().endswith(tuple(f"@{source}" for source in SOURCES))
