"""massivesms list apply-blocked"""

from __future__ import annotations

import click

from ..intake import list_blocks
from ..store import campaigns, lists
from .context import Context, json_option, pass_context, show_json


@click.command("apply-blocked")
@click.argument("name")
@click.option("--count", "only_count", is_flag=True, help="Say how many, change none.")
@click.option("--campaign", help="Count also those blocked for this campaign.")
@click.option("--undo", is_flag=True, help="Use again what was excluded so.")
@json_option
@pass_context
def apply_blocked(
    context: Context,
    name: str,
    only_count: bool,
    campaign: str | None,
    undo: bool,
    as_json: bool,
) -> None:
    """Exclude the blocked numbers of a list before it is used."""
    if undo and (only_count or campaign):
        raise click.UsageError("--undo goes alone.")
    with context.db.transaction() as tx:
        list_id = lists.by_name(tx, name)["id"]
        campaign_id = campaigns.by_name(tx, campaign)["id"] if campaign else 0
    if undo:
        done = list_blocks.include(context.db, list_id, context.actor)
        said, key = f"{done} numbers of {name} are in use again.", "included"
    elif only_count:
        done = list_blocks.count(context.db, list_id, campaign_id)
        said, key = f"{done} numbers of {name} are blocked.", "blocked"
    else:
        done = list_blocks.exclude(context.db, list_id, context.actor, campaign_id)
        said, key = (
            f"{done} numbers excluded from {name}: they are blocked.",
            "excluded",
        )
    if as_json:
        show_json({key: done})
    else:
        click.echo(said)
