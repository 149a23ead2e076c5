"""The same file again on the same day: found, so that a person is asked about it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ..domain.words import N_, Problem
from ..store import imports
from ..store.db import Database

CODE = "same_file"


def loaded_today(
    db: Database, digest: bytes | None, zone: ZoneInfo, now: datetime
) -> Problem | None:
    """What is said of a file that was loaded since midnight in a zone, or None.

    `digest` is load_sources.digest_of; a load that was undone does not count.
    """
    if digest is None:
        return None
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    with db.transaction() as tx:
        row = imports.same_file(tx, digest, midnight)
    if row is None:
        return None
    local = row["created_at"].replace(tzinfo=UTC).astimezone(zone)
    return Problem(
        CODE,
        N_("This same file was loaded today at %(time)s into %(target)s by %(by)s."),
        time=f"{local:%H:%M}",
        target=row["list"] or row["campaign"] or f"#{row['id']}",
        by=row["created_by"],
    )
