"""massivesms import list | undo"""

from __future__ import annotations

import click

from ..domain.words import N_, Problem
from ..intake import undo as undoing
from ..store import import_undo, imports
from .context import Context, json_option, pass_context, refuse, show_json, show_table

KEYS = (
    *("id", "kind", "list", "campaign", "source", "accepted", "duplicates"),
    *("refused", "created_by", "created_at", "undone"),
)


@click.group("import")
def group() -> None:
    """What was loaded: all imports, and taking back what one brought."""


@group.command("list")
@click.option("--limit", default=50, show_default=True, help="So many, newest first.")
@json_option
@pass_context
def list_imports(context: Context, limit: int, as_json: bool) -> None:
    """Show the imports, newest first."""
    with context.db.transaction() as tx:
        rows = imports.history(tx, limit=max(limit, 1))
    if as_json:
        show_json([{key: row[key] for key in KEYS} for row in rows])
    else:
        shown = [tuple("" if row[k] is None else row[k] for k in KEYS) for row in rows]
        show_table(shown, KEYS)


@group.command()
@click.argument("import_id", type=int)
@click.option("--yes", is_flag=True, help="Do it; without it only the number is said.")
@pass_context
def undo(context: Context, import_id: int, yes: bool) -> None:
    """Delete the contacts, or cancel the waiting messages, that an import brought."""
    with context.db.transaction() as tx:
        load = undoing.found(tx, import_id)
        left = import_undo.left(tx, load)
    if not yes:
        raise refuse(
            Problem(
                "not_confirmed",
                N_("%(n)s of import %(id)s would be deleted: repeat it with --yes."),
                n=left,
                id=import_id,
            )
        )
    done = undoing.undo(context.db, import_id, context.actor)
    what = "numbers deleted" if load["campaign_id"] is None else "messages cancelled"
    click.echo(f"Import {import_id}: {done} {what}.")
