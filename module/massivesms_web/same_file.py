"""Asks in a form whether the same file is to be loaded again on the same day."""

from __future__ import annotations

from datetime import UTC, datetime

from wtforms import BooleanField

from massivesms.domain.words import N_, Problem
from massivesms.intake.same_file import loaded_today

from . import current

TO_LOAD_AGAIN = N_(
    "%(what)s To load it all the same, choose it again and tick the box below it."
)


def asked(digest: bytes | None, again: BooleanField) -> Problem | None:
    """What stands at the form's file when it was loaded today; None when it is wanted.

    `digest` is load_sources.digest_of; `again` is the box to tick, which is shown
    once it has a description.
    """
    if again.data:
        return None
    zone = current.settings().time_zone
    found = loaded_today(current.db(), digest, zone, datetime.now(UTC))
    if found is None:
        return None
    again.description = found.code
    return Problem(found.code, TO_LOAD_AGAIN, what=found)
