"""The original's trunk scripts: copied into our directory, never over another file."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Iterable
from pathlib import Path

from .. import script_files
from ..domain.words import N_, Problem
from ..errors import ConfigError
from .report import ALREADY, TAKEN
from .work import Work

MAX_BYTES = 1024 * 1024
MODE = 0o750  # its owner runs it; scripts often hold passwords
EXAMPLE = "sample"
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def take(work: Work, named: Iterable[str]) -> dict[str, str]:
    """Copies every script of theirs; name there -> name here.

    `named` are those that trunks use: one of these that is missing is said.
    """
    used = {name for name in named if name}
    found: dict[str, str] = {}
    for name in sorted(used | _lying_there(work.their_scripts)):
        try:
            here = _take(work, name)
        except OSError as error:
            here = _not_copied(name, error.strerror or str(error))
        if isinstance(here, Problem):
            work.report.refuse("script", name, here)
        else:
            found[name] = here
    return found


def _lying_there(directory: Path) -> set[str]:
    """Their other scripts; the example that came with the original is left."""
    try:
        entries = [entry.name for entry in directory.iterdir()]
    except OSError:
        return set()
    return {
        name
        for name in entries
        if name != EXAMPLE and script_files.refusal(directory, name) in _WILL_DO
    }


#: What a copy of ours puts right.
_WILL_DO = (None, "script_writable")


def _take(work: Work, name: str) -> str | Problem:
    content = _content(work.their_scripts, name)
    if isinstance(content, Problem):
        return content
    safe = _safe(name)
    for number in range(1, 100):
        here = safe if number == 1 else f"{safe[:60]}-{number}"
        path = work.scripts_dir / here
        if not os.path.lexists(path):
            if not work.report.dry_run:
                _write(path, content)
            work.report.add("script", TAKEN)
            return here
        if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
            work.report.add("script", ALREADY)
            return here
    return _not_copied(name, "?")


def _content(directory: Path, name: str) -> bytes | Problem:
    """What a script holds; it lies in their directory itself, and is no link."""
    path = directory / name
    if "/" in name or "\0" in name or name in (".", ".."):
        return Problem(
            "takeover_script_path",
            N_("%(name)s is no plain name of a script: it was not copied."),
            name=name,
        )
    try:
        status = path.lstat()
    except OSError:
        return Problem(
            "takeover_script_missing",
            N_(
                "There is no script %(name)s in %(directory)s. Say with --scripts where"
                " it is, or put it into the directory of trunk scripts by hand."
            ),
            name=name,
            directory=directory,
        )
    if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
        return Problem(
            "takeover_script_odd",
            N_("%(name)s is a link, no file, or too large for a script."),
            name=name,
        )
    return path.read_bytes()


def _safe(name: str) -> str:
    """A name that our trunks take, as near to theirs as can be."""
    return _UNSAFE.sub("_", name).lstrip("_.-")[:64] or "script"


def _write(path: Path, content: bytes) -> None:
    """Makes the file beside its place; an existing one is never replaced."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if os.geteuid() == 0:  # the service's user owns the directory
            owner = path.parent.stat()
            os.chown(unfinished, owner.st_uid, owner.st_gid)
        unfinished.chmod(MODE)
        os.link(unfinished, path)
    finally:
        unfinished.unlink()


def _not_copied(name: str, error: str) -> Problem:
    return Problem(
        "takeover_script_copy",
        N_("The script %(name)s could not be copied: %(error)s"),
        name=name,
        error=error,
    )


def check_directory(directory: Path) -> None:
    """Refuses before anything is changed when scripts cannot be put there."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            Problem(
                "scripts_dir",
                N_("The directory of trunk scripts %(directory)s: %(error)s"),
                directory=directory,
                error=error.strerror or error,
            )
        ) from error
