"""One contact of a list, opened and changed; and the search by names and fields."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..domain import contact_fields
from ..domain.numbers import Number, masked
from ..domain.recipients import Recipient
from ..domain.words import N_, Problem
from . import audit, erased, like, lists, permanent
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

COLUMNS = "id, list_id, number, is_local, excluded, fields, created_at"

BY_ID = f"SELECT {COLUMNS} FROM contact WHERE id = %(id)s AND list_id = %(list_id)s"  # noqa: S608


def by_id(tx: Transaction, list_id: int, contact_id: int) -> Row | None:
    """One contact of a list with `fields` as a dictionary, or None."""
    row = tx.row(BY_ID, {"id": contact_id, "list_id": list_id})
    return lists.readable([row])[0] if row else None


def add(
    tx: Transaction,
    row: Row,
    number: Number,
    fields: Mapping[str, str],
    actor: Actor,
) -> None:
    """Adds one contact to a list by hand. StoreError when its number is there."""
    lists.lock(tx, row["id"])
    erased.refuse(tx, [number.e164])
    recipient = Recipient(number, None, 0, fields)
    with unique(_there_already(number)):
        lists.add_new_contacts(tx, row["id"], [recipient])
    details = {"number": number.masked, "fields": ", ".join(fields)}
    audit.record(tx, actor, "list.add", row["name"], details)


CHANGE = """
UPDATE contact SET number = %(number)s, is_local = %(is_local)s, fields = %(fields)s
WHERE id = %(id)s AND list_id = %(list_id)s"""


def change(
    tx: Transaction,
    row: Row,
    contact: Row,
    number: Number,
    fields: Mapping[str, str],
    actor: Actor,
) -> None:
    """Gives a contact of a list these fields, and another number if it is another.

    StoreError when another contact of the list has the number, or it was erased.
    """
    lists.lock(tx, row["id"])  # a campaign that reads the list is made before, or after
    if number.e164 != contact["number"]:
        erased.refuse(tx, [number.e164])
    values = {
        "id": contact["id"],
        "list_id": row["id"],
        "number": number.e164,
        "is_local": int(number.is_local),
        "fields": contact_fields.written(fields),
    }
    with unique(_there_already(number)):
        tx.execute(CHANGE, values)
    old, new = contact["fields"], {name: text for name, text in fields.items() if text}
    names = [n for n in {**old, **new} if old.get(n) != new.get(n)]
    if names or number.e164 != contact["number"]:
        permanent.take_again(tx, row["id"], contact["id"])
    details = audit.changes(
        {"number": masked(contact["number"])}, {"number": number.masked}
    )
    facts = {"fields": ", ".join(names)} if names else {}
    audit.record(tx, actor, "list.change_contact", row["name"], {**details, **facts})


def _there_already(number: Number) -> Problem:
    words = N_("%(number)s is in the list already.")
    return Problem("duplicate", words, number=number.e164)


REMOVE = "DELETE FROM contact WHERE id = %(id)s AND list_id = %(list_id)s"
COUNT_REMOVED = """
UPDATE list SET included = included - %(included)s, excluded = excluded - %(excluded)s
WHERE id = %(list_id)s"""


def remove(tx: Transaction, row: Row, contact: Row, actor: Actor) -> bool:
    """Takes a contact out of a list for good; False when it is there no more."""
    lists.lock(tx, row["id"])
    present = by_id(tx, row["id"], contact["id"])
    if present is None:
        return False
    tx.execute(REMOVE, {"id": present["id"], "list_id": row["id"]})
    is_excluded = int(present["excluded"] > 0)
    values = {"included": 1 - is_excluded, "excluded": is_excluded}
    tx.execute(COUNT_REMOVED, {**values, "list_id": row["id"]})
    details = {"number": masked(present["number"])}
    audit.record(tx, actor, "list.take_out", row["name"], details)
    return True


LOOKED_AT_ONCE = 20_000
LOOKED_AT = 300_000  # contacts of a search before a person is asked to go on

REACH = """
SELECT MAX(id), COUNT(*) FROM (
  SELECT id FROM contact FORCE INDEX (list_page)
  WHERE list_id = %(list_id)s AND excluded = %(excluded)s AND id > %(after)s
  ORDER BY id LIMIT %(limit)s) AS some"""
WITH_TEXT = f"""
SELECT {COLUMNS} FROM contact FORCE INDEX (list_page)
WHERE list_id = %(list_id)s AND excluded = %(excluded)s
  AND id > %(after)s AND id <= %(upto)s AND fields LIKE %(text)s
ORDER BY id"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Found:
    """Contacts of a search; the next page is after `next_after` (None: that is all)."""

    rows: list[Row]
    next_after: int | None


def search(
    tx: Transaction,
    list_id: int,
    text: str,
    *,
    number_starts: Sequence[str] = (),
    kinds: Collection[int] = lists.ANY_USE,
    after: int = 0,
    limit: int = 50,
    looked_at: int = LOOKED_AT,
) -> Found:
    """Contacts of a list of which some field holds a text, whatever case and accents.

    Reads a bounded part of the list: less than a page may be found in it, with more
    to be found after `next_after`.
    """
    plain = _plain(text)
    rows: list[Row] = []
    for _ in range(0, looked_at, LOOKED_AT_ONCE):
        values = {"list_id": list_id, "after": after, "limit": LOOKED_AT_ONCE}
        upto, is_end = _reach(tx, kinds, values)
        pattern = {"upto": upto, "text": _pattern(text)}
        for row in _with_text(tx, kinds, {**values, **pattern}):
            starts_so = not number_starts or row["number"].startswith(
                tuple(number_starts)
            )
            if starts_so and any(plain in _plain(v) for v in row["fields"].values()):
                rows.append(row)
        if len(rows) > limit:
            return Found(rows[:limit], rows[limit - 1]["id"])
        if is_end:
            return Found(rows, None)
        after = upto
    return Found(rows, after)


def _reach(
    tx: Transaction, kinds: Collection[int], values: Mapping[str, int]
) -> tuple[int, bool]:
    """Up to which contact a step looks, and whether that is the last one."""
    full: list[int] = []
    last = values["after"]
    for kind in kinds:
        upto, count = tx.tuples(REACH, {**values, "excluded": kind})[0]
        last = max(last, upto or 0)
        if count == values["limit"]:
            full.append(upto)
    return (min(full), False) if full else (last, True)


def _with_text(
    tx: Transaction, kinds: Collection[int], values: Mapping[str, object]
) -> list[Row]:
    rows = [
        row
        for kind in kinds
        for row in tx.rows(WITH_TEXT, {**values, "excluded": kind})
    ]
    return lists.readable(sorted(rows, key=lambda row: int(row["id"])))


def _pattern(text: str) -> str:
    """What LIKE takes: the text as JSON writes it."""
    return like.holds(json.dumps(text, ensure_ascii=False)[1:-1])


def _plain(text: str) -> str:
    """Without accents and case, as the database compares."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in letters if not unicodedata.combining(c))


SAMPLE = 300
FIRST_FIELDS = """
SELECT fields FROM contact WHERE list_id = %(list_id)s AND excluded = 0
ORDER BY id LIMIT %(limit)s"""
LAST_FIELDS = """
SELECT fields FROM contact WHERE list_id = %(list_id)s AND excluded = 0
ORDER BY id DESC LIMIT %(limit)s"""


def some_names(tx: Transaction, list_id: int) -> list[str]:
    """The names of fields in a list, as far as its first and last contacts tell."""
    values = {"list_id": list_id, "limit": SAMPLE}
    names: dict[str, None] = {}
    for sql in (FIRST_FIELDS, LAST_FIELDS):
        for (stored,) in tx.tuples(sql, values):
            names.update(dict.fromkeys(contact_fields.read(stored)))
    return in_order(names)


def in_order(names: Collection[str]) -> list[str]:
    """Standard fields first, as pages have them; the others as they came."""
    standard = [name for name in contact_fields.STANDARD if name in names]
    return standard + [name for name in names if name not in contact_fields.STANDARD]


EVERY = f"""
SELECT {COLUMNS} FROM contact
WHERE list_id = %(list_id)s AND excluded = %(excluded)s AND id > %(after)s
ORDER BY id LIMIT %(limit)s"""  # noqa: S608
READ_AT_ONCE = 5000


def every(tx: Transaction, list_id: int, kind: int) -> Iterator[list[Row]]:
    """All contacts of one kind of use in batches, read while they are walked."""
    values = {"list_id": list_id, "excluded": kind, "limit": READ_AT_ONCE}
    after = 0
    while rows := tx.rows(EVERY, {**values, "after": after}):
        yield lists.readable(rows)
        after = rows[-1]["id"]
