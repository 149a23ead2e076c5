"""massivesms bulk FILE: messages for several campaigns, each row naming its own."""

from __future__ import annotations

from pathlib import Path

import click

from ..intake import bulk_loads, load_sources
from ..store import imports
from .context import Context, json_option, pass_context, show_bad, show_json, show_notes
from .sources import open_csv, refuse_again, with_file

SHOWN_BAD = 10


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_file
@json_option
@pass_context
def bulk(context: Context, file: Path, sheet: str, again: bool, as_json: bool) -> None:
    """Load campaign;number;message;priority rows into campaigns that are not over."""
    plan = context.settings.number_plan
    with open_csv(file) as opened:
        digest = load_sources.digest_of(opened)
        refuse_again(context, digest, again)
        done = bulk_loads.load(
            *(context.db, opened, file.name, plan, context.actor),
            digest=digest,
            sheet=sheet,
        )
    with context.db.transaction() as tx:
        bad = imports.problems(tx, done.import_id, limit=SHOWN_BAD)
    if as_json:
        show_json(
            {
                "import": done.import_id,
                "accepted": done.accepted,
                "duplicates": done.duplicates,
                "refused": done.refused,
                "notes": [str(note) for note in done.notes],
                "bad": [
                    {"line": r["line"], "number": r["number"], "why": str(r["problem"])}
                    for r in bad
                ],
            }
        )
        return
    click.echo(
        f"{done.accepted} messages added, {done.duplicates} duplicates,"
        f" {done.refused} refused."
    )
    show_notes(done.notes)
    show_bad(bad, done.duplicates + done.refused)
