"""A campaign's values as the audit has them: names for ids, of its text the length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..domain.schedule import SendingHours
from . import audit, campaign_schedules
from .db import Transaction

KEPT = ("name", "sender_id", "start_at", "deadline_at", "priority", "in_doubt")
Values = tuple[Mapping[str, Any], SendingHours | None]

TRUNK_NAME = "SELECT name FROM trunk WHERE id = %(trunk_id)s"
LIST_NAME = "SELECT name FROM list WHERE id = %(list_id)s"


def described(
    tx: Transaction, values: Mapping[str, Any], hours: SendingHours | None
) -> dict[str, object]:
    """The facts of a campaign."""
    ids = {name: values[name] for name in ("trunk_id", "list_id")}
    return {
        **{name: values[name] for name in KEPT},
        "trunk": tx.value(TRUNK_NAME, ids) if ids["trunk_id"] else None,
        "list": tx.value(LIST_NAME, ids) if ids["list_id"] else None,
        "hours": f"{hours.start:%H:%M}-{hours.end:%H:%M}" if hours else None,
        **campaign_schedules.described(tx, dict(values)),
        "text": _length(values["text"]),
    }


def changes_of(tx: Transaction, old: Values, new: Values) -> dict[str, list[object]]:
    """What differs; another text of the same length too."""
    found = audit.changes(described(tx, *old), described(tx, *new))
    texts = old[0]["text"], new[0]["text"]
    if texts[0] != texts[1]:
        found["text"] = [_length(text) for text in texts]
    return found


def _length(text: str) -> str:
    return f"{len(text)} characters"
