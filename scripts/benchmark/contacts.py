"""Contacts: files with fields into lists, who is new in a list, and a load undone.

Files go in by the command line, the whole of its process counted, a workbook's reading
process too. A file of numbers alone is what the same file with three fields is held
against. What the service does for permanent campaigns is done in this process.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import xlsxwriter

from massivesms.config import load as load_config
from massivesms.domain.numbers import Number
from massivesms.engine import housekeeping
from massivesms.store import import_undo, imports, lists
from massivesms.store.db import Database
from massivesms.vault import NumberHash
from scripts.benchmark.drain import must_be
from scripts.benchmark.house import House, Installation, value
from scripts.benchmark.processes import watched
from scripts.benchmark.texts import TEXT

FIELDS = ("nombre", "apellido", "saldo")
NAMES = ("Ana", "José", "Lucía", "Núria", "Iván", "Marta", "Zoë")
NUMBERS = 100_000_000  # eight digits after the 6
BOOK_ROWS, BOOK_COLUMNS = 0.1, 8  # of the rows
NEWCOMERS = 1000
LOOKS = 20

INCLUDED = "SELECT included FROM list WHERE name = %s"
CAMPAIGN = "SELECT id FROM campaign WHERE name = %s"
WAITING = """
SELECT SUM(messages) FROM campaign_count WHERE campaign_id = %s AND state = 'queued'"""
FIRST_LOAD = "SELECT MIN(id) FROM import"
LIST = "SELECT id FROM list WHERE name = 'fields'"


def measure(house: House, rows: int) -> dict[str, Any]:
    """`contacts` as it stands in the JSON."""
    installation = house.installation("contacts")
    found: dict[str, float] = {"rows": rows}
    numbers = house.directory / "numbers.csv"
    fields = house.directory / "fields.csv"
    book = house.directory / "contacts.xlsx"
    write_csv(numbers, rows, ())
    write_csv(fields, rows, FIELDS)
    write_book(book, int(rows * BOOK_ROWS))
    for name, file in (("numbers", numbers), ("fields", fields), ("book", book)):
        took_s, most_mb = list_of(installation, name, file)
        found |= {f"{name}_s": took_s, f"{name}_mb_max": most_mb}
        file.unlink()
    found["ratio"] = found["numbers_s"] / found["fields_s"]
    with installation.connect() as db:
        must_be(rows, "with fields", value(db, INCLUDED, "fields"))
        must_be(int(rows * BOOK_ROWS), "of the book", value(db, INCLUDED, "book"))
    config = load_config(str(installation.config_file))
    keyed = Database(config.database, hash_of=NumberHash(config.secret_key))
    found |= _permanent(installation, keyed, rows)
    found |= _undo(installation, keyed, rows)
    keyed.close()
    return {"contacts": found}


def people(rows: int) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """A number in no order, and a first name, a last name and an amount."""
    numbers = random.Random(7).sample(range(NUMBERS), rows)
    for n, number in enumerate(numbers):
        amount = f"{n % 1000},{n % 100:02}"
        yield f"6{number:08}", (NAMES[n % len(NAMES)], f"García {n}", amount)


def write_csv(path: Path, rows: int, titles: tuple[str, ...]) -> None:
    """A file of numbers, and of as many of the fields as there are titles."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write(";".join(("número", *titles)) + "\r\n")
        for number, own in people(rows):
            out.write(";".join((number, *own[: len(titles)])) + "\r\n")


def write_book(path: Path, rows: int) -> None:
    """The same as a workbook, with some columns more."""
    book = xlsxwriter.Workbook(str(path), {"constant_memory": True})
    sheet = book.add_worksheet()
    more = BOOK_COLUMNS - 1 - len(FIELDS)
    heads = ("número", *FIELDS, *(f"columna {n}" for n in range(more)))
    sheet.write_row(0, 0, heads)
    for n, (number, own) in enumerate(people(rows), 1):
        sheet.write_number(n, 0, int(number))
        sheet.write_row(n, 1, (*own, *(f"valor {n % 997}" for _ in range(more))))
    book.close()


def list_of(installation: Installation, name: str, file: Path) -> tuple[float, float]:
    """Seconds and most memory of the command that makes a list of a file."""
    process = installation.begin("list", "create", name, "--csv", str(file), "--again")
    return watched(process, family=True)


def _permanent(installation: Installation, db: Database, rows: int) -> dict[str, float]:
    """A permanent campaign: it begins, a look at nothing, newcomers."""
    made = ("campaign", "create", "always", "--message", TEXT, "--list", "fields")
    began_s = time.monotonic()
    installation.command(*made, "--permanent")
    created_s = time.monotonic() - began_s
    with installation.connect() as plain:
        list_id = value(plain, LIST)
        idle_s = median(_pass(db) for _ in range(LOOKS))
        new = [Number(f"+347{n:08}", True) for n in range(NEWCOMERS)]
        with db.transaction() as tx:
            lists.lock(tx, list_id)
            lists.add_contacts(tx, list_id, new)
        new_s = _pass(db)
        campaign_id = value(plain, CAMPAIGN, "always")
        must_be(rows + NEWCOMERS, "permanent", value(plain, WAITING, campaign_id))
    return {
        "permanent_create_s": created_s,
        "permanent_idle_ms": idle_s * 1000,
        "permanent_new_ms": new_s * 1000,
    }


def _pass(db: Database) -> float:
    began_s = time.monotonic()
    housekeeping.grow_permanent(db)
    return time.monotonic() - began_s


def _undo(installation: Installation, db: Database, rows: int) -> dict[str, float]:
    """A load of contacts is counted, as its page does, and taken away again."""
    with installation.connect() as plain:
        load_id = value(plain, FIRST_LOAD)
    began_s = time.monotonic()
    with db.transaction() as tx:
        load = imports.by_id(tx, load_id) or {}
        must_be(rows, "left", import_undo.left(tx, load))
    counted_s = time.monotonic() - began_s
    took_s, most_mb = watched(
        installation.begin("import", "undo", str(load_id), "--yes")
    )
    with installation.connect() as plain:
        must_be(0, "after the undo", value(plain, INCLUDED, "numbers"))
    return {"undo_count_s": counted_s, "undo_s": took_s, "undo_mb_max": most_mb}
