"""Lists and their contacts: reusable sets of numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ..domain import contact_fields, contact_use
from ..domain.campaigns import name_taken, not_found
from ..domain.numbers import Number, masked
from ..domain.recipients import Recipient
from ..errors import StoreError
from . import audit, erased, like, permanent
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

IN_USE, EXCLUDED = contact_use.IN_USE, contact_use.EXCLUDED
BLOCKED = contact_use.BLOCKED
ANY_USE = (IN_USE, EXCLUDED, BLOCKED)
#: Which contacts a choice of a page means: whether they are excluded.
KINDS: Mapping[str, tuple[int, ...]] = {
    "no": (IN_USE,),
    "yes": (EXCLUDED, BLOCKED),
    "blocked": (BLOCKED,),
}

COLUMNS = "id, name, description, included, excluded, created_by, created_at"

PAGE = (
    f"SELECT {COLUMNS} FROM list WHERE name > %(after)s ORDER BY name LIMIT %(limit)s"  # noqa: S608
)


def page(tx: Transaction, *, after: str = "", limit: int = 50) -> list[Row]:
    """Lists by name, those after a name for the next page."""
    return tx.rows(PAGE, {"after": after, "limit": limit})


BY_ID = f"SELECT {COLUMNS} FROM list WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, list_id: int) -> Row | None:
    """One list or None."""
    return tx.row(BY_ID, {"id": list_id})


BY_NAME = f"SELECT {COLUMNS} FROM list WHERE name = %(name)s"  # noqa: S608


def find(tx: Transaction, name: str) -> Row | None:
    """The list of that name or None."""
    return tx.row(BY_NAME, {"name": name})


def by_name(tx: Transaction, name: str) -> Row:
    """The list of that name; StoreError when there is none."""
    row = find(tx, name)
    if row is None:
        raise StoreError(not_found("list", name))
    return row


INSERT = """
INSERT INTO list (name, description, created_by, created_at)
VALUES (%(name)s, %(description)s, %(created_by)s, UTC_TIMESTAMP(3))"""


def create(tx: Transaction, name: str, description: str, actor: Actor) -> int:
    """A new empty list; its id. StoreError when the name is taken."""
    with unique(name_taken("list", name)):
        list_id = tx.insert(
            INSERT,
            {"name": name, "description": description, "created_by": actor.name},
        )
    details = {"description": description} if description else None
    audit.record(tx, actor, "list.create", name, details)
    return list_id


UPDATE = """
UPDATE list SET name = %(name)s, description = %(description)s WHERE id = %(id)s"""


def update(
    tx: Transaction, list_id: int, name: str, description: str, actor: Actor
) -> None:
    """Renames a list or describes it anew."""
    before = tx.row(BY_ID, {"id": list_id}) or {}
    with unique(name_taken("list", name)):
        tx.execute(UPDATE, {"id": list_id, "name": name, "description": description})
    names = ("name", "description")
    after = {"name": name, "description": description}
    details = audit.changes({key: before.get(key) for key in names}, after)
    audit.record(tx, actor, "list.change", name, details)


DELETE_CONTACTS = "DELETE FROM contact WHERE list_id = %(id)s"
DELETE_PROBLEMS = """
DELETE p FROM import_problem p JOIN import i ON i.id = p.import_id
WHERE i.list_id = %(id)s AND i.campaign_id IS NULL"""
DELETE_IMPORTS = "DELETE FROM import WHERE list_id = %(id)s AND campaign_id IS NULL"
DELETE = "DELETE FROM list WHERE id = %(id)s"


def remove(tx: Transaction, row: Row, actor: Actor) -> None:
    """Deletes a list and its contacts; campaigns made from it keep theirs."""
    for sql in (DELETE_CONTACTS, DELETE_PROBLEMS, DELETE_IMPORTS, DELETE):
        tx.execute(sql, {"id": row["id"]})
    details = {"included": row["included"], "excluded": row["excluded"]}
    audit.record(tx, actor, "list.remove", row["name"], details)


LOCK = "SELECT id FROM list WHERE id = %(id)s FOR UPDATE"


def lock(tx: Transaction, list_id: int) -> None:
    """Holds a list until the end of the transaction: loads into it take turns.

    StoreError when it was removed meanwhile.
    """
    if tx.value(LOCK, {"id": list_id}) is None:
        raise StoreError(not_found("list", f"#{list_id}"))


PRESENT = """
SELECT number FROM contact WHERE list_id = %(list_id)s AND number IN %(numbers)s"""


def present(tx: Transaction, list_id: int, numbers: Sequence[str]) -> set[str]:
    """Which of some numbers a list has already, in use or excluded."""
    if not numbers:
        return set()
    values = {"list_id": list_id, "numbers": numbers}
    return {number for (number,) in tx.tuples(PRESENT, values)}


def add_contacts(tx: Transaction, list_id: int, numbers: Sequence[Number]) -> set[str]:
    """Adds numbers by hand; the E.164 of those that already were there.

    As add_recipients, of whom nothing but the number is known.
    """
    return add_recipients(tx, list_id, [Recipient(n, None, 0) for n in numbers])


def add_recipients(
    tx: Transaction,
    list_id: int,
    recipients: Sequence[Recipient],
    import_id: int | None = None,
) -> set[str]:
    """Adds contacts that are not yet there; the E.164 of those that already were.

    `recipients` holds no duplicates; call `lock` before. StoreError for an erased one.
    """
    if not recipients:
        return set()
    numbers = [r.number.e164 for r in recipients]
    erased.refuse(tx, numbers)
    there = present(tx, list_id, numbers)
    fresh = [r for r in recipients if r.number.e164 not in there]
    add_new_contacts(tx, list_id, fresh, import_id)
    return there


ADD = """
INSERT INTO contact (list_id, number, is_local, fields, excluded, import_id, created_at)
VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""
SMALL_ROWS_AT_ONCE = 5000  # a few dozen octets each
STATEMENT_BYTES = 1_000_000  # of fields: far below what a server takes
COUNT_ADDED = """
UPDATE list SET included = included + %(n)s, excluded = excluded + %(excluded)s
WHERE id = %(id)s"""


def add_new_contacts(
    tx: Transaction,
    list_id: int,
    recipients: Sequence[Recipient],
    import_id: int | None = None,
) -> None:
    """Adds contacts of which none is in the list; `recipients` holds no duplicates."""
    longest = excluded = 0
    rows = []
    for recipient in recipients:
        number, fields = recipient.number, None
        if recipient.fields and (text := contact_fields.written(recipient.fields)):
            fields = text.encode()  # the driver escapes a text letter by letter
            longest = max(longest, len(fields))
        excluded += recipient.use != IN_USE
        row = (list_id, number.e164, int(number.is_local), fields)
        rows.append((*row, recipient.use, import_id))
    at_once = min(SMALL_ROWS_AT_ONCE, STATEMENT_BYTES // (longest + 1) + 1)
    tx.many(ADD, rows, at_once)
    counted = {"n": len(rows) - excluded, "excluded": excluded}
    tx.execute(COUNT_ADDED, {"id": list_id, **counted})


CONTACTS = """
SELECT id, list_id, number, is_local, excluded, fields, created_at FROM contact
WHERE list_id = %(list_id)s AND id > %(after)s {also}
ORDER BY id LIMIT %(limit)s"""
EXCLUDED_CONTACTS = """
SELECT id, list_id, number, is_local, excluded, fields, created_at FROM contact
WHERE list_id = %(list_id)s AND excluded = %(excluded)s AND id > %(after)s
ORDER BY id LIMIT %(limit)s"""


def contacts(
    tx: Transaction,
    list_id: int,
    *,
    number_starts: Sequence[str] = (),
    kinds: Sequence[int] = ANY_USE,
    after: int = 0,
    limit: int = 50,
) -> list[Row]:
    """Contacts of a list by id, those after an id for the next page.

    `number_starts` are beginnings in E.164, any of which may match; `kinds` are kinds
    of use.
    """
    values: dict[str, object] = {"list_id": list_id, "after": after, "limit": limit}
    if not number_starts:
        return _contacts_of(tx, kinds, values, limit)
    parts = []
    for n, start in enumerate(number_starts):
        parts.append(f"number LIKE %(number{n})s")
        values[f"number{n}"] = like.number_begins(start)
    also = "AND (" + " OR ".join(parts) + ")"
    if len(kinds) < len(ANY_USE):
        also += " AND excluded IN %(kinds)s"
        values["kinds"] = kinds
    return readable(tx.rows(CONTACTS.format(also=also), values))


def _contacts_of(
    tx: Transaction, kinds: Sequence[int], values: dict[str, object], limit: int
) -> list[Row]:
    """Included and excluded together: ranges of the index, merged by id."""
    rows = [
        row
        for excluded in kinds
        for row in tx.rows(EXCLUDED_CONTACTS, {**values, "excluded": excluded})
    ]
    return readable(sorted(rows, key=lambda row: int(row["id"]))[:limit])


def readable(rows: list[Row]) -> list[Row]:
    """Stored contacts with `fields` as a dictionary."""
    for row in rows:
        row["fields"] = contact_fields.read(row["fields"])
    return rows


SET_EXCLUDED = """
UPDATE contact SET excluded = %(excluded)s
WHERE list_id = %(list_id)s AND number = %(number)s
  AND (excluded > 0) <> %(excluded)s"""
EXCLUDED_COUNT = """
UPDATE list SET included = included - %(n)s, excluded = excluded + %(n)s
WHERE id = %(list_id)s"""
CONTACT = "SELECT id FROM contact WHERE list_id = %(list_id)s AND number = %(number)s"


def set_excluded(
    tx: Transaction, row: Row, number: str, excluded: bool, actor: Actor
) -> bool:
    """Excludes a number of a list from use, or includes it; False when not in it."""
    values = {"list_id": row["id"], "number": number, "excluded": int(excluded)}
    if tx.value(CONTACT, values) is None:
        return False
    if tx.execute(SET_EXCLUDED, values):
        tx.execute(EXCLUDED_COUNT, {"list_id": row["id"], "n": 1 if excluded else -1})
        action = "list.exclude" if excluded else "list.include"
        if not excluded:
            permanent.look_again(tx, row["id"], tx.value(CONTACT, values))
        details = {"number": masked(number), "excluded": [not excluded, excluded]}
        audit.record(tx, actor, action, row["name"], details)
    return True


EXCLUDE_SOME = """
UPDATE contact SET excluded = %(use)s
WHERE list_id = %(list_id)s AND number IN %(numbers)s AND excluded = 0"""


def exclude(tx: Transaction, list_id: int, recipients: Sequence[Recipient]) -> int:
    """Excludes contacts in use that are said to be excluded; how many were in use.

    Call `lock` before.
    """
    excluded = 0
    for use in (EXCLUDED, BLOCKED):
        numbers = [r.number.e164 for r in recipients if r.use == use]
        if numbers:
            values = {"list_id": list_id, "use": use, "numbers": numbers}
            excluded += tx.execute(EXCLUDE_SOME, values)
    if excluded:
        tx.execute(EXCLUDED_COUNT, {"list_id": list_id, "n": excluded})
    return excluded


NAMES = "SELECT id, name FROM list"
# An index of numbers across all lists would make every load half as slow again.
SEARCH = """
SELECT list_id, number, excluded FROM contact FORCE INDEX (list_number)
WHERE list_id = %s AND number LIKE %s ORDER BY number LIMIT %s"""
LISTS_AT_ONCE = 100


def search(tx: Transaction, number_start: str, *, limit: int = 50) -> list[Row]:
    """In which lists a number is: `list_id`, `name`, `number`, `excluded`."""
    number = like.number_begins(number_start)
    names = dict(tx.tuples(NAMES))
    found: list[Row] = []
    for ids in _chunks(sorted(names), LISTS_AT_ONCE):
        sql = " UNION ALL ".join([f"({SEARCH})"] * len(ids))
        values = [value for list_id in ids for value in (list_id, number, limit)]
        found += tx.rows(sql, values)
    found.sort(key=lambda row: (row["number"], row["list_id"]))
    return [{**row, "name": names[row["list_id"]]} for row in found[:limit]]


def _chunks(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for at in range(0, len(ids), size):
        yield ids[at : at + size]
