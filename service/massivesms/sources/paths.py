"""Files of sources: only below one directory of the machine's administrator.

Whoever may configure could otherwise read every file that the service can.
"""

from __future__ import annotations

from pathlib import Path

from .found import failed


def below(directory: Path, name: str) -> Path:
    """The real path of a file or directory below `directory`. Raises SourceFailed."""
    try:
        root = directory.resolve()
        path = Path(name).resolve(strict=True)
    except OSError as error:
        raise failed(
            "source_file", file=name, detail=error.strerror or error
        ) from error
    if not path.is_relative_to(root):
        raise failed("source_outside", file=name, directory=directory)
    return path
