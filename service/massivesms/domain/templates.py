"""Texts with places for values: `<name>` becomes the contact's field of that name.

Pure. Values are put in once, as they are: what stands in a value is never a place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from .contact_fields import name_of
from .words import N_, Problem

PLACE = re.compile(r"<([^<>\n]{1,60})>")


def places(text: str) -> list[str]:
    """The names of the fields that a text wants, each once, in its order.

    What stands between < and > without being a possible name ("<3") is plain text.
    """
    names = (name_of(match[1]) for match in PLACE.finditer(text))
    return list(dict.fromkeys(filter(None, names)))


def check(text: str, known: Collection[str]) -> Problem | None:
    """Refuses a text that wants a field which nobody has, and names the nearest."""
    for match in PLACE.finditer(text):
        name = name_of(match[1])
        if not name or name in known:
            continue
        near = get_close_matches(name, known, n=1, cutoff=0.6)
        if near:
            return Problem(
                "unknown_place_near",
                N_("There is no column <%(name)s>. Do you mean <%(near)s>?"),
                name=match[1],
                near=near[0],
            )
        return Problem(
            "unknown_place",
            N_("There is no column <%(name)s>. There are: %(known)s."),
            name=match[1],
            known=", ".join(f"<{one}>" for one in known),
        )
    return None


def fill(text: str, values: Mapping[str, str]) -> str | Problem:
    """The text for one contact; a Problem when it lacks a value that is wanted."""
    missing: list[str] = []

    def put(match: re.Match[str]) -> str:
        name = name_of(match[1])
        if not name:
            return match[0]
        value = values.get(name, "").strip()
        if not value:
            missing.append(match[1])
        return value

    filled = PLACE.sub(put, text)
    if missing:
        return Problem(
            "value_missing",
            N_("It has no value for <%(name)s>, which the message wants."),
            name=missing[0],
        )
    return filled
