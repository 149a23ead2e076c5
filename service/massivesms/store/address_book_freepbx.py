"""FreePBX's Contact Manager: tables in its own database on our server, only read."""

from __future__ import annotations

import re

from ..domain.address_books import Contact, Reader, Search
from ..domain.words import N_, Problem
from ..errors import ConfigError, StoreError
from .db import Transaction

EVERYBODYS = "-1"
ENTRY_NAMES = ("displayname", "fname", "lname", "company")
_NAME = re.compile(r"[\w$-]{1,64}")

LAYOUT = """
SELECT LOWER(table_name), LOWER(column_name) FROM information_schema.columns
WHERE table_schema = %(database)s AND table_name IN ('contactmanager_groups',
  'contactmanager_group_entries', 'contactmanager_entry_numbers')"""
#: Compared as people read: whatever the tables' own alphabet and order.
TEXT = "CONVERT(CONCAT_WS(' ', {columns}) USING utf8mb4) COLLATE utf8mb4_unicode_ci"
DIGITS = (
    "REPLACE(REPLACE(REPLACE(REPLACE(n.{column}, ' ', ''), '-', ''), '(', ''), ')', '')"
)
ENTRIES = """
SELECT e.id, {names}
FROM `{database}`.contactmanager_group_entries e
JOIN `{database}`.contactmanager_groups g ON g.id = e.groupid
WHERE CAST(g.owner AS CHAR) IN %(owners)s AND {condition}
  AND EXISTS (SELECT 1 FROM `{database}`.contactmanager_entry_numbers n
              WHERE n.entryid = e.id)
ORDER BY TRIM(CONCAT_WS(' ', {names})) LIMIT %(limit)s"""
HAS_DIGITS = """
EXISTS (SELECT 1 FROM `{database}`.contactmanager_entry_numbers n
        WHERE n.entryid = e.id AND ({either}))"""
NUMBERS = """
SELECT {columns} FROM `{database}`.contactmanager_entry_numbers n
WHERE n.entryid IN %(ids)s"""


def find(
    tx: Transaction, database: str, search: Search, reader: Reader, limit: int
) -> list[Contact]:
    """Contacts that the reader may see. Raises StoreError when they cannot be read."""
    if not _NAME.fullmatch(database):
        raise ConfigError(_missing(database))
    layout: dict[str, set[str]] = {}
    for table, column in tx.tuples(LAYOUT, {"database": database}):
        layout.setdefault(table, set()).add(column)
    names = [
        n for n in ENTRY_NAMES if n in layout.get("contactmanager_group_entries", ())
    ]
    columns = layout.get("contactmanager_entry_numbers", set())
    if not names or "number" not in columns or "contactmanager_groups" not in layout:
        raise StoreError(_missing(database))
    sql, values = _entries(database, names, columns, search)
    owners = [EVERYBODYS, reader.pbx_id] if reader.pbx_id else [EVERYBODYS]
    rows = tx.rows(sql, {**values, "owners": owners, "limit": limit})
    numbers = _numbers(tx, database, columns, [row["id"] for row in rows])
    return [
        Contact(_shown(row), numbers[row["id"]])
        for row in rows
        if numbers.get(row["id"])
    ]


def _entries(
    database: str, names: list[str], columns: set[str], search: Search
) -> tuple[str, dict[str, object]]:
    if search.digits:
        searched = [DIGITS.format(column=c) for c in ("number", "e164") if c in columns]
        either = " OR ".join(f"LOCATE(%(digits)s, {one})" for one in searched)
        condition = HAS_DIGITS.format(database=database, either=either)
        values: dict[str, object] = {"digits": search.digits}
    else:
        text = TEXT.format(columns=", ".join(f"e.{name}" for name in names))
        values = {f"word{n}": _like(word) for n, word in enumerate(search.words)}
        condition = " AND ".join(f"{text} LIKE %({key})s ESCAPE '|'" for key in values)
    sql = ENTRIES.format(
        database=database,
        names=", ".join(f"e.{name}" for name in names),
        condition=condition,
    )
    return sql, values


def _like(word: str) -> str:
    for special in "|%_":
        word = word.replace(special, f"|{special}")
    return f"%{word}%"


def _numbers(
    tx: Transaction, database: str, columns: set[str], ids: list[int]
) -> dict[int, list[str]]:
    """entry -> its numbers: those for messages first, then mobiles, then others."""
    if not ids:
        return {}
    wanted = [c for c in ("entryid", "number", "e164", "type", "flags") if c in columns]
    sql = NUMBERS.format(
        database=database, columns=", ".join(f"n.{c} AS {c}" for c in wanted)
    )
    ranked: dict[int, list[tuple[tuple[bool, bool], str]]] = {}
    for row in tx.rows(sql, {"ids": ids}):
        written = str(row.get("e164") or row["number"] or "").strip()
        is_for_sms = "sms" in str(row.get("flags") or "").split("|")
        rank = (not is_for_sms, str(row.get("type") or "").lower() != "cell")
        if written:
            ranked.setdefault(row["entryid"], []).append((rank, written))
    return {
        entry: [written for _rank, written in sorted(those, key=lambda one: one[0])]
        for entry, those in ranked.items()
    }


def _shown(row: dict[str, object]) -> str:
    name = row.get("displayname") or " ".join(
        str(row.get(part) or "") for part in ("fname", "lname")
    )
    return str(name).strip() or str(row.get("company") or "").strip()


def _missing(database: str) -> Problem:
    return Problem(
        "address_book_missing",
        N_(
            "The PBX's Contact Manager (database %(database)s) cannot be read: it is"
            " not installed, or massivesms may not read it. You can write the number;"
            " an administrator can run as root: massivesms setup"
        ),
        database=database,
    )
