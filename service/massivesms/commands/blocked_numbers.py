"""massivesms blocked add | remove | list | import"""

from __future__ import annotations

import click

from ..domain.blocked_numbers import SOURCE_LABELS, check_reason, read_numbers
from ..domain.words import N_, Problem
from ..intake import dont_call
from ..store import blocked_numbers
from ..store.db import Row
from .context import (
    Context,
    Refused,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)

KEYS = ("number", "source", "reason", "created_by", "created_at")


@click.group("blocked")
def group() -> None:
    """Numbers to which nothing is sent."""


@group.command()
@click.argument("number")
@click.option("--reason", default="", help="Why, for people.")
@json_option
@pass_context
def add(context: Context, number: str, reason: str, as_json: bool) -> None:
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
        lambda tx: blocked_numbers.add(tx, wanted, actor, reason=reason)
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
@pass_context
def remove(context: Context, number: str) -> None:
    """Let a number get messages again."""
    e164, actor = context.number(number).e164, context.actor
    if not context.db.atomically(lambda tx: blocked_numbers.remove(tx, e164, actor)):
        raise refuse(
            Problem("not_blocked", N_("%(number)s is not blocked."), number=e164)
        )
    click.echo(f"{e164} gets messages again.")


@group.command("list")
@json_option
@pass_context
def list_blocked(context: Context, as_json: bool) -> None:
    """Show all blocked numbers; with --json, one object a line."""
    with context.db.transaction() as tx:
        rows = blocked_numbers.every(tx)
        if as_json:
            for row in rows:
                show_json({key: row[key] for key in KEYS})
        else:
            show_table([_shown(row) for row in rows], KEYS)


@group.command("import")
@click.option(
    "--dont-call", is_flag=True, help="The do-not-call list of the call centre."
)
@json_option
@pass_context
def load(context: Context, dont_call: bool, as_json: bool) -> None:
    """Block the numbers of another list; what is blocked already stays."""
    if not dont_call:
        raise click.UsageError("Say what to import: --dont-call.")
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
        click.echo(f"  {raw}: {problem}")
    if done.not_numbers > len(done.bad):
        click.echo(f"  ... and {done.not_numbers - len(done.bad)} more")


def _load(context: Context) -> dont_call.Imported:
    return dont_call.load(context.db, context.settings.number_plan, context.actor)


def _shown(row: Row) -> tuple[object, ...]:
    source = SOURCE_LABELS.get(row["source"], row["source"])
    at = row["created_at"].strftime("%Y-%m-%d %H:%M")
    return row["number"], source, row["reason"], row["created_by"], at
