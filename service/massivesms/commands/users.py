"""massivesms user add | list | disable | enable | password"""

from __future__ import annotations

import sys

import click

from .. import passwords
from ..domain.campaigns import check_name
from ..store import roles, users
from .context import (
    Context,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)

MAX_NAME = 64

stdin_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group("user")
def group() -> None:
    """Users of the web module."""


@group.command()
@click.argument("name")
@click.option("--role", required=True, help="administrator, supervisor, operator ...")
@stdin_option
@pass_context
def add(context: Context, name: str, role: str, password_stdin: bool) -> None:
    """Create a user."""
    name = name.strip()
    if problem := check_name(name, MAX_NAME):
        raise refuse(problem)
    with context.db.transaction() as tx:
        role_id = roles.by_name(tx, role)["id"]
    password_hash = _new_password(name, password_stdin)
    context.db.atomically(
        lambda tx: users.create(tx, name, role_id, password_hash, context.actor)
    )
    click.echo(f"User {name} created.")


@group.command()
@click.argument("name")
@stdin_option
@pass_context
def password(context: Context, name: str, password_stdin: bool) -> None:
    """Give a user a new password; all their sessions end."""
    with context.db.transaction() as tx:
        user = users.by_name(tx, name)
    password_hash = _new_password(name, password_stdin)
    context.db.atomically(
        lambda tx: users.set_password(tx, user, password_hash, context.actor)
    )
    click.echo(f"User {name} has a new password.")


@group.command("list")
@json_option
@pass_context
def list_users(context: Context, as_json: bool) -> None:
    """Show all users."""
    found = context.db.atomically(users.all_users)
    if as_json:
        keys = ("source", "role", "active", "signed_in_at")
        show_json(
            [
                {"name": user["full_name"], **{key: user[key] for key in keys}}
                for user in found
            ]
        )
        return
    show_table(
        [
            (u["full_name"], u["role"] or "-", "yes" if u["active"] else "no")
            for u in found
        ],
        ("name", "role", "active"),
    )


def _set_active(context: Context, name: str, active: bool) -> None:
    with context.db.transaction() as tx:
        users.set_active(tx, users.by_name(tx, name), active, context.actor)


@group.command()
@click.argument("name")
@pass_context
def disable(context: Context, name: str) -> None:
    """Keep a user out; all their sessions end."""
    _set_active(context, name, False)
    click.echo(f"User {name} disabled.")


@group.command()
@click.argument("name")
@pass_context
def enable(context: Context, name: str) -> None:
    """Let a user in again."""
    _set_active(context, name, True)
    click.echo(f"User {name} enabled.")


def _new_password(name: str, password_stdin: bool) -> str:
    """The hash of a password that was read twice, or once from stdin."""
    if password_stdin:
        given = sys.stdin.buffer.readline().decode("utf-8", "replace").rstrip("\r\n")
    else:
        given = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    if problem := passwords.refusal(given, name):
        raise refuse(problem)
    return passwords.hash_password(given)
