"""What the commands that take a text may replace in it: nothing unless asked to."""

from __future__ import annotations

import click

from ..domain.smart_text import Choice, improve, said
from ..domain.templates import places
from .context import Context

option = click.option(
    "--characters",
    type=click.Choice([str(choice) for choice in Choice]),
    default=str(Choice.KEEP),
    help="Replace typographic marks, or letters too, where that saves; says what.",
)


def cheaper(context: Context, text: str, choice: str) -> str:
    """The text as it is sent; what was replaced is said on stderr."""
    found = improve(text, Choice(choice))
    signature = context.settings.signature
    if words := said(found, signature, has_places=bool(places(text))):
        click.echo(words.text, err=True)
    return found.text
