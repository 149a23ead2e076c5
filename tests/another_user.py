"""A part of a test as a user of the system who is not root, whoever runs the tests."""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65534
TRAVERSE = 0o011


@contextmanager
def not_root(*paths: Path) -> Iterator[None]:
    """Without root's rights; `paths` can be reached, and are that user's meanwhile."""
    if os.geteuid() != 0:
        yield
        return
    owners = {path: path.stat() for path in paths}
    codecs.lookup("cp437")  # zipfile's; root's Python may be out of reach
    above = {folder: folder.stat() for path in paths for folder in path.parents}
    for path in owners:
        os.chown(path, NOBODY, -1)
    for folder, was in above.items():
        folder.chmod((was.st_mode & 0o7777) | TRAVERSE)
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, was in owners.items():
            os.chown(path, was.st_uid, -1)
        for folder, was in above.items():
            folder.chmod(was.st_mode & 0o7777)
