"""A source's values as the audit has them: no secret, of its text the length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import audit
from .campaign_audit import TRUNK_NAME
from .db import Transaction

KEPT = (
    *("name", "kind", "host", "port", "user_name", "database_name", "number_column"),
    *("key_column", "days", "most_rows", "timeout_s", "sender_id", "mail_to"),
)
FLAGS = ("tls", "active", "paused")
MOST_QUERY = 2000  # characters: two of them and all else fit into a row of the audit


def described(tx: Transaction, values: Mapping[str, Any]) -> dict[str, object]:
    """The facts of a source, `days` as they are stored; `hours` may be None.

    What comes after the ? of an address may be a key.
    """
    address, mark, _ = values["place"].partition("?")
    query, hours = values["query"], values["hours"]
    return {
        **{name: values[name] for name in KEPT},
        **{name: bool(values[name]) for name in FLAGS},
        "place": f"{address}?…" if mark else address,
        "sql": f"{query[:MOST_QUERY]}…" if len(query) > MOST_QUERY else query,
        "run_at": f"{values['run_at']:%H:%M}",
        "base_name": values["campaign"],
        "trunk": tx.value(TRUNK_NAME, values) if values["trunk_id"] else None,
        "hours": f"{hours.start:%H:%M}-{hours.end:%H:%M}" if hours else None,
        "text": f"{len(values['text'])} characters",
    }


def changes_of(
    tx: Transaction, old: Mapping[str, Any], new: Mapping[str, Any]
) -> dict[str, list[object]]:
    """What differs; also what is told shortened and differs in the rest only."""
    before, after = described(tx, old), described(tx, new)
    found = audit.changes(before, after)
    for name, called in (("place", "place"), ("query", "sql"), ("text", "text")):
        if old[name] != new[name]:
            found[called] = [before[called], after[called]]
    return found
