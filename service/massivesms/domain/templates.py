"""Texts with places for values: `<name>` becomes the contact's field of that name.

Pure. Values are put in once, as they are: what stands in a value is never a place.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import NamedTuple

from .campaigns import check_name
from .contact_fields import name_of, titles_of
from .segments import check_text
from .words import N_, Problem

PLACE = re.compile(r"<([^<>\n]{1,60})>")


MOST_DESCRIPTION = 255


@dataclass(frozen=True, slots=True)
class Draft:
    """A saved text as a person enters it."""

    name: str
    text: str
    description: str = ""


def check_draft(draft: Draft) -> dict[str, Problem]:
    """The problems of a template, by field; empty when it is good."""
    long = None
    if len(draft.description) > MOST_DESCRIPTION:
        words = N_("The description has more than %(limit)s characters.")
        long = Problem("description_long", words, limit=MOST_DESCRIPTION)
    found = {
        "name": check_name(draft.name),
        "text": check_text(draft.text),
        "description": long,
    }
    return {field: problem for field, problem in found.items() if problem}


class Piece(NamedTuple):
    """A piece of a text: plain when `name` is '', else the place of that field."""

    text: str
    name: str = ""


@lru_cache(maxsize=64)
def pieces(text: str) -> tuple[Piece, ...]:
    """A text as its plain pieces and its places, in their order.

    What stands between < and > without being a possible name ("<3") is plain text.
    """
    found: list[Piece] = []
    end = 0
    for match in PLACE.finditer(text):
        if not (name := name_of(match[1])):
            continue
        found += [Piece(text[end : match.start()]), Piece(match[0], name)]
        end = match.end()
    return tuple(piece for piece in (*found, Piece(text[end:])) if piece.text)


def places(text: str) -> list[str]:
    """The names of the fields that a text wants, each once, in its order."""
    return list(dict.fromkeys(piece.name for piece in pieces(text) if piece.name))


def check(text: str, known: Collection[str]) -> Problem | None:
    """Refuses a text that wants a field which nobody has, and names the nearest."""
    for typed, name in pieces(text):
        if not name or name in known:
            continue
        title = typed[1:-1]
        called = [one for field in known for one in (field, *titles_of(field))]
        near = get_close_matches(name, called, n=1, cutoff=0.6)
        if near:
            return Problem(
                "unknown_place_near",
                N_("There is no column <%(name)s>. Do you mean <%(near)s>?"),
                name=title,
                near=near[0],
            )
        return Problem(
            "unknown_place",
            N_("There is no column <%(name)s>. There are: %(known)s."),
            name=title,
            known=", ".join(f"<{one}>" for one in known),
        )
    return None


def fill(text: str, values: Mapping[str, str]) -> str | Problem:
    """The text for one contact; a Problem when it lacks a value that is wanted."""
    filled: list[str] = []
    for typed, name in pieces(text):
        value = values.get(name, "").strip() if name else typed
        if not value:
            return Problem(
                "value_missing",
                N_("It has no value for <%(name)s>, which the message wants."),
                name=typed[1:-1],
            )
        filled.append(value)
    return "".join(filled)
