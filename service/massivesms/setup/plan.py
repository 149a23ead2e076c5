"""The plans: setting up, keeping up after an upgrade, taking away.

Owns which steps belong to which and in what order; what each does is in its room.
"""

from __future__ import annotations

from ..store import users
from ..store.audit import Actor
from ..store.db import Database
from . import basics, files, menus, services, web_server
from .database import DatabaseSteps
from .layout import Layout, Root
from .steps import Step


def setting_up(layout: Layout, root: Root, actor: Actor) -> list[Step]:
    """Everything; all of it is safe to do again."""
    return [
        *basics.every(layout),
        *DatabaseSteps(layout, root, actor).every(),
        *menus.every(layout, root),
        *web_server.every(layout),
        *services.every(layout),
    ]


def keeping_up(layout: Layout, root: Root, actor: Actor) -> list[Step]:
    """What a newer release brings: tables, rights, the PBX's and Apache's files."""
    return [
        *DatabaseSteps(layout, root, actor).for_upgrade(),
        *menus.every(layout, root),
        *web_server.every(layout),
    ]


def taking_away(layout: Layout) -> list[Step]:
    """All but what holds data: the database, massivesms.conf, the secret key."""
    key = basics.sso_key_file(layout)
    return [
        *services.removed(layout),
        *menus.removed(layout),
        *web_server.removed(layout),
        Step("sign-on key", f"{key}: not there", lambda: files.removal(key)),
    ]


def what_next(layout: Layout) -> list[str]:
    """What a person does after it: the first administrator, and a look."""
    lines = []
    if not _has_administrator(layout):
        lines.append(
            "The first administrator: massivesms user add NAME --role administrator"
        )
        if layout.pbx.kind:
            lines.append(
                f"The administrators of {layout.pbx.name} sign in by its menu as well."
            )
    lines.append("What is still missing before something is sent: massivesms doctor")
    return lines


def nothing_more(_layout: Layout) -> list[str]:
    """After an upgrade there is nothing for a person to do."""
    return []


def what_is_kept(layout: Layout) -> list[str]:
    """What taking away has left, and how to remove that too."""
    config = layout.config
    name, user = config.database.name, config.database.user
    return [
        f"Kept: the database {name}, {config.file}, {basics.secret_key_file(layout)},"
        f" {layout.machine.at(config.log_dir)}.",
        "To remove them for good, with all lists, campaigns and messages:"
        f" mysql -e 'DROP DATABASE {name}; DROP USER {user}@localhost'"
        f" && rm -r {config.file.parent} {layout.machine.at(config.log_dir)}",
    ]


def _has_administrator(layout: Layout) -> bool:
    db = Database(layout.config.database)
    try:
        found = db.atomically(users.all_users)
    finally:
        db.close()
    return any(user["active"] and "users" in user["permissions"] for user in found)
