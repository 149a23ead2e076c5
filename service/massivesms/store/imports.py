"""Imports: one load of a file, of call records or of a list; verdicts by row."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from ..domain import contact_fields, kept_problems
from ..domain.words import Problem
from .db import Row, Transaction

MAX_TEXT_BYTES = 65_535
MOST_OF_LONG_FIELD = 250  # of each, when they do not fit together
PROBLEMS_AT_ONCE = 1000
STATEMENT_CHARACTERS = 1_000_000  # far below what a server takes


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One row of a file that was not taken, and why."""

    line: int
    number: str
    text: str | None
    problem: Problem
    fields: Mapping[str, str] | None = None


INSERT = """
INSERT INTO import (kind, list_id, campaign_id, source, digest, created_by, created_at)
VALUES (%(kind)s, %(list_id)s, %(campaign_id)s, %(source)s, %(digest)s,
        %(created_by)s, UTC_TIMESTAMP(3))"""


def create(
    tx: Transaction,
    kind: str,
    *,
    created_by: str,
    source: str = "",
    list_id: int | None = None,
    campaign_id: int | None = None,
    digest: bytes | None = None,
) -> int:
    """Begins the record of a load; its id. `digest` is of its file."""
    return tx.insert(
        INSERT,
        {
            "kind": kind,
            "list_id": list_id,
            "campaign_id": campaign_id,
            "source": _storable(source)[:255],
            "digest": digest,
            "created_by": created_by[:64],
        },
    )


def _storable(source: str) -> str:
    """A file's name with ? for bytes that are no text (as Linux allows)."""
    return source.encode("utf-8", "replace").decode("utf-8")


def _fitting(text: str | None) -> str | None:
    """A row's text as far as the column holds it: bytes, not letters."""
    if text is None or len(text) <= MAX_TEXT_BYTES // 4:
        return text
    return text.encode()[:MAX_TEXT_BYTES].decode(errors="ignore")


def _fitting_fields(fields: Mapping[str, str] | None) -> str | None:
    """A row's fields as far as the column holds them."""
    kept = contact_fields.written(fields) if fields else None
    if kept is None or len(kept.encode("utf-8", "replace")) <= MAX_TEXT_BYTES:
        return kept
    most = MOST_OF_LONG_FIELD
    return contact_fields.written({n: v[:most] for n, v in (fields or {}).items()})


ADD_PROBLEM = """
INSERT INTO import_problem (import_id, line, number, row_text, code, params, fields)
VALUES (%s, %s, %s, %s, %s, %s, %s)"""


def add_problems(
    tx: Transaction, import_id: int, problems: Sequence[RowProblem]
) -> None:
    """Keeps the rows that were not taken, with their reasons."""
    rows, longest = [], 0
    for bad in problems:
        text, fields = _fitting(bad.text), _fitting_fields(bad.fields)
        longest = max(longest, len(text or "") + len(fields or ""))
        why = kept_problems.stored(bad.problem)
        code = why.pop("code")
        params = json.dumps(why, ensure_ascii=False, default=str)
        number = bad.number[:255]
        rows.append((import_id, bad.line, number, text, code, params, fields))
    at_once = min(PROBLEMS_AT_ONCE, STATEMENT_CHARACTERS // (longest + 1) + 1)
    tx.many(ADD_PROBLEM, rows, at_once)


FINISH = """
UPDATE import SET accepted = %(accepted)s, duplicates = %(duplicates)s,
  refused = %(refused)s, notes = %(notes)s WHERE id = %(id)s"""


def finish(
    tx: Transaction,
    import_id: int,
    *,
    accepted: int,
    duplicates: int,
    refused: int,
    notes: Sequence[Problem] = (),
) -> None:
    """Writes the counts at the end of the load, and what a person should know."""
    kept = [kept_problems.stored(note) for note in notes]
    tx.execute(
        FINISH,
        {
            "id": import_id,
            "accepted": accepted,
            "duplicates": duplicates,
            "refused": refused,
            "notes": json.dumps(kept, ensure_ascii=False, default=str)
            if kept
            else None,
        },
    )


LAST_CONTACT = "SELECT COALESCE(MAX(id), 0) FROM contact"
FIRST_CONTACT = "SELECT MIN(id) FROM contact WHERE id > %(before)s"
REACHES = """
UPDATE import SET first_contact_id = %(first)s, last_contact_id = %(last)s
WHERE id = %(id)s"""


def last_contact(tx: Transaction) -> int:
    """The id of the newest contact: a load asks before it adds its own."""
    return int(tx.value(LAST_CONTACT) or 0)


def reaches(tx: Transaction, import_id: int, before: int) -> None:
    """Keeps between which contacts those of a load are; `before` is its last_contact.

    Contacts of other loads may lie among them.
    """
    first = tx.value(FIRST_CONTACT, {"before": before}) or before + 1
    values = {"id": import_id, "first": first, "last": last_contact(tx)}
    tx.execute(REACHES, values)


COLUMNS = """id, kind, list_id, campaign_id, source, accepted, duplicates, refused,
created_by, created_at, first_contact_id, last_contact_id, undone_at, undone_by,
undone"""
BY_ID = f"SELECT {COLUMNS}, notes FROM import WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, import_id: int) -> Row | None:
    """One import or None; `notes` are Problems, what was said of it when it came."""
    row = tx.row(BY_ID, {"id": import_id})
    if row is not None:
        kept = json.loads(row["notes"]) if row["notes"] else []
        row["notes"] = [kept_problems.read(note) for note in kept]
    return row


HISTORY = """
SELECT i.id, i.kind, i.list_id, i.campaign_id, i.source, i.accepted, i.duplicates,
  i.refused, i.created_by, i.created_at, i.first_contact_id, i.last_contact_id,
  i.undone_at, i.undone_by, i.undone, l.name AS list, c.name AS campaign
FROM import i LEFT JOIN list l ON l.id = i.list_id
LEFT JOIN campaign c ON c.id = i.campaign_id AND c.removed = 0
WHERE i.id < %(before)s ORDER BY i.id DESC LIMIT %(limit)s"""
NEWEST = 2**32  # beyond every id


def history(
    tx: Transaction, *, before: int | None = None, limit: int = 50
) -> list[Row]:
    """All imports with the names of `list` and `campaign`, newest first."""
    return tx.rows(HISTORY, {"before": before or NEWEST, "limit": limit})


SAME_FILE = """
SELECT i.id, i.created_at, i.created_by, i.source, l.name AS list, c.name AS campaign
FROM import i LEFT JOIN list l ON l.id = i.list_id
LEFT JOIN campaign c ON c.id = i.campaign_id AND c.removed = 0
WHERE i.digest = %(digest)s AND i.created_at >= %(since)s AND i.undone_at IS NULL
ORDER BY i.id DESC LIMIT 1"""


def same_file(tx: Transaction, digest: bytes, since: datetime) -> Row | None:
    """The last load of the same file since a moment (UTC), unless it was undone."""
    plain = since.astimezone(UTC).replace(tzinfo=None)
    return tx.row(SAME_FILE, {"digest": digest, "since": plain})


OF_LIST = f"""
SELECT {COLUMNS} FROM import WHERE list_id = %(list_id)s AND campaign_id IS NULL
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def of_list(tx: Transaction, list_id: int, *, limit: int = 10) -> list[Row]:
    """The last loads into a list."""
    return tx.rows(OF_LIST, {"list_id": list_id, "limit": limit})


OF_CAMPAIGN = f"""
SELECT {COLUMNS} FROM import WHERE campaign_id = %(campaign_id)s
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def of_campaign(tx: Transaction, campaign_id: int, *, limit: int = 10) -> list[Row]:
    """The last loads into a campaign."""
    return tx.rows(OF_CAMPAIGN, {"campaign_id": campaign_id, "limit": limit})


OF_KIND = f"""
SELECT {COLUMNS} FROM import WHERE kind = %(kind)s
ORDER BY id DESC LIMIT %(limit)s"""  # noqa: S608


def of_blocked(tx: Transaction, *, limit: int = 5) -> list[Row]:
    """The last loads of blocked numbers."""
    return tx.rows(OF_KIND, {"kind": "blocked", "limit": limit})


def of_bulk(tx: Transaction, *, limit: int = 10) -> list[Row]:
    """The last loads of bulk files."""
    return tx.rows(OF_KIND, {"kind": "bulk", "limit": limit})


REASONS = """
SELECT code, COUNT(*) AS n, MIN(line) AS first_line FROM import_problem
WHERE import_id = %(import_id)s GROUP BY code ORDER BY n DESC"""


def reasons(tx: Transaction, import_id: int) -> list[Row]:
    """Why rows were not taken: `code`, `n` rows, `first_line`."""
    return tx.rows(REASONS, {"import_id": import_id})


PROBLEMS = """
SELECT id, line, number, row_text, code, params, fields FROM import_problem
WHERE import_id = %(import_id)s AND id > %(after)s ORDER BY id LIMIT %(limit)s"""


def problems(
    tx: Transaction, import_id: int, *, after: int = 0, limit: int = 100
) -> list[Row]:
    """Rows that were not taken, those after an id for the next page.

    With `problem`, and `fields` as a dictionary.
    """
    values = {"import_id": import_id, "after": after, "limit": limit}
    rows = tx.rows(PROBLEMS, values)
    for row in rows:
        row["fields"] = contact_fields.read(row["fields"])
        kept = json.loads(row.pop("params"))
        row["problem"] = kept_problems.read({"code": row["code"], **kept})
    return rows


WITH_FIELDS = """
SELECT id, fields FROM import_problem
WHERE import_id = %(import_id)s AND id > %(after)s AND fields IS NOT NULL
ORDER BY id LIMIT %(limit)s"""
READ_AT_ONCE = 5000


def problem_fields(tx: Transaction, import_id: int) -> list[str]:
    """The names of the fields that rows not taken have, as they come."""
    names: dict[str, None] = {}
    values = {"import_id": import_id, "after": 0, "limit": READ_AT_ONCE}
    while found := tx.tuples(WITH_FIELDS, values):
        for _, fields in found:
            names.update(dict.fromkeys(contact_fields.read(fields)))
        values["after"] = found[-1][0]
    return list(names)
