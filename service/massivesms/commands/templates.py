"""massivesms template add | list | show | remove"""

from __future__ import annotations

import click

from ..domain.templates import Draft, check_draft, places
from ..store import templates
from ..store.db import Row
from .context import Context, json_option, pass_context, refuse, show_json, show_table

MOST_LISTED = 10_000


@click.group("template")
def group() -> None:
    """Templates: saved texts, with <places> that each contact's values fill."""


@group.command()
@click.argument("name")
@click.option("--message", "text", required=True, help="The text.")
@click.option("--description", default="", help="What it is for.")
@pass_context
def add(context: Context, name: str, text: str, description: str) -> None:
    """Save a text under a name."""
    draft = Draft(name.strip(), text, description.strip())
    if problems := check_draft(draft):
        raise refuse(problems)
    actor = context.actor
    context.db.atomically(lambda tx: templates.create(tx, draft, actor))
    click.echo(f"Template {draft.name} saved.")


@group.command("list")
@json_option
@pass_context
def list_templates(context: Context, as_json: bool) -> None:
    """Show all templates; with --json, one object a line."""
    with context.db.transaction() as tx:
        rows = templates.page(tx, limit=MOST_LISTED)
    if as_json:
        for row in rows:
            show_json(_shown(row))
        return
    heads = ("name", "description", "text")
    show_table([tuple(row[key] for key in heads) for row in rows], heads)


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one template."""
    with context.db.transaction() as tx:
        row = templates.by_name(tx, name)
    if as_json:
        show_json(_shown(row))
        return
    click.echo(row["text"])


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a template; campaigns that were made with it stay as they are."""
    with context.db.transaction() as tx:
        templates.remove(tx, templates.by_name(tx, name), context.actor)
    click.echo(f"Template {name} removed.")


def _shown(row: Row) -> dict[str, object]:
    shown = {key: row[key] for key in ("name", "description", "text")}
    return {**shown, "places": places(row["text"])}
