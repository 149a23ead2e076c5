"""massivesms campaign create: its text, its numbers, when and how it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..domain.campaigns import CampaignPriority, Draft, InDoubt, check_draft
from ..domain.smart_text import Choice, Improver
from ..domain.words import Problem
from ..intake import campaign_loads, load_sources, loads
from ..store import lists, templates, trunks
from ..store.db import Row
from . import timing, unsent
from .characters import cheaper
from .characters import option as characters_option
from .context import Context, pass_context, refuse
from .lists import report
from .sources import open_csv

PRIORITIES = {p.name.lower(): p for p in CampaignPriority}

in_doubt_option = click.option(
    "--in-doubt",
    type=click.Choice([str(policy) for policy in InDoubt]),
    help="When no answer comes: a person decides, send again, or take as sent.",
)
priority_option = click.option(
    "--priority",
    type=click.Choice(list(PRIORITIES)),
    help="Which campaigns go first; equal ones share.",
)


def given_rules(
    in_doubt: str | None = None, priority: str | None = None
) -> dict[str, Any]:
    """What was given of the two rules that may change while a campaign is sent."""
    found: dict[str, Any] = {}
    if in_doubt:
        found["in_doubt"] = InDoubt(in_doubt)
    if priority:
        found["priority"] = PRIORITIES[priority]
    return found


@click.command()
@click.argument("name")
@click.option("--message", "text", default="", help="The text.")
@click.option("--template", "template_name", help="The text of this template.")
@click.option("--csv", "csv", type=click.Path(path_type=Path), help="Numbers[,texts].")
@click.option("--list", "list_name", help="A list.")
@click.option("--trunk", "trunk_name", help="Only this trunk; otherwise by priority.")
@click.option("--sender", default="", help="Sender; otherwise the trunk's.")
@click.option("--start", help='"YYYY-MM-DD HH:MM", in the configured time zone.')
@unsent.deadline_option
@click.option("--hours", help="HH:MM-HH:MM each day; may run over midnight.")
@timing.options
@in_doubt_option
@priority_option
@characters_option
@click.option("--permanent", is_flag=True, help="Whoever comes into the list, too.")
@click.option("--run", is_flag=True, help="Send at once; otherwise it is paused.")
@pass_context
def create(
    context: Context,
    /,
    name: str,
    text: str,
    template_name: str | None,
    csv: Path | None,
    list_name: str | None,
    trunk_name: str | None,
    sender: str,
    start: str | None,
    deadline: str | None,
    hours: str | None,
    run: bool,
    permanent: bool,
    characters: str,
    **rules: str | None,
) -> None:
    """Create a campaign, paused unless --run."""
    _check_usage(csv, list_name, permanent, bool(text and template_name))
    own = timing.take(context, rules)
    zone = timing.zone_by(context, own)
    schedule = {**timing.start_and_hours(zone, start, hours), **timing.drafted(own)}
    start_at = schedule.get("start_at")
    schedule["deadline_at"] = unsent.read(zone, deadline, start_at)
    with context.db.transaction() as tx:
        trunk_id = trunks.by_name(tx, trunk_name)["id"] if trunk_name else None
        if template_name:
            text = templates.by_name(tx, template_name)["text"]
        chosen = lists.by_name(tx, list_name) if list_name else None
    draft = Draft(
        name=name.strip(),
        text=cheaper(text, characters),
        sender_id=sender,
        trunk_id=trunk_id,
        paused=not run,
        permanent=permanent,
        list_id=chosen["id"] if chosen else None,
        **schedule,
        **given_rules(**rules),
    )
    problems = check_draft(draft, text_required=csv is None)
    if problems := problems or timing.check(context, draft):
        raise refuse(problems)
    notes: list[Problem] = []
    loaded = _load(context, draft, chosen, csv, Choice(characters), notes)
    done = f"Campaign {name} created{'' if run else ', paused'}"
    report(context.db, done, loaded, notes)


def _check_usage(
    csv: Path | None, list_name: str | None, permanent: bool, has_both_texts: bool
) -> None:
    if bool(csv) == bool(list_name):
        raise click.UsageError("Give --csv FILE or --list NAME.")
    if permanent and not list_name:
        raise click.UsageError("--permanent needs --list NAME.")
    if has_both_texts:
        raise click.UsageError("Give --message TEXT or --template NAME.")


def _load(
    context: Context,
    draft: Draft,
    chosen: Row | None,
    csv: Path | None,
    choice: Choice,
    notes: list[Problem],
) -> loads.Loaded:
    improver = Improver(choice)
    if chosen is not None:
        loaded = campaign_loads.create_campaign_from_list(
            context.db, draft, chosen, context.actor, improver=improver
        )
        notes += improver.notes
        return loaded
    assert csv is not None
    with open_csv(csv) as file:
        source = load_sources.file_source(file, csv.name)
        plan = context.settings.number_plan
        loaded = campaign_loads.create_campaign_from_file(
            context.db, draft, source, plan, context.actor, improver=improver
        )
        notes += source.notes + improver.notes
        return loaded
