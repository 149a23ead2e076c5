"""The text of one contact, as it is sent, or why it cannot be.

Pure. Whoever makes messages of contacts asks here, at the beginning of a campaign and
for who comes later.
"""

from __future__ import annotations

from collections.abc import Mapping

from .contact_fields import NUMBER
from .segments import check_text
from .smart_text import Improver
from .templates import fill
from .words import Problem


def text_of(
    text: str, number: str, fields: Mapping[str, str], improver: Improver
) -> str | Problem:
    """A text with its places filled and its characters improved, checked."""
    filled = fill(text, {**fields, NUMBER: number})
    if isinstance(filled, Problem):
        return filled
    filled = improver.of(filled)
    return check_text(filled) or filled
