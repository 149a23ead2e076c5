"""massivesms mail set | show | test | retry | remove"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from .. import mail_drafts
from ..domain import mail_results
from ..domain.mail_account import SECRET
from ..domain.mail_addresses import read_address
from ..domain.mail_results import Verdict
from ..domain.words import Problem
from ..mail import trial
from ..mail.letter import Letter
from ..notices import trial as words
from ..notices.report import speech_of
from ..store import audit, mail_accounts, mails
from ..store.db import Row
from .context import (
    Context,
    Refused,
    json_option,
    pass_context,
    refuse,
    show_json,
    show_table,
)

NONE_YET = "no mail account yet. Run: massivesms mail set host=... from_address=..."


@click.group("mail")
def group() -> None:
    """The mail account, and mails on their way."""


@group.command("set")
@click.argument("pairs", nargs=-1, metavar="KEY=VALUE...")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin.")
@pass_context
def set_account(context: Context, pairs: tuple[str, ...], password_stdin: bool) -> None:
    """Set up or change the account; what is not given stays.

    The password is never an argument: everybody on the machine could read it. It
    comes with --password-stdin.
    """
    entered: dict[str, str] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign:
            raise click.UsageError(f"{pair} is not KEY=VALUE.")
        entered[key] = value
    if SECRET in entered:
        raise click.UsageError("Give the password with --password-stdin.")
    if password_stdin:
        entered[SECRET] = sys.stdin.readline().rstrip("\r\n")
    if not entered:
        raise click.UsageError("Give KEY=VALUE or --password-stdin.")
    problems = mail_drafts.change(context.db, context.vault, entered, context.actor)
    if problems:
        raise refuse(problems)
    click.echo("The mail account is saved. Try it: massivesms mail test ADDRESS")


@group.command()
@json_option
@pass_context
def show(context: Context, as_json: bool) -> None:
    """Show the account, without its password, and what is on its way."""
    row = context.db.atomically(mail_accounts.load)
    state = context.db.atomically(mail_accounts.state)
    counts = {
        name: context.db.atomically(lambda tx, one=name: mails.count(tx, one))  # type: ignore[misc]
        for name in ("waiting", "failed")
    }
    settings = row["settings"] if row else {}
    why = mail_results.text(state.get("error_code"), state.get("error_detail"))
    found = {
        "settings": settings,
        "has_password": bool(row and settings.get("user")),
        **counts,
        "sent_at": state.get("sent_at"),
        "failing_since": state.get("failing_since"),
        "error": why,
    }
    if as_json:
        show_json(found)
        return
    if row is None:
        click.echo(NONE_YET)
    facts = [*settings.items(), *((k, found[k]) for k in list(found)[2:])]
    show_table(facts, ("name", "value"))


@group.command()
@click.argument("address")
@pass_context
def test(context: Context, address: str) -> None:
    """Send a test mail and say each step; it takes at most some 15 seconds."""
    recipient = read_address(address)
    if isinstance(recipient, Problem):
        raise refuse(recipient)
    row = _row(context)
    account = mail_drafts.account(context.vault, row)
    speech = speech_of(context.settings)
    now = datetime.now(UTC).replace(tzinfo=None)
    letter = Letter("massivesms.test", now, words.subject(speech), words.body(speech))

    def note(code: str, detail: str) -> None:
        if code in mail_results.STEPS:
            click.echo(mail_results.text(code, detail))

    outcome = trial.try_out(account, recipient, letter, note)
    if outcome.verdict != Verdict.SENT:
        raise Refused(mail_results.text(outcome.code, outcome.detail))


@group.command()
@pass_context
def retry(context: Context) -> None:
    """Try all mails that wait now, whatever their waits are."""
    with context.db.transaction() as tx:
        mail_accounts.try_now(tx)
        mails.due_now(tx)
        audit.record(tx, context.actor, "mail.retry", "*")
        waiting = mails.count(tx, "waiting")
    click.echo(f"{waiting} mails wait; the service tries them now.")


@group.command()
@pass_context
def remove(context: Context) -> None:
    """Forget the account and its password."""
    actor = context.actor
    if not context.db.atomically(lambda tx: mail_accounts.remove(tx, actor)):
        raise Refused(NONE_YET)
    click.echo("The mail account is removed.")


def _row(context: Context) -> Row:
    row = context.db.atomically(mail_accounts.load)
    if row is None:
        raise Refused(NONE_YET)
    return row
