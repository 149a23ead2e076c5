"""The same file again on the same day: found, so that a person is asked about it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from ..domain.words import N_, Problem
from ..store import imports
from ..store.db import Database

CODE = "same_file"
LOADED_INTO = N_(
    "This same file was loaded today at %(time)s into %(target)s by %(by)s."
)
LOADED_ALONE = N_(
    "This same file was loaded today at %(time)s by %(by)s: import %(number)s."
)


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
    said = {"time": f"{local:%H:%M}", "by": row["created_by"]}
    target = row["list"] or row["campaign"]
    if target is None:  # a bulk file, or what it was loaded into is gone
        number = f"#{row['id']}"
        return Problem(CODE, LOADED_ALONE, **said, number=number)
    return Problem(CODE, LOADED_INTO, **said, target=target)
