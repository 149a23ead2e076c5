"""Which numbers a trunk serves, by how they begin.

Written by people as digits after the "+", separated by commas; "!" says "not
these". The longest beginning that fits decides: "34, !34900" serves Spain without
its 900 numbers. Nothing written = all numbers. Pure.
"""

from __future__ import annotations

import re

from .words import N_, Problem

MOST_CHARACTERS = 255
_PREFIX = re.compile(r"!?[0-9]{1,15}")


def parse_prefixes(text: str) -> str | Problem:
    """The stored form ("34,!34900"), or what is wrong with what was typed."""
    words = [w.lstrip("+") for w in re.split(r"[\s,;]+", text.strip()) if w]
    words = [w.replace("!+", "!") for w in words]
    for word in words:
        if not _PREFIX.fullmatch(word):
            return Problem(
                "prefix_wrong",
                N_(
                    "%(prefix)s is no beginning of a number: write digits, for"
                    " example 34, 351 or !34900 for all but those."
                ),
                prefix=word[:40],
            )
    stored = ",".join(dict.fromkeys(words))
    if len(stored) > MOST_CHARACTERS:
        return Problem(
            "prefixes_too_long",
            N_("The beginnings of numbers have more than %(limit)s characters."),
            limit=MOST_CHARACTERS,
        )
    return stored


def serves(prefixes: str, number: str) -> bool:
    """Whether a trunk with these stored prefixes takes a number ("+34...")."""
    if not prefixes:
        return True
    digits = number.lstrip("+")
    words = prefixes.split(",")
    fitting = [w for w in words if digits.startswith(w.lstrip("!"))]
    if fitting:
        return not max(fitting, key=lambda w: len(w.lstrip("!"))).startswith("!")
    return all(w.startswith("!") for w in words)
