"""massivesms.conf as text: missing keys are added, all that is written stays.

Never rewrites a line that a person wrote: neither values nor comments nor order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

HEAD = """\
# massivesms: written by `massivesms setup`, which only ever adds to it.
# It holds a password: keep it readable by root and the service only.
"""
_SECTION = re.compile(r"\[([^\]]+)\]")
_KEY = re.compile(r"([^\s:=#;\[][^:=]*?)\s*[:=]")

Wanted = Mapping[str, Mapping[str, str]]


def keys(text: str) -> set[tuple[str, str]]:
    """(section, key) of everything that is set."""
    found, section = set(), ""
    for line in text.splitlines():
        if head := _SECTION.match(line):
            section = head[1]
        elif key := _KEY.match(line):
            found.add((section, key[1].strip().lower()))
    return found


def with_missing(text: str, wanted: Wanted) -> str:
    """The text with the keys that it lacks, each in its section."""
    have = keys(text)
    lines = text.splitlines() if text else HEAD.splitlines()
    for section, values in wanted.items():
        added = [
            f"{key} = {value}"
            for key, value in values.items()
            if value and (section, key) not in have
        ]
        if added:
            _add(lines, section, added)
    return "\n".join(lines) + "\n"


def _add(lines: list[str], section: str, added: list[str]) -> None:
    """After the last line of the section; a new section at the end."""
    heads = [n for n, line in enumerate(lines) if _SECTION.match(line)]
    mine = [n for n in heads if _SECTION.match(lines[n])[1] == section]  # type: ignore[index]
    if not mine:
        lines += [*([""] if lines and lines[-1].strip() else []), f"[{section}]"]
        lines += added
        return
    end = next((n for n in heads if n > mine[-1]), len(lines))
    while end - 1 > mine[-1] and not lines[end - 1].strip():
        end -= 1
    lines[end:end] = added
