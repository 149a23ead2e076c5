"""The call centre's do-not-call list: read only, in its database on our server."""

from __future__ import annotations

from ..domain.words import N_, Problem
from ..errors import StoreError
from .db import Transaction

DATABASE = "call_center"
ROWS_AT_ONCE = 5000

LAYOUT = """
SELECT LOWER(column_name) FROM information_schema.columns
WHERE table_schema = %(database)s AND table_name = 'dont_call'"""
NUMBERS = """
SELECT {key}, caller_id FROM `{database}`.dont_call
WHERE {key} > %(after)s AND caller_id IS NOT NULL {active}
ORDER BY {key} LIMIT %(limit)s"""
ACTIVE = "AND status = 'A'"


def numbers(tx: Transaction, after: object = None) -> tuple[list[str], object]:
    """Some of its active numbers as they are written, and where to go on; None = end.

    Raises StoreError when there is no such list, or it may not be read.
    """
    found = {name for (name,) in tx.tuples(LAYOUT, {"database": DATABASE})}
    if "caller_id" not in found:
        raise StoreError(_not_there())
    key = "id" if "id" in found else "caller_id"
    sql = NUMBERS.format(
        key=key, database=DATABASE, active=ACTIVE if "status" in found else ""
    )
    start = after if after is not None else (-1 if key == "id" else "")
    rows = tx.tuples(sql, {"after": start, "limit": ROWS_AT_ONCE})
    more = rows[-1][0] if len(rows) == ROWS_AT_ONCE else None
    return [str(number) for _, number in rows], more


def _not_there() -> Problem:
    return Problem(
        "dont_call_missing",
        N_(
            "The call centre's do-not-call list (%(database)s.dont_call) cannot be"
            " read: there is no call centre on this server, or massivesms may not"
            " read it. As root: massivesms setup"
        ),
        database=DATABASE,
    )
