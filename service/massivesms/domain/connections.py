"""What a trunk is doing, from its connections: the best of them speaks for it.

A trunk may have several connections (slots), each with a row of its own that says
what it is doing. Pure; the rows are the store's, with `slot`, `alive`, `state`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

Connection = TypeVar("Connection", bound=Mapping[str, Any])

#: From the best to the worst.
STATES = ("ready", "connecting", "waiting", "stopped", "idle")


def wanted(settings: Mapping[str, str]) -> int:
    """How many connections a trunk is to have, by its settings."""
    binds = settings.get("binds", "")
    return int(binds) if binds.isascii() and binds.isdecimal() and int(binds) else 1


def state_of(connection: Mapping[str, Any]) -> str:
    """What one connection is doing now; "idle" when nobody drives it."""
    return str(connection["state"]) if connection["alive"] else "idle"


def present(
    connections: Sequence[Connection], settings: Mapping[str, str]
) -> list[Connection]:
    """Those of now: rows of slots that are no longer wanted are left out."""
    return [c for c in connections if c["alive"] or c["slot"] < wanted(settings)]


def best(connections: Sequence[Connection]) -> Connection | None:
    """The connection that speaks for the trunk, the first of the best."""
    alive = [c for c in connections if c["alive"]]
    return min(alive, key=lambda c: STATES.index(c["state"])) if alive else None


def last_error(connections: Sequence[Connection]) -> Connection | None:
    """The connection with the newest error, also after it works again."""
    found = [c for c in connections if c["error_code"] and c["error_at"]]
    return max(found, key=lambda c: c["error_at"]) if found else None
