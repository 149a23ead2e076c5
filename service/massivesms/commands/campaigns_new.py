"""massivesms campaign create: its text, its numbers, when and how it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

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
from .sources import open_csv, refuse_again, with_file

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


class GivenFile(NamedTuple):
    """A file as the options name it."""

    path: Path
    sheet: str
    is_again: bool


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
@click.option(
    *("--csv", "csv"),
    type=click.Path(path_type=Path),
    help="CSV, xlsx, xls, ods: numbers[, texts][, fields].",
)
@with_file
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
    sheet: str,
    again: bool,
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
    file = _given_file(csv, sheet, again)
    _check_usage(file, list_name, permanent, bool(text and template_name))
    own = timing.take(context, rules)
    zone = timing.zone_by(context, own)
    schedule = {**timing.start_and_hours(zone, start, hours), **timing.drafted(own)}
    schedule["deadline_at"] = unsent.read(zone, deadline, schedule.get("start_at"))
    with context.db.transaction() as tx:
        trunk_id = trunks.by_name(tx, trunk_name)["id"] if trunk_name else None
        if template_name:
            text = templates.by_name(tx, template_name)["text"]
        chosen = lists.by_name(tx, list_name) if list_name else None
    draft = Draft(
        name=name.strip(),
        text=cheaper(context, text, characters),
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
    loaded = _load(context, draft, file or chosen, Choice(characters), notes)
    _report(context, draft, loaded, notes)


def _report(
    context: Context, draft: Draft, loaded: loads.Loaded, notes: list[Problem]
) -> None:
    paused = ", paused" if draft.paused else ""
    report(context.db, f"Campaign {draft.name} created{paused}", loaded, notes)


def _given_file(csv: Path | None, sheet: str, is_again: bool) -> GivenFile | None:
    if csv is not None:
        return GivenFile(csv, sheet, is_again)
    if sheet or is_again:
        raise click.UsageError("--sheet and --again go with --csv only.")
    return None


def _check_usage(
    file: GivenFile | None,
    list_name: str | None,
    permanent: bool,
    has_both_texts: bool,
) -> None:
    if bool(file) == bool(list_name):
        raise click.UsageError("Give --csv FILE or --list NAME.")
    if permanent and not list_name:
        raise click.UsageError("--permanent needs --list NAME.")
    if has_both_texts:
        raise click.UsageError("Give --message TEXT or --template NAME.")


def _load(
    context: Context,
    draft: Draft,
    recipients: GivenFile | Row | None,
    choice: Choice,
    notes: list[Problem],
) -> loads.Loaded:
    improver = Improver(choice)
    assert recipients is not None
    if not isinstance(recipients, GivenFile):
        loaded = campaign_loads.create_campaign_from_list(
            context.db, draft, recipients, context.actor, improver=improver
        )
        notes += improver.notes
        return loaded
    with open_csv(recipients.path) as file:
        name, sheet = recipients.path.name, recipients.sheet
        source = load_sources.file_source(file, name, sheet)
        refuse_again(context, source.digest, recipients.is_again)
        plan = context.settings.number_plan
        loaded = campaign_loads.create_campaign_from_file(
            context.db, draft, source, plan, context.actor, improver=improver
        )
        notes += source.notes + improver.notes
        return loaded
