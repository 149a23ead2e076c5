"""massivesms erase"""

from __future__ import annotations

from dataclasses import asdict

import click

from ..store import erasure
from .context import Context, Refused, json_option, pass_context, show_json


@click.command()
@click.argument("number")
@click.option("--undo", is_flag=True, help="Let an erased number in again.")
@json_option
@pass_context
def erase(context: Context, number: str, undo: bool, as_json: bool) -> None:
    """Erase a number everywhere and refuse it from now on."""
    plan, read = context.settings.number_plan, context.number(number)
    if undo:
        with context.db.transaction() as tx:
            erasure.admit(tx, read, context.actor)
        click.echo(f"{read.e164} can be used again.")
        return
    found = erasure.erase(context.db, read, plan, context.actor)
    if as_json:
        show_json(asdict(found))
    else:
        click.echo(
            f"{read.e164} erased: {found.messages} messages ({found.waiting} of them"
            f" cancelled), {found.incoming} incoming, {found.lists} lists,"
            f" {found.rows} rows of loads."
        )
    if found.on_their_way:
        raise Refused(
            f"{found.on_their_way} messages to it are being sent: erase it again in a"
            " minute"
        )
