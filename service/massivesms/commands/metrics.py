"""massivesms metrics token | close"""

from __future__ import annotations

import secrets

import click

from ..store import audit, monitor
from ..vault import token_hash
from .context import Context, json_option, pass_context, show_json


@click.group("metrics")
def group() -> None:
    """Who may read /metrics."""


@group.command()
@json_option
@pass_context
def token(context: Context, as_json: bool) -> None:
    """Make the token that opens /metrics; the one before opens it no more."""
    made = secrets.token_urlsafe(32)
    with context.db.transaction() as tx:
        monitor.set_token_hash(tx, token_hash(made))
        audit.record(tx, context.actor, "metrics.token", "/metrics")
    if as_json:
        show_json({"token": made})
    else:
        click.echo(f"The token, which is not shown again: {made}")


@group.command()
@pass_context
def close(context: Context) -> None:
    """Close /metrics to everybody."""
    with context.db.transaction() as tx:
        monitor.set_token_hash(tx, "")
        audit.record(tx, context.actor, "metrics.close", "/metrics")
    click.echo("The metrics are closed.")
