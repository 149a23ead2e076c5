"""The files of a backup: trunk scripts and keys, put back without losing another."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from .. import script_files
from ..config import Config
from ..domain.words import N_, Problem
from ..errors import ConfigError
from .archive import BackupRefused, Reader
from .make import KEYS

KEPT = ".before-restore"
MODES = 0o755  # never writable by others, no set-user-id


def put_back(reader: Reader, config: Config) -> list[str]:
    """Writes what is missing or different; the paths.

    A different file that is there is kept beside it, its name with .before-restore.
    """
    written = []
    modes = reader.manifest["scripts"]
    for name, mode in modes.items():
        if not script_files.NAME.fullmatch(name) or not isinstance(mode, int):
            raise BackupRefused(_bad_name(name))
        content = reader.read(f"scripts/{name}")
        path = config.scripts_dir / name
        if _put(path, content, mode & MODES):
            written.append(str(path))
    for part, attribute in KEYS.items():
        key: Path = getattr(config, attribute)
        if reader.has(part) and _put(key, reader.read(part), 0o600):
            written.append(str(key))
    return written


def _put(path: Path, content: bytes, mode: int) -> bool:
    """Whether the file had to be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        there = path.is_file() and not path.is_symlink()
        if there and path.read_bytes() == content:
            return False
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        owner = path.stat() if there else path.parent.stat()
        if os.geteuid() == 0:
            os.chown(unfinished, owner.st_uid, owner.st_gid)
        unfinished.chmod(path.stat().st_mode & 0o777 if there else mode)
        if os.path.lexists(path):
            path.rename(_free(path))
        unfinished.rename(path)
    except OSError as error:
        raise ConfigError(
            Problem(
                "restore_file",
                N_("The data was restored, but %(file)s could not be: %(error)s"),
                file=path,
                error=error.strerror or error,
            )
        ) from error
    return True


def _free(path: Path) -> Path:
    """A name for the old file that nothing has."""
    number = 1
    while True:
        ending = KEPT if number == 1 else f"{KEPT}-{number}"
        kept = path.with_name(path.name + ending)
        if not os.path.lexists(kept):
            return kept
        number += 1


def _bad_name(name: str) -> Problem:
    return Problem(
        "restore_script_name",
        N_("The data was restored, but %(name)s is no name of a script."),
        name=name,
    )
