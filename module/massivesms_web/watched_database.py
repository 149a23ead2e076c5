"""The database for those who watch: asked with little patience, it may be away."""

from __future__ import annotations

from massivesms.store.db import Database

from . import current

PATIENCE_S = 3


def watched() -> Database:
    """A database of its own, so that a frozen server holds up no look."""
    known = current.known()
    found = known.get("watched_database")
    if not isinstance(found, Database):
        found = Database(current.config().database, patience_s=PATIENCE_S)
        known["watched_database"] = found
    return found
