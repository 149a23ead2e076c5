"""Takes away what one load brought and is not sent, a step at a time.

Each step is a transaction of its own, in which it is kept and audited too: of one that
breaks off, even with its process, is known how far it came. It may be gone on with.
"""

from __future__ import annotations

from collections.abc import Callable

from ..domain.words import N_, Problem
from ..errors import StoreError
from ..store import import_undo, imports
from ..store.audit import Actor
from ..store.db import Database, Row, Transaction


def _always() -> bool:
    return True


def undo(
    db: Database,
    import_id: int,
    actor: Actor,
    may_go_on: Callable[[], bool] = _always,
) -> int:
    """Deletes the contacts, or cancels the waiting messages, of a load; how many.

    Stops between two steps when it may not go on. StoreError when there is no such
    load, or it is not known what it brought.
    """
    with db.transaction() as tx:
        load = found(tx, import_id)
        steps = import_undo.steps(tx, load)
    total = 0
    for first, last in steps:
        total += db.atomically(
            lambda tx, a=first, b=last: _step(tx, load, a, b, actor)  # type: ignore[misc]
        )
        if not may_go_on():
            break
    return total


def _step(tx: Transaction, load: Row, first: int, last: int, actor: Actor) -> int:
    if load["campaign_id"] is None:
        undone = import_undo.delete_contacts(tx, load, first, last)
    else:
        undone = import_undo.cancel_messages(tx, load, first, last, actor.name)
    if undone:
        import_undo.record(tx, load, undone, actor)
    return undone


def found(tx: Transaction, import_id: int) -> Row:
    """A load that can be undone; StoreError when there is none or it cannot be."""
    load = imports.by_id(tx, import_id)
    if load is None:
        words = N_("There is no import %(id)s.")
        raise StoreError(Problem("import_unknown", words, id=import_id))
    of_list = load["list_id"] is not None and load["first_contact_id"] is not None
    if load["campaign_id"] is None and not of_list:
        raise StoreError(
            Problem(
                "import_not_undone",
                N_("It is not known any more what import %(id)s has brought."),
                id=import_id,
            )
        )
    return load
