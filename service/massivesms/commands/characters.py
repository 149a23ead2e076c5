"""What the commands that take a text may replace in it: nothing unless asked to."""

from __future__ import annotations

import click

from ..domain.smart_text import Choice, improve, said

option = click.option(
    "--characters",
    type=click.Choice([str(choice) for choice in Choice]),
    default=str(Choice.KEEP),
    help="Replace typographic marks, or letters too, where that saves; says what.",
)


def cheaper(text: str, choice: str) -> str:
    """The text as it is sent; what was replaced is said on stderr."""
    found = improve(text, Choice(choice))
    if words := said(found):
        click.echo(words.text, err=True)
    return found.text
