"""massivesms db upgrade | status"""

from __future__ import annotations

import click

from ..store import migrations
from .context import Context, Refused, json_option, pass_context, show_json


@click.group("db")
def group() -> None:
    """The database's schema."""


@group.command()
@pass_context
def upgrade(context: Context) -> None:
    """Create the tables, or bring them up to date. Safe to run twice."""
    names = migrations.upgrade(context.db)
    for name in names:
        click.echo(f"applied {name}")
    if not names:
        click.echo("The database is up to date.")


@group.command()
@json_option
@pass_context
def status(context: Context, as_json: bool) -> None:
    """Which versions the database has and lacks."""
    have = migrations.applied(context.db)
    lacks = [m.name for m in migrations.pending(context.db)]
    if as_json:
        show_json({"applied": have, "pending": lacks})
    elif lacks:
        names = ", ".join(lacks)
        raise Refused(f"lacks {names}. Run as root: massivesms setup --upgrade")
    else:
        migrations.check(context.db)  # it may be of a newer version
        click.echo(f"The database is up to date (version {max(have)}).")
