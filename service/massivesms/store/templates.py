"""Templates: saved texts that are chosen where a message is written."""

from __future__ import annotations

from typing import Any

from ..domain.campaigns import name_taken, not_found
from ..domain.templates import Draft
from ..errors import StoreError
from . import audit, like
from .audit import Actor
from .db import Row, Transaction
from .failures import unique

COLUMNS = "id, name, description, text, created_by, created_at, changed_at"

# Templates are few: their texts are read through, in the order of their names.
PAGE = f"""
SELECT {COLUMNS} FROM template FORCE INDEX (name)
WHERE name > %(after)s
  AND (name LIKE %(like)s OR description LIKE %(like)s OR text LIKE %(like)s)
ORDER BY name LIMIT %(limit)s"""  # noqa: S608


def page(
    tx: Transaction, search: str = "", *, after: str = "", limit: int = 50
) -> list[Row]:
    """Templates by name with a text in them somewhere, those after a name."""
    values = {"like": like.holds(search), "after": after, "limit": limit}
    return tx.rows(PAGE, values)


BY_ID = f"SELECT {COLUMNS} FROM template WHERE id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, template_id: int) -> Row | None:
    """One template or None."""
    return tx.row(BY_ID, {"id": template_id})


BY_NAME = f"SELECT {COLUMNS} FROM template WHERE name = %(name)s"  # noqa: S608


def by_name(tx: Transaction, name: str) -> Row:
    """The template of that name; StoreError when there is none."""
    row = tx.row(BY_NAME, {"name": name})
    if row is None:
        raise StoreError(not_found("template", name))
    return row


INSERT = """
INSERT INTO template (name, description, text, created_by, created_at, changed_at)
VALUES (%(name)s, %(description)s, %(text)s, %(by)s, UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3))"""


def create(tx: Transaction, draft: Draft, actor: Actor) -> int:
    """Stores a checked template; its id. StoreError when the name is taken."""
    with unique(name_taken("template", draft.name)):
        template_id = tx.insert(INSERT, {**_params(draft), "by": actor.name[:64]})
    audit.record(tx, actor, "template.create", draft.name, _audited(draft))
    return template_id


UPDATE = """
UPDATE template SET name = %(name)s, description = %(description)s, text = %(text)s,
  changed_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s"""


def update(tx: Transaction, row: Row, draft: Draft, actor: Actor) -> None:
    """Changes a template; campaigns that were made with it keep their text."""
    with unique(name_taken("template", draft.name)):
        tx.execute(UPDATE, {**_params(draft), "id": row["id"]})
    old = Draft(row["name"], row["text"], row["description"])
    changes = audit.changes(_audited(old), _audited(draft))
    if old.text != draft.text:
        changes["text"] = [_length(old.text), _length(draft.text)]
    audit.record(tx, actor, "template.change", draft.name, changes)


REMOVE = "DELETE FROM template WHERE id = %(id)s"


def remove(tx: Transaction, row: Row, actor: Actor) -> None:
    """Takes a template away."""
    if tx.execute(REMOVE, {"id": row["id"]}):
        gone = Draft(row["name"], row["text"], row["description"])
        audit.record(tx, actor, "template.remove", row["name"], _audited(gone))


def _params(draft: Draft) -> dict[str, Any]:
    return {
        "name": draft.name,
        "description": draft.description,
        "text": draft.text,
    }


def _audited(draft: Draft) -> dict[str, object]:
    return {**_params(draft), "text": _length(draft.text)}


def _length(text: str) -> str:
    return f"{len(text)} characters"
