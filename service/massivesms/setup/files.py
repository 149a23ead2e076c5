"""Steps that make directories and files, with their owner and mode.

A file is written beside its place and moved there when whole, so nobody ever reads
half of one; a file that is there is only touched when it is not as it should be.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from .machine import Machine, Owner
from .steps import Change, Looked, Step, Verb

OLD = ".before-setup"


def directory(
    machine: Machine, path: Path, mode: int, owner: Owner, *, is_ours: bool = True
) -> Step:
    """A directory. One that is not ours alone is made, but not given away."""

    def make() -> None:
        missing = [p for p in (path, *path.parents) if not p.exists()]
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        for made in missing[:1]:
            _dress(machine, made, mode, owner)

    def look() -> Looked:
        described = f"directory {path} ({mode:04o} {owner})"
        if not path.exists():
            return [Change(Verb.MAKE, described, make)]
        if not path.is_dir():
            raise NotADirectoryError(20, "it is in the way: no directory", str(path))
        return attributes(machine, path, mode, owner) if is_ours else []

    return Step(f"directory {path}", f"directory {path}", look, ("user",))


def file(
    machine: Machine,
    path: Path,
    content: Callable[[], bytes],
    mode: int,
    owner: Owner,
) -> Looked:
    """What is to be done so that a file says this and nothing else."""
    wanted = content()
    if path.is_symlink() or not path.exists():

        def make() -> None:
            write(machine, path, wanted, mode, owner)

        return [Change(Verb.MAKE, f"{path} ({mode:04o} {owner})", make)]
    if path.read_bytes() == wanted:
        return []

    def change() -> None:
        shutil.copy2(path, path.with_name(path.name + OLD))
        write(machine, path, wanted, mode, owner)

    return [Change(Verb.CHANGE, f"{path} (the former: {path.name}{OLD})", change)]


def write(
    machine: Machine, path: Path, content: bytes, mode: int, owner: Owner
) -> None:
    """Writes a whole file beside its place and moves it there."""
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    ids = machine.ids(owner)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(
        unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600
    )
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            if ids:
                os.fchown(opened.fileno(), *ids)
            os.fchmod(opened.fileno(), mode)
            os.fsync(opened.fileno())
        unfinished.rename(path)
    except OSError:
        unfinished.unlink(missing_ok=True)
        raise


def tree(
    machine: Machine, name: str, source: Path, target: Path, owner: Owner
) -> Looked:
    """What is to be done so that `target` has the files of `source`, and no others.

    Directories 0755, files 0644: they hold no secrets, and Apache reads them.
    """
    wanted = {p.relative_to(source): p for p in _files(source)}
    have = {p.relative_to(target): p for p in _files(target)}
    different = [
        at
        for at, path in wanted.items()
        if at not in have or have[at].read_bytes() != path.read_bytes()
    ]
    left_over = [have[at] for at in have if at not in wanted]
    if not different and not left_over:
        return []

    def copy() -> None:
        for at in different:
            folder = target / at.parent
            for made in reversed(
                [p for p in (folder, *folder.parents) if not p.exists()]
            ):
                made.mkdir()
                _dress(machine, made, 0o755, owner)
            write(machine, target / at, wanted[at].read_bytes(), 0o644, owner)
        for path in left_over:
            path.unlink()

    verb = Verb.CHANGE if have else Verb.MAKE
    count = len(different) + len(left_over)
    return [Change(verb, f"{name}: {count} files in {target}", copy)]


def removal(path: Path, what: str = "") -> Looked:
    """What is to be done so that a file or a tree is not there."""
    if not path.exists() and not path.is_symlink():
        return []

    def remove() -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()

    return [Change(Verb.REMOVE, what or str(path), remove)]


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file())


def attributes(machine: Machine, path: Path, mode: int, owner: Owner) -> Looked:
    """What is to be done so that what is there has this owner and mode."""
    found = path.stat()
    has_mode = stat.S_IMODE(found.st_mode) == mode
    is_known = machine.has_user(owner.user) and machine.has_user(owner.group)
    ids = machine.ids(owner) if is_known else (-1, -1)  # the user is yet to be made
    has_owner = ids is None or (found.st_uid, found.st_gid) == ids
    if has_mode and has_owner:
        return []
    words = f"{path}: mode {stat.S_IMODE(found.st_mode):04o} to {mode:04o}, of {owner}"
    return [
        Change(Verb.CHANGE, words, lambda: _dress(machine, path, mode, owner)),
    ]


def _dress(machine: Machine, path: Path, mode: int, owner: Owner) -> None:
    ids = machine.ids(owner)
    if ids:
        os.chown(path, *ids, follow_symlinks=False)
    path.chmod(mode)
