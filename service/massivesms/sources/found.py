"""What reading a source gives, and how it fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ..domain.inert_text import inert
from ..domain.own_hosts import OwnHosts
from ..domain.words import N_, Problem
from ..errors import MassiveSmsError

PROBLEMS = {
    "source_host_forbidden": N_(
        "%(host)s is not on the public internet: enter it under Webhooks, Own hosts,"
        " if it may be reached."
    ),
    "source_host_unknown": N_("There is no host %(host)s."),
    "source_away": N_("%(host)s cannot be reached: %(detail)s"),
    "source_login": N_("The server did not let us in: %(detail)s"),
    "source_query": N_("The query failed: %(detail)s"),
    "source_timeout": N_(
        "It took longer than %(seconds)s seconds: make the query faster, or allow more."
    ),
    "source_broken": N_("The connection broke off: %(detail)s"),
    "source_rows": N_(
        "It has more than %(most)s rows: nothing was loaded. Ask for fewer, or allow"
        " more."
    ),
    "source_status": N_("The address answered %(detail)s"),
    "source_size": N_("The answer is larger than %(most)s MB."),
    "source_file": N_("%(file)s cannot be read: %(detail)s"),
    "source_room": N_("There is no room here for what was read: %(detail)s"),
    "source_outside": N_("%(file)s is not below %(directory)s, where it must be."),
    "source_no_number": N_(
        "It is not plain which column has the numbers. There are: %(known)s."
    ),
    "source_no_column": N_("There is no column %(name)s. There are: %(known)s."),
    "source_no_titles": N_(
        "The file has no header, and so no column %(name)s: write the titles in its"
        " first row."
    ),
    "source_no_header": N_("The file has no header, and the message wants columns."),
}
#: What may be otherwise a little later, without anybody doing something.
PASSING = {
    *("source_away", "source_timeout", "source_broken", "source_host_unknown"),
    *("source_status", "source_file", "source_room"),
}


class SourceFailed(MassiveSmsError):
    """A source could not be read; nothing of it is used.

    `dropped` is a file that was moved aside for it, and is not there on another try.
    """

    dropped: Dropped | None = None

    @property
    def may_pass(self) -> bool:
        """Whether another try a little later may help."""
        return self.dropped is None and self.problem.code in PASSING


def failed(code: str, **params: object) -> SourceFailed:
    """The exception of one of PROBLEMS; what servers say is made harmless."""
    clean = {
        name: inert(" ".join(str(value).split()))[:300] if name == "detail" else value
        for name, value in params.items()
    }
    return SourceFailed(Problem(code, PROBLEMS[code], tuple(clean.items())))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is, opened: with its secrets. For one reading of it."""

    kind: str
    place: str
    host: str
    port: int
    user: str
    database: str
    tls: bool
    password: str
    headers: tuple[tuple[str, str], ...]
    query: str
    day: date
    timeout_s: int
    most_rows: int
    own_hosts: OwnHosts
    directory: Path  # files are only read below it
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A file that was dropped and is read; `digest` knows it again."""

    path: Path
    digest: bytes


@dataclass(slots=True)
class Found:
    """Rows as (line, cells); `number_at` and `text_at` are guesses from contents.

    With `titles` () there is no header. `columns` is how many cells a row is meant to
    have, None where none can have more. Rows are read while one goes through them.
    """

    titles: Sequence[str]
    rows: Iterator[tuple[int, Sequence[str]]]
    number_at: int | None = None
    text_at: int | None = None
    columns: int | None = None
    files: list[Dropped] = field(default_factory=list)
