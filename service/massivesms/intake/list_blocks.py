"""The blocked numbers of a whole list: counted, excluded, put into use again.

Each step is a transaction of its own; what is done is audited at the end, also when it
broke off.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..domain.campaigns import not_found
from ..errors import StoreError
from ..store import audit, blocked_lists, lists
from ..store.audit import Actor
from ..store.blocked_lists import Looked
from ..store.db import Database, Row


def count(db: Database, list_id: int, campaign_id: int = 0) -> int:
    """How many numbers in use are blocked, for all campaigns or also for one."""
    return sum(looked.blocked for _, looked in _steps(db, list_id, campaign_id))


def exclude(db: Database, list_id: int, actor: Actor, campaign_id: int = 0) -> int:
    """Excludes them; how many. StoreError when there is no such list."""
    total = 0
    try:
        for after, looked in _steps(db, list_id, campaign_id):
            if looked.blocked:
                total += db.atomically(
                    lambda tx, here=looked, since=after: blocked_lists.exclude_some(  # type: ignore[misc]
                        tx, list_id, campaign_id, here, since
                    )
                )
    finally:
        _record(db, list_id, actor, "list.exclude_blocked", total)
    return total


def include(db: Database, list_id: int, actor: Actor) -> int:
    """Puts those that were excluded so into use again; how many."""
    total = 0
    try:
        while done := db.atomically(lambda tx: blocked_lists.include_some(tx, list_id)):
            total += done
    finally:
        _record(db, list_id, actor, "list.include_blocked", total)
    return total


def _steps(
    db: Database, list_id: int, campaign_id: int
) -> Iterator[tuple[int, Looked]]:
    after, is_end = 0, False
    _found(db, list_id)
    while not is_end:
        with db.transaction() as tx:
            looked = blocked_lists.count_some(tx, list_id, campaign_id, after)
        yield after, looked
        after, is_end = looked.last_id, looked.is_end


def _found(db: Database, list_id: int) -> Row:
    with db.transaction() as tx:
        row = lists.by_id(tx, list_id)
    if row is None:
        raise StoreError(not_found("list", f"#{list_id}"))
    return row


def _record(db: Database, list_id: int, actor: Actor, action: str, total: int) -> None:
    if total:
        name = _found(db, list_id)["name"]
        details = {"numbers": total}
        db.atomically(lambda tx: audit.record(tx, actor, action, name, details))
