"""Issabel's and Elastix' address book: a SQLite file, opened for reading only.

Its columns changed over the years; what is missing is asked of the file itself.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from ..domain.address_books import Contact, Reader, Search, matches, plain
from ..domain.words import N_, Problem
from ..errors import StoreError

BUSY_S = 2.0
NUMBERS = ("cell_phone", "telefono", "home_phone")
NAMES = ("name", "last_name", "company", "email", "extension")

COLUMNS = "PRAGMA table_info(contact)"
CONTACTS = "SELECT {columns} FROM contact WHERE {visible}"


def find(file: Path, search: Search, reader: Reader, limit: int) -> list[Contact]:
    """Contacts that the reader may see. Raises StoreError when it cannot be read."""
    try:
        with closing(_open(file)) as book:
            found = list(_contacts(book, search, reader))
    except (sqlite3.Error, OSError) as error:
        raise StoreError(_unreadable(file, error)) from error
    return sorted(found, key=lambda contact: plain(contact.name))[:limit]


def _open(file: Path) -> sqlite3.Connection:
    with file.open("rb"):  # SQLite would only say that it cannot open it
        pass
    book = sqlite3.connect(
        f"file:{quote(str(file.absolute()))}?mode=ro", uri=True, timeout=BUSY_S
    )
    book.text_factory = lambda octets: octets.decode("utf-8", "replace")
    return book


def _contacts(
    book: sqlite3.Connection, search: Search, reader: Reader
) -> Iterator[Contact]:
    columns = {row[1] for row in book.execute(COLUMNS)}
    numbers = [name for name in NUMBERS if name in columns]
    names = [name for name in NAMES if name in columns]
    if "name" not in names or not numbers:
        raise sqlite3.DatabaseError("no table of contacts")
    sql = CONTACTS.format(
        columns=", ".join([*names, *numbers]), visible=_visible(columns)
    )
    values = {"reader": reader.pbx_id} if ":reader" in sql else {}
    for row in book.execute(sql, values):
        texts, written = row[: len(names)], row[len(names) :]
        if matches(search, texts, written):
            shown = [str(number) for number in written if str(number or "").strip()]
            whole = " ".join(str(t) for t, n in zip(texts, names, strict=True)
                             if t and n in ("name", "last_name"))  # fmt: skip
            if shown:
                yield Contact(whole.strip(), shown)


def _visible(columns: set[str]) -> str:
    """Public contacts and the reader's own; the oldest books belonged to all."""
    rules = ["directory = 'external'"] if "directory" in columns else []
    whose = ["status = 'isPublic'"] if "status" in columns else []
    if "iduser" in columns:
        whose.append("(:reader <> '' AND CAST(iduser AS TEXT) = :reader)")
    if whose:
        rules.append("(" + " OR ".join(whose) + ")")
    return " AND ".join(rules) or "1 = 1"


def _unreadable(file: Path, error: Exception) -> Problem:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return Problem(
        "address_book_unreadable",
        N_(
            "The PBX's address book %(file)s cannot be read (%(error)s). You can"
            " write the number; an administrator can check [pbx] in massivesms.conf"
            " and who may read the file."
        ),
        file=file,
        error=why,
    )
