"""massivesms campaign copy NAME NEWNAME: edit as new; end NAME: permanent no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import click

from ..domain.campaigns import OUTPUT_QUEUE_ID, check_draft
from ..intake import campaign_loads, copies
from ..intake.copies import Whose
from ..store import approvals, campaigns, lists, permanent
from ..store.campaigns import output_queue_kept
from .context import Context, pass_context, refuse
from .lists import report

LIST = "list"


@click.command("copy")
@click.argument("name")
@click.argument("new_name")
@click.option(
    "--to",
    "whose",
    type=click.Choice([LIST, *map(str, Whose)]),
    help="Its list, or its own numbers; its list if it has one, otherwise all.",
)
@click.option("--message", "text", help="Another text.")
@click.option(
    "--permanent/--not-permanent",
    default=None,
    help="Whoever comes into its list, too, or not; otherwise as the other one.",
)
@click.option("--run", is_flag=True, help="Send at once; otherwise it is paused.")
@pass_context
def copy(
    context: Context,
    name: str,
    new_name: str,
    whose: str | None,
    text: str | None,
    permanent: bool | None,
    run: bool,
) -> None:
    """Create a campaign with the settings, text and recipients of another one."""
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
        chosen = lists.by_id(tx, row["list_id"]) if row["list_id"] else None
    if row["id"] == OUTPUT_QUEUE_ID:
        raise refuse(output_queue_kept())
    if whose == LIST and chosen is None:
        raise click.UsageError(f"{name} has no list: give --to undelivered or all.")
    to_list = chosen is not None and whose in (None, LIST)
    if permanent and not to_list:
        raise click.UsageError("--permanent is for a campaign to a list.")
    draft = copies.draft_of(row, new_name.strip(), datetime.now(UTC))
    draft = replace(draft, paused=not run)
    if text is not None:
        draft = replace(draft, text=text)
    if problems := check_draft(draft, text_required=bool(row["text"])):
        raise refuse(problems)
    if chosen is not None and to_list:
        kept = bool(row["permanent"]) if permanent is None else permanent
        draft = replace(draft, list_id=chosen["id"], permanent=kept)
        loaded = campaign_loads.create_campaign_from_list(
            context.db, draft, chosen, context.actor
        )
    else:
        wanted = Whose(whose or Whose.ALL)
        loaded = copies.create_campaign_like(
            context.db, draft, row, wanted, context.actor
        )
    done = f"Campaign {draft.name} created{'' if run else ', paused'}"
    report(context.db, done, loaded)


@click.command("end")
@click.argument("name")
@pass_context
def end(context: Context, name: str) -> None:
    """Let a permanent campaign finish with what it has."""
    with context.db.transaction() as tx:
        done = permanent.end(tx, campaigns.by_name(tx, name), context.actor)
    said = "is no longer permanent" if done else "was not permanent"
    click.echo(f"Campaign {name} {said}.")


@click.command("approve")
@click.argument("name")
@pass_context
def approve(context: Context, name: str) -> None:
    """Approve a campaign that waits for a second person."""
    with context.db.transaction() as tx:
        approvals.approve(tx, campaigns.by_name(tx, name), context.actor)
    click.echo(f"Campaign {name} approved.")
