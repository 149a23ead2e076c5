"""The directory of trunk scripts: which there are, and whether one may be run.

Used by the pages (to offer and check names) and by the script trunk (before
each run). Never runs anything.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,63}", re.ASCII)


def names(directory: Path) -> list[str]:
    """Scripts that could be chosen; empty when the directory cannot be read."""
    try:
        found = sorted(entry.name for entry in directory.iterdir())
    except OSError:
        return []
    return [name for name in found if refusal(directory, name) is None]


def refusal(directory: Path, name: str) -> str | None:
    """Why a script may not be run, as a result code of domain.results, or None."""
    if not NAME.fullmatch(name):
        return "script_name"
    try:
        status = os.lstat(directory / name)
    except OSError:
        return "script_missing"
    if not stat.S_ISREG(status.st_mode):
        return "script_not_a_file"
    if status.st_mode & 0o022:
        return "script_writable"
    if not os.access(directory / name, os.X_OK):
        return "script_not_executable"
    return None
