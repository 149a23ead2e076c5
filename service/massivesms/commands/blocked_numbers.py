"""massivesms blocked add | remove | list | import"""

from __future__ import annotations

from pathlib import Path

import click

from ..domain.blocked_numbers import SOURCE_LABELS, check_reason, read_numbers
from ..domain.inert_text import inert
from ..domain.words import N_, Problem
from ..intake import block_loads, dont_call
from ..store import blocked_numbers, blocked_pages, campaign_names, campaigns, imports
from ..store.blocked_pages import Filter
from ..store.db import Row, Transaction
from .context import (
    Context,
    Refused,
    json_option,
    pass_context,
    refuse,
    show_bad,
    show_json,
    show_notes,
    show_table,
)
from .sources import open_csv

SHOWN_BAD = 10

KEYS = ("number", "campaign", "source", "reason", "created_by", "created_at")


campaign_option = click.option(
    "--campaign", "campaign", help="For this campaign only; otherwise for all."
)


@click.group("blocked")
def group() -> None:
    """Numbers to which nothing is sent."""


@group.command()
@click.argument("number")
@click.option("--reason", default="", help="Why, for people.")
@campaign_option
@json_option
@pass_context
def add(
    context: Context, number: str, reason: str, campaign: str | None, as_json: bool
) -> None:
    """Block a number, or several with commas between them."""
    if problem := check_reason(reason):
        raise refuse(problem)
    written = read_numbers(number, context.settings.number_plan)
    if isinstance(written, Problem):
        raise refuse(written)
    if written.bad:
        raw, why = written.bad[0]
        raise Refused(f"{raw}: {why}")
    wanted = [one.e164 for one in written.numbers]
    actor = context.actor
    added = context.db.atomically(
        lambda tx: blocked_numbers.add(
            tx, wanted, actor, reason=reason, campaign_id=_campaign_id(tx, campaign)
        )
    )
    already = [one for one in wanted if one not in added]
    if as_json:
        show_json({"added": added, "already": already})
        return
    for one in wanted:
        click.echo(
            f"{one} {'is blocked now' if one in added else 'was blocked already'}."
        )


@group.command()
@click.argument("number")
@campaign_option
@pass_context
def remove(context: Context, number: str, campaign: str | None) -> None:
    """Let a number get messages again."""
    e164, actor = context.number(number).e164, context.actor
    if not context.db.atomically(
        lambda tx: blocked_numbers.remove(
            tx, e164, actor, campaign_id=_campaign_id(tx, campaign)
        )
    ):
        raise refuse(
            Problem("not_blocked", N_("%(number)s is not blocked."), number=e164)
        )
    click.echo(f"{e164} gets messages again.")


@group.command("list")
@click.option("--campaign", "campaign", help="Only those of this campaign.")
@click.option("--source", default="", help="Only those from there: manual, file ...")
@json_option
@pass_context
def list_blocked(
    context: Context, campaign: str | None, source: str, as_json: bool
) -> None:
    """Show all blocked numbers; with --json, one object a line."""
    with context.db.transaction() as tx:
        campaign_id = _campaign_id(tx, campaign) if campaign else None
        names = dict(campaign_names.every(tx))
        found = blocked_pages.every(tx, Filter(campaign_id, source))
        rows = ({**row, "campaign": names.get(row["campaign_id"])} for row in found)
        if as_json:
            for row in rows:
                show_json({key: row[key] for key in KEYS})
        else:
            show_table([_shown(row) for row in rows], KEYS)


@group.command("import")
@click.option(
    "--dont-call", is_flag=True, help="The do-not-call list of the call centre."
)
@click.option("--csv", "csv", type=click.Path(path_type=Path), help="number;campaign;")
@click.option("--campaign", "campaign", help="For rows that name no campaign.")
@json_option
@pass_context
def load(
    context: Context,
    dont_call: bool,
    csv: Path | None,
    campaign: str | None,
    as_json: bool,
) -> None:
    """Block the numbers of another list or a file; what is blocked already stays."""
    if dont_call == (csv is not None) or (dont_call and campaign):
        raise click.UsageError("Say what to import: --csv FILE or --dont-call.")
    if csv is not None:
        _load_file(context, csv, campaign, as_json)
        return
    done = _load(context)
    if as_json:
        show_json(
            {
                "added": done.added,
                "already": done.already,
                "not_numbers": done.not_numbers,
                "bad": [{"number": raw, "problem": str(p)} for raw, p in done.bad],
            }
        )
        return
    click.echo(
        f"{done.added} numbers blocked, {done.already} were already,"
        f" {done.not_numbers} are no numbers to send to."
    )
    for raw, problem in done.bad:
        click.echo(inert(f"  {raw}: {problem}"))
    if done.not_numbers > len(done.bad):
        click.echo(f"  ... and {done.not_numbers - len(done.bad)} more")


def _load_file(
    context: Context, csv: Path, campaign: str | None, as_json: bool
) -> None:
    with context.db.transaction() as tx:
        default = _campaign_id(tx, campaign)
    plan = context.settings.number_plan
    with open_csv(csv) as file:
        loaded = block_loads.load(
            context.db, file, csv.name, plan, context.actor, default=default
        )
    with context.db.transaction() as tx:
        bad = imports.problems(tx, loaded.import_id, limit=SHOWN_BAD)
    if as_json:
        verdicts = [{"line": r["line"], "number": r["number"]} for r in bad]
        for verdict, row in zip(verdicts, bad, strict=True):
            verdict["problem"] = str(row["problem"])
        show_json(
            {
                "added": loaded.accepted,
                "already": loaded.duplicates,
                "refused": loaded.refused,
                "bad": verdicts,
            }
        )
        return
    click.echo(
        f"{loaded.accepted} numbers blocked, {loaded.duplicates} were already,"
        f" {loaded.refused} refused."
    )
    show_notes(loaded.notes)
    show_bad(bad, loaded.duplicates + loaded.refused)


def _campaign_id(tx: Transaction, name: str | None) -> int:
    """The campaign of a name; of none, 0 for all of them."""
    if not name:
        return blocked_numbers.ALL_CAMPAIGNS
    return int(campaigns.by_name(tx, name)["id"])


def _load(context: Context) -> dont_call.Imported:
    return dont_call.load(context.db, context.settings.number_plan, context.actor)


def _shown(row: Row) -> tuple[object, ...]:
    source = SOURCE_LABELS.get(row["source"], row["source"])
    at = row["created_at"].strftime("%Y-%m-%d %H:%M")
    campaign = row["campaign"] or ("" if row["campaign_id"] == 0 else "(deleted)")
    return row["number"], campaign, source, row["reason"], row["created_by"], at
