"""massivesms config set NAME VALUE | show"""

from __future__ import annotations

import click

from ..domain import settings as product_settings
from ..domain.words import Problem
from ..errors import MassiveSmsError
from ..store import audit, sent_call_records
from ..store import settings as stored_settings
from .context import Context, json_option, pass_context, refuse, show_json, show_table


@click.group("config")
def group() -> None:
    """Settings of the product."""


@group.command("set")
@click.argument("name")
@click.argument("value")
@pass_context
def set_value(context: Context, name: str, value: str) -> None:
    """Change a setting."""
    with context.db.transaction() as tx:
        stored = product_settings.with_defaults(stored_settings.load(tx))
        checked = product_settings.check({name: value}, stored)
        problems = {k: v for k, v in checked.items() if isinstance(v, Problem)}
        if problems:
            raise refuse(next(iter(problems.values())))
        clean = {k: str(v) for k, v in checked.items()}
        stored_settings.save(tx, clean)
        details = {name: product_settings.audited(name, stored[name], clean[name])}
        audit.record(tx, context.actor, "configuration.change", name, details)
    click.echo(f"{name} = {clean[name]}")
    if clean.get("write_call_records") == "yes":
        try:
            sent_call_records.check(context.config.cdr)
        except MassiveSmsError as error:  # what was set holds; it says what to do
            click.echo(str(error))


@group.command()
@json_option
@pass_context
def show(context: Context, as_json: bool) -> None:
    """Show all settings."""
    texts = dict(context.settings.texts)
    if as_json:
        show_json(texts)
    else:
        show_table(list(texts.items()), ("name", "value"))
