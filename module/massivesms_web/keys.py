"""Ids that come in an address: where a page of rows goes on, what is chosen."""

from __future__ import annotations

from datetime import date

LARGEST = 2**63 - 1  # beyond it servers disagree on how to compare


def key(text: str) -> int:
    """An id of an address, for `request.args.get(name, type=key)`.

    ValueError, so that it counts as absent, when it is none that a row can have.
    """
    value = int(text)
    if not 0 <= value <= LARGEST:
        raise ValueError(text[:20])
    return value


def read_day(text: str | None) -> date | None:
    """A day of an address (YYYY-MM-DD), None when it is none of our times."""
    try:
        found = date.fromisoformat(text or "")
    except ValueError:
        return None
    return found if 1970 < found.year < 3000 else None
