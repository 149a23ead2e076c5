"""What every command needs: the configuration, the database, the words of errors."""

from __future__ import annotations

import getpass
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import click

from .. import config as configuration
from ..config import Config
from ..domain import settings as product_settings
from ..domain.inert_text import inert
from ..domain.numbers import Number, read_number
from ..domain.settings import Settings
from ..domain.words import Problem
from ..store import settings as stored_settings
from ..store.audit import Actor
from ..store.db import Database, Row
from ..vault import NumberHash, Vault


@dataclass
class Context:
    """Opened as far as a command uses it."""

    file: str | None

    @cached_property
    def config(self) -> Config:
        """The configuration file. Raises ConfigError."""
        return configuration.load(self.file)

    @cached_property
    def db(self) -> Database:
        """The database of the configuration."""
        hash_of = NumberHash(self.config.secret_key)
        return Database(self.config.database, hash_of=hash_of)

    @cached_property
    def vault(self) -> Vault:
        """Encrypts the secrets of trunks."""
        return Vault(self.config.secret_key())

    @cached_property
    def settings(self) -> Settings:
        """The product's settings."""
        with self.db.transaction() as tx:
            return product_settings.read(stored_settings.load(tx))

    def number(self, raw: str) -> Number:
        """A number as a person writes it. Raises Refused."""
        read = read_number(raw, self.settings.number_plan)
        if isinstance(read, Problem):
            raise Refused(f"{raw}: {read}")
        return read

    @cached_property
    def actor(self) -> Actor:
        """Who is at the command line."""
        return Actor(os.environ.get("SUDO_USER") or getpass.getuser(), "command line")


pass_context = click.make_pass_decorator(Context)

json_option = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")


class Refused(click.ClickException):
    """One clear line on stderr, exit status 1."""

    def show(self, file: Any = None) -> None:
        """Prints the line."""
        click.echo(f"massivesms: {inert(self.message)}", err=True)


def refuse(problems: Mapping[str, Problem] | Problem) -> Refused:
    """The exception of one problem, or of several by field."""
    if isinstance(problems, Problem):
        return Refused(str(problems))
    return Refused(" ".join(f"{field}: {p}" for field, p in problems.items()))


def show_json(value: Any) -> None:
    """One JSON value on one line, dates in ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def show_table(rows: list[tuple[object, ...]], heads: tuple[str, ...]) -> None:
    """Columns for people; no cell does anything to their terminal."""
    shown = [["" if c is None else inert(str(c)) for c in row] for row in rows]
    table = [heads, *shown]
    widths = [max(len(row[n]) for row in table) for n in range(len(heads))]
    for row in table:
        line = "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True))
        click.echo(line.rstrip())


def show_notes(notes: Iterable[Problem]) -> None:
    """What a person should know of a file that was loaded."""
    for note in notes:
        click.echo(inert(f"  {note}"))


def show_bad(rows: Sequence[Row], of: int) -> None:
    """The first rows that were not taken of so many, with their reasons."""
    for row in rows:
        click.echo(inert(f"  line {row['line']}: {row['number']}: {row['problem']}"))
    if of > len(rows):
        click.echo(f"  ... and {of - len(rows)} more")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # the database's times are UTC, without a zone
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat()
    return str(value)
