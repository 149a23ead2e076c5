"""Queries on other databases: one statement that only reads, with :date in it.

Pure: finds quotes and comments, so that neither a ; nor a :date in them means
anything. That nothing is written is held by the session too (massivesms.sources).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .words import N_, Problem

MOST_QUERY = 20_000

_COMMENT = r"--[^\n]*|/\*.*?\*/"
_STRING = {
    "mysql": r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`[^`]*`|#[^\n]*",
    "postgresql": r"'(?:[^']|'')*'|\"[^\"]*\"|\$(\w*)\$.*?\$\1\$|::\w+",
    "sqlite": r"'(?:[^']|'')*'|\"[^\"]*\"|`[^`]*`|\[[^\]]*\]",
}
_DATE = r"(?P<date>(?<![\w:]):date\b)"
_TOKENS = {
    kind: re.compile(f"{strings}|{_COMMENT}|{_DATE}|(?P<end>;)", re.S | re.I)
    for kind, strings in _STRING.items()
}
_FIRST = re.compile(r"\s*\(*\s*(select|with|values|table)\b", re.I)
_WRITES = re.compile(r"\binto\s+(outfile|dumpfile|@)", re.I)
_RUN = re.compile(r"/\*M?!")  # comments that MySQL runs
#: How each driver wants the day, and whether a % is to be written twice.
_PLACES = {"mysql": "%(date)s", "postgresql": "%(date)s", "sqlite": ":date"}


def check(query: str, kind: str) -> Problem | None:
    """Refuses what is no query that only reads, as far as its words tell."""
    if not query.strip():
        return Problem("query_missing", N_("Write the query that finds the rows."))
    if len(query) > MOST_QUERY:
        words = N_("The query has more than %(most)s characters.")
        return Problem("query_long", words, most=MOST_QUERY)
    plain = "".join(_without_quotes(query, kind)).strip()
    if not _FIRST.match(plain) or _WRITES.search(plain) or _RUN.search(query):
        words = N_("Only a query that reads is run: it begins with SELECT or WITH.")
        return Problem("query_writes", words)
    if ";" in plain.rstrip("; \n\t\r"):
        return Problem("query_several", N_("Write one query; there are several here."))
    return None


def bound(query: str, kind: str) -> str:
    """The query as its driver takes it: :date as a parameter named date."""
    doubles = kind != "sqlite"

    def plain(text: str) -> str:
        return text.replace("%", "%%") if doubles else text

    parts, at = [], 0
    for match in _TOKENS[kind].finditer(query):
        parts.append(plain(query[at : match.start()]))
        at = match.end()
        if match["date"]:
            parts.append(_PLACES[kind])
        elif match["end"] is None:
            parts.append(plain(match[0]))  # the ; at the end goes
    parts.append(plain(query[at:]))
    return "".join(parts).strip()


def has_date(query: str, kind: str) -> bool:
    """Whether a query asks for the day."""
    return any(match["date"] for match in _TOKENS[kind].finditer(query))


def _without_quotes(query: str, kind: str) -> Iterator[str]:
    at = 0
    for match in _TOKENS[kind].finditer(query):
        yield query[at : match.start()]
        yield match[0] if match["date"] or match["end"] else " "
        at = match.end()
    yield query[at:]
