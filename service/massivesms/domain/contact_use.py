"""Whether a contact of a list may be written to, as it is stored and as files say it.

Pure. An exported list says it in a column of its own, in the language of who exported
it; whoever loads that file goes by it, so that nobody comes into use again that way.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import contact_fields
from .words import N_, Problem

IN_USE, EXCLUDED, BLOCKED = 0, 1, 2  # contact.excluded; 2: because it is blocked
HEADING = N_("Use")
LABELS: Mapping[int, str] = MappingProxyType(
    {
        IN_USE: N_("In use"),
        EXCLUDED: N_("Excluded"),
        BLOCKED: N_("Excluded: blocked"),
    }
)
#: The column as a field: its heading in either language.
NAMES = ("use", "uso")
#: What stands in it, in either language; a test holds them against the catalogue.
_WORDS = {
    "in use": IN_USE,
    "en uso": IN_USE,
    "excluded": EXCLUDED,
    "excluido": EXCLUDED,
    "excluidos": EXCLUDED,
    "excluded: blocked": BLOCKED,
    "excluido: lista negra": BLOCKED,
}


def told(
    fields: Mapping[str, str] | None,
) -> tuple[int | None, Mapping[str, str] | None]:
    """The use that a row's fields tell, None when none does, and its other fields."""
    for name in NAMES:
        value = fields.get(name) if fields else None
        use = _WORDS.get(value.strip().casefold()) if value else None
        if fields and use is not None:
            return use, {n: v for n, v in fields.items() if n != name} or None
    return None, fields


def check(fields: Mapping[str, str]) -> Problem | None:
    """What is wrong with the fields of a row, of which the use is none."""
    problem = contact_fields.check(fields)
    if problem is None:
        return None
    return contact_fields.check(told(fields)[1] or {})
