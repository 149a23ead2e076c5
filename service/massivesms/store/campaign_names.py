"""Campaigns by their names only: to choose one, to name one, to find one."""

from __future__ import annotations

from collections.abc import Iterable

from .db import Row, Transaction

NEWEST = """
SELECT id, name FROM campaign WHERE removed = 0 ORDER BY id DESC LIMIT %(limit)s"""


def newest(tx: Transaction, *, limit: int) -> list[Row]:
    """`id` and `name` of the campaigns that were made last, the newest first."""
    return tx.rows(NEWEST, {"limit": limit})


SOME = "SELECT id, name FROM campaign WHERE id IN %(ids)s AND removed = 0"


def of(tx: Transaction, ids: Iterable[int]) -> dict[int, str]:
    """The names of campaigns by id; a removed one has none."""
    wanted = sorted(set(ids))
    return dict(tx.tuples(SOME, {"ids": wanted})) if wanted else {}


ALL = "SELECT id, name FROM campaign WHERE removed = 0"


def every(tx: Transaction) -> tuple[tuple[int, str], ...]:
    """Id and name of all campaigns, for a file that names them."""
    return tx.tuples(ALL)


HELD = f"{SOME} LOCK IN SHARE MODE"


def held(tx: Transaction, ids: Iterable[int]) -> dict[int, str]:
    """As `of`; none of them is removed before the transaction has ended."""
    wanted = sorted(set(ids))
    return dict(tx.tuples(HELD, {"ids": wanted})) if wanted else {}
