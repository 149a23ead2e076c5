"""Contacts of a list with their fields, for texts that have places."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator

from .db import Row, Transaction

BATCH = 2000

CONTACTS = """
SELECT id, number, is_local, fields FROM contact FORCE INDEX (list_page)
WHERE list_id = %(list_id)s AND excluded = 0 AND id > %(after)s
ORDER BY id LIMIT %(limit)s"""


def batches(
    tx: Transaction, list_id: int, *, limit: int = BATCH
) -> Iterator[list[Row]]:
    """The included contacts of a list, `fields` as a mapping, so many at a time."""
    after = 0
    values = {"list_id": list_id, "limit": limit}
    while rows := tx.rows(CONTACTS, {**values, "after": after}):
        after = rows[-1]["id"]
        for row in rows:
            row["fields"] = json.loads(row["fields"]) if row["fields"] else {}
        yield rows


def known(tx: Transaction, list_id: int, wanted: Collection[str]) -> list[str]:
    """The fields that the contacts of a list have, until all that are wanted were seen.

    For a page, which must not read a whole list, there is contacts.some_names.
    """
    found: dict[str, None] = {}
    for contacts in batches(tx, list_id):
        for contact in contacts:
            found.update(dict.fromkeys(contact["fields"]))
        if found.keys() >= set(wanted):
            break
    return list(found)
