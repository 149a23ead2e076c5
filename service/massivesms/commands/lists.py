"""massivesms list create | import | add | exclude | include | show | list | remove"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import BinaryIO

import click

from ..domain.campaigns import check_name
from ..domain.words import N_, Problem
from ..export import contacts as contact_files
from ..export.formats import FORMATS
from ..intake import loads
from ..store import audit, imports, lists
from ..store.db import Database, Row
from . import list_blocks
from .context import (
    Context,
    json_option,
    pass_context,
    refuse,
    show_bad,
    show_json,
    show_notes,
    show_table,
)
from .sources import CommandSource, with_source

SHOWN_AT_ONCE = 1000
MAX_DESCRIPTION = 255


@click.group("list")
def group() -> None:
    """Lists of numbers."""


group.add_command(list_blocks.apply_blocked)


@group.command()
@click.argument("name")
@click.option("--description", default="", help="What the list is for.")
@with_source
@pass_context
def create(context: Context, /, name: str, description: str, **chosen: object) -> None:
    """Create a list from a file (CSV or workbook) or from the call records."""
    if problem := check_name(name) or _check_description(description):
        raise refuse(problem)
    plan = context.settings.number_plan
    with CommandSource(context, chosen) as source:
        if chosen["count"]:
            source.count(plan)
            return
        loaded = loads.create_list(
            context.db, name, description, source.opened(), plan, context.actor
        )
    report(context.db, f"List {name} created", loaded, source.notes)


@group.command("import")
@click.argument("name")
@with_source
@pass_context
def add_more(context: Context, /, name: str, **chosen: object) -> None:
    """Add a file (CSV or workbook) or the call records to a list."""
    with context.db.transaction() as tx:
        list_id = lists.by_name(tx, name)["id"]
    plan = context.settings.number_plan
    with CommandSource(context, chosen) as source:
        if chosen["count"]:
            source.count(plan)
            return
        loaded = loads.add_to_list(
            context.db, list_id, source.opened(), plan, context.actor
        )
    report(context.db, f"Added to list {name}", loaded, source.notes)


@group.command()
@click.argument("name")
@click.argument("number")
@pass_context
def add(context: Context, name: str, number: str) -> None:
    """Add one number."""
    read = context.number(number)
    with context.db.transaction() as tx:
        row = lists.by_name(tx, name)
        lists.lock(tx, row["id"])
        if lists.add_contacts(tx, row["id"], [read]):
            raise refuse(
                Problem(
                    "duplicate", N_("%(number)s is in it already."), number=read.e164
                )
            )
        details = {"number": read.masked}
        audit.record(tx, context.actor, "list.add", row["name"], details)
    click.echo(f"{read.e164} added to {name}.")


def _set_excluded(context: Context, name: str, number: str, excluded: bool) -> str:
    read = context.number(number)
    with context.db.transaction() as tx:
        row = lists.by_name(tx, name)
        if not lists.set_excluded(tx, row, read.e164, excluded, context.actor):
            raise refuse(
                Problem(
                    "not_in_list",
                    N_("%(number)s is not in the list %(name)s."),
                    number=read.e164,
                    name=name,
                )
            )
    return read.e164


@group.command()
@click.argument("name")
@click.argument("number")
@pass_context
def exclude(context: Context, name: str, number: str) -> None:
    """Keep a number in the list without using it."""
    click.echo(f"{_set_excluded(context, name, number, True)} excluded from {name}.")


@group.command()
@click.argument("name")
@click.argument("number")
@pass_context
def include(context: Context, name: str, number: str) -> None:
    """Use an excluded number again."""
    click.echo(f"{_set_excluded(context, name, number, False)} included in {name}.")


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show a list and all its numbers, with what is known of each."""
    with context.db.transaction() as tx:
        row = lists.by_name(tx, name)
    if as_json:
        keys = ("name", "description", "included", "excluded", "created_at")
        shown = {key: row[key] for key in keys}
        contacts = [
            {
                "number": c["number"],
                "excluded": bool(c["excluded"]),
                "fields": c["fields"],
            }
            for c in _contacts(context.db, row["id"])
        ]
        show_json({**shown, "numbers": contacts})
        return
    click.echo(f"{row['name']}: {row['included']} numbers, {row['excluded']} excluded")
    for contact in _contacts(context.db, row["id"]):
        click.echo(_in_a_line(contact))


@group.command()
@click.argument("name")
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="csv")
@click.option("--output", type=click.File("wb"), default="-", help="Instead of stdout.")
@pass_context
def export(context: Context, name: str, form: str, output: BinaryIO) -> None:
    """Write all numbers of a list with their fields as a file."""
    with context.db.transaction() as tx:
        row = lists.by_name(tx, name)
    with TemporaryFile() as made:  # a workbook is not written from its beginning on
        count = contact_files.write(context.db, row, form, made, str)
        made.seek(0)
        shutil.copyfileobj(made, output)
    details = {"numbers": count, "format": form}
    context.db.atomically(
        lambda tx: audit.record(tx, context.actor, "list.export", name, details)
    )


@group.command("list")
@json_option
@pass_context
def list_lists(context: Context, as_json: bool) -> None:
    """Show all lists."""
    with context.db.transaction() as tx:
        rows = lists.page(tx, limit=100_000)
    keys = ("name", "included", "excluded", "description")
    if as_json:
        show_json([{key: row[key] for key in keys} for row in rows])
    else:
        show_table([tuple(row[key] for key in keys) for row in rows], keys)


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Delete a list and its numbers; campaigns made from it keep theirs."""
    with context.db.transaction() as tx:
        lists.remove(tx, lists.by_name(tx, name), context.actor)
    click.echo(f"List {name} removed.")


def report(
    db: Database, done: str, loaded: loads.Loaded, notes: Iterable[Problem] = ()
) -> None:
    """What a load did, with the reasons of rows that were not taken."""
    click.echo(
        f"{done}: {loaded.accepted} numbers, {loaded.duplicates} duplicates,"
        f" {loaded.refused} refused."
    )
    show_notes(notes)
    if not (loaded.refused or loaded.duplicates):
        return
    with db.transaction() as tx:
        bad = imports.problems(tx, loaded.import_id, limit=10)
    show_bad(bad, loaded.refused + loaded.duplicates)


def _in_a_line(contact: Row) -> str:
    """A contact with its fields; what would break the line is a space."""
    said = [contact["number"]]
    if contact["excluded"]:
        said.append("excluded")
    said += [", ".join(f"{name}={value}" for name, value in contact["fields"].items())]
    return "".join(c if c.isprintable() else " " for c in "  ".join(filter(None, said)))


def _contacts(db: Database, list_id: int) -> Iterator[Row]:
    after = 0
    while True:
        with db.transaction() as tx:
            found = lists.contacts(tx, list_id, after=after, limit=SHOWN_AT_ONCE)
        if not found:
            return
        yield from found
        after = found[-1]["id"]


def _check_description(description: str) -> Problem | None:
    if len(description) <= MAX_DESCRIPTION:
        return None
    return Problem(
        "description_too_long",
        N_("The description has %(length)s characters; %(limit)s are the most."),
        length=len(description),
        limit=MAX_DESCRIPTION,
    )
