"""What the page of the PBX's groups asks: a role for each of them, or none."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request
from flask_babel import gettext
from flask_wtf import FlaskForm

from massivesms.store.db import Row

from ..look import role_label

NO_ROLE = ""


class GroupRolesForm(FlaskForm):
    """One field for each group; its name is the group's, behind a prefix."""

    PREFIX = "role:"

    def offer(self, groups: Sequence[Row], roles: Sequence[Row]) -> None:
        """Sets the groups that are asked for, and the roles that can be chosen."""
        self.names = [str(row["name"]) for row in groups]
        self.options = [(NO_ROLE, gettext("No role"))]
        self.options += [(str(row["id"]), role_label(row["name"])) for row in roles]

    def wanted(self) -> dict[str, int | None] | None:
        """Group -> id of its role, None = no access; None when a role is none."""
        found: dict[str, int | None] = {}
        for name in self.names:
            chosen = request.form.get(self.PREFIX + name)
            if chosen is None:
                continue  # a group that has come since the page was shown
            if chosen not in {value for value, _label in self.options}:
                return None
            found[name] = int(chosen) if chosen else None
        return found
