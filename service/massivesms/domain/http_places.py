"""Where something stands in a provider's answer: a path of its JSON, or a pattern.

`messages[0].id` is a path; `/ID: (\\w+)/` a regular expression whose first group is
what is looked for. Answers are strangers' texts: only their beginning is searched.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from .words import N_, Problem, problem_from

MOST_SEARCHED = 4096
_STEP = re.compile(r"[A-Za-z0-9_@$-]+")
_INDEX = re.compile(r"\[(\d{1,4})\]")

PROBLEMS = {
    "place_form": N_(
        "%(place)s is no place in an answer: write a path such as messages[0].id, or a"
        " pattern between slashes such as /ID: (\\w+)/."
    ),
    "place_pattern": N_("%(place)s is no regular expression: %(why)s"),
    "place_group": N_(
        "%(place)s: put what is looked for between parentheses, once: /ID: (\\w+)/."
    ),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A path of keys and positions, or a pattern."""

    steps: tuple[str, ...] = ()
    pattern: re.Pattern[str] | None = None

    def find(self, body: Body) -> str | None:
        """What stands there as text; None when nothing does."""
        if self.pattern is not None:
            found = self.pattern.search(body.text[:MOST_SEARCHED])
            text = found.group(1) if found else None
        else:
            text = _as_text(self.walk(body))
        return whole(text) if text is not None else None

    def walk(self, body: Body) -> Any:
        """What stands at a path, whatever it is."""
        return _walk(body.json, self.steps)


@dataclass(frozen=True, slots=True)
class Body:
    """An answer's body: its text, and its JSON if it is any."""

    text: str
    json: Any = None


def whole(text: str) -> str:
    """A text without halves of characters, as JSON may have them (\\ud83d alone)."""
    return text.encode("utf-8", "replace").decode()


def read_body(octets: bytes) -> Body:
    """A body of an answer; never raises."""
    text = octets.decode("utf-8", "replace")
    try:
        return Body(text, json.loads(text))
    except (ValueError, RecursionError):
        return Body(text)


def read_place(written: str) -> Place | Problem:
    """A place as a person writes it."""
    if len(written) > 1 and written[0] == written[-1] == "/":
        return _read_pattern(written)
    steps = _INDEX.sub(r".\1", written).removeprefix(".").split(".")
    if not all(_STEP.fullmatch(step) for step in steps):
        return problem_from(PROBLEMS, "place_form", place=written)
    return Place(tuple(steps))


def _read_pattern(written: str) -> Place | Problem:
    try:
        pattern = re.compile(written[1:-1])
    except (re.error, OverflowError, RecursionError) as error:
        return problem_from(PROBLEMS, "place_pattern", place=written, why=str(error))
    if pattern.groups != 1:
        return problem_from(PROBLEMS, "place_group", place=written)
    return Place(pattern=pattern)


def _walk(found: Any, steps: tuple[str, ...]) -> Any:
    for step in steps:
        if isinstance(found, dict):
            found = found.get(step)
        elif isinstance(found, list) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return None
    return found


def _as_text(found: Any) -> str | None:
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, str | int | float):
        return str(found)
    return None
