"""What a text becomes for LIKE: its own %, _ and \\ are meant as they stand."""

from __future__ import annotations


def begins(start: str) -> str:
    """The pattern of what begins with a text."""
    return f"{_literal(start)}%"


def number_begins(start: str) -> str:
    """The pattern of numbers that begin so; wildcards that were typed are left out."""
    return begins(start.replace("%", "").replace("_", ""))


def holds(text: str) -> str:
    """The pattern of what has a text somewhere."""
    return f"%{_literal(text)}%"


def _literal(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
