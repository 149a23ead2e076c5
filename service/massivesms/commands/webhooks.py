"""massivesms webhook add | list | show | test | enable | disable | secret | remove"""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import webhook_drafts
from ..domain import webhook_results
from ..domain.webhooks import EVENT_LABELS, Draft, read_headers
from ..domain.words import Problem
from ..store import webhook_deliveries, webhooks
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


@click.group("webhook")
def group() -> None:
    """Programs that are told of events."""


@group.command()
@click.argument("name")
@click.option("--url", required=True, help="Where events are posted to.")
@click.option(
    "--event",
    "events",
    multiple=True,
    metavar="KIND",
    help=f"An event, or 'all': {', '.join(EVENT_LABELS)}.",
)
@click.option("--with-texts", is_flag=True, help="Send the texts of messages too.")
@click.option(
    "--headers-stdin",
    is_flag=True,
    help='Read own headers, one "Name: value" a line, from standard input.',
)
@click.option("--inactive", is_flag=True, help="Tell it nothing yet.")
@json_option
@pass_context
def add(
    context: Context,
    name: str,
    url: str,
    events: tuple[str, ...],
    with_texts: bool,
    headers_stdin: bool,
    inactive: bool,
    as_json: bool,
) -> None:
    """Create a webhook; its secret is shown this once."""
    headers: dict[str, str] | Problem = {}
    if headers_stdin:
        headers = read_headers(sys.stdin.read())
    if isinstance(headers, Problem):
        raise refuse(headers)
    chosen = list(EVENT_LABELS) if "all" in events else list(events)
    draft = Draft(name.strip(), url, chosen, with_texts, not inactive, headers)
    made = webhook_drafts.new(draft, context.vault)
    if isinstance(made, dict):
        raise refuse(made)
    stored, secret = made
    context.db.atomically(lambda tx: webhooks.create(tx, stored, context.actor))
    if as_json:
        show_json({"name": stored.name, "secret": secret})
        return
    click.echo(f"Webhook {stored.name} created.")
    click.echo(f"Its secret, which is not shown again: {secret}")


@group.command("list")
@json_option
@pass_context
def list_webhooks(context: Context, as_json: bool) -> None:
    """Show all webhooks with how it goes."""
    with context.db.transaction() as tx:
        rows = webhooks.all_webhooks(tx)
        waiting = {r["id"]: webhook_deliveries.waiting(tx, r["id"])[0] for r in rows}
    shown = [_shown(row, waiting[row["id"]]) for row in rows]
    if as_json:
        show_json(shown)
        return
    show_table(
        [(w["name"], w["state"], w["waiting"], w["url"]) for w in shown],
        ("name", "state", "waiting", "url"),
    )


@group.command()
@click.argument("name")
@json_option
@pass_context
def show(context: Context, name: str, as_json: bool) -> None:
    """Show one webhook, without its secret."""
    with context.db.transaction() as tx:
        row = webhooks.by_name(tx, name)
        waiting, _is_more = webhook_deliveries.waiting(tx, row["id"])
    shown = _shown(row, waiting)
    if as_json:
        show_json(shown)
        return
    plain = {**shown, "events": ", ".join(shown["events"])}
    show_table(list(plain.items()), ("setting", "value"))


@group.command()
@click.argument("name")
@json_option
@pass_context
def test(context: Context, name: str, as_json: bool) -> None:
    """Send a test now, and say what the target answered."""
    with context.db.transaction() as tx:
        row = webhooks.by_name(tx, name)
    own = context.settings.webhook_hosts
    key, tried = webhook_drafts.try_out(row, context.vault, own)
    context.db.atomically(
        lambda tx: webhook_deliveries.tested(tx, row, key, tried, context.actor)
    )
    said = webhook_results.text(tried.code, tried.detail)
    passed = tried.code == "taken"
    if as_json:
        show_json(
            {
                "passed": passed,
                "status": tried.status,
                "took_ms": tried.took_ms,
                "said": said,
            }
        )
    elif passed:
        click.echo(said)
    if not passed:
        raise Refused(said)


def _set_active(context: Context, name: str, active: bool) -> None:
    with context.db.transaction() as tx:
        webhooks.set_active(tx, webhooks.by_name(tx, name), active, context.actor)


@group.command()
@click.argument("name")
@pass_context
def enable(context: Context, name: str) -> None:
    """Tell it events (again), and what waits at once."""
    _set_active(context, name, True)
    click.echo(f"Webhook {name} enabled.")


@group.command()
@click.argument("name")
@pass_context
def disable(context: Context, name: str) -> None:
    """Tell it nothing for now."""
    _set_active(context, name, False)
    click.echo(f"Webhook {name} disabled.")


@group.command()
@click.argument("name")
@json_option
@pass_context
def secret(context: Context, name: str, as_json: bool) -> None:
    """Make another secret; the one before signs for a day more."""
    with context.db.transaction() as tx:
        row = webhooks.by_name(tx, name)
        sealed, made = webhook_drafts.renewed(row, context.vault)
        webhooks.renew_secret(tx, row, sealed, context.actor)
    if as_json:
        show_json({"name": name, "secret": made})
    else:
        click.echo(f"Its secret, which is not shown again: {made}")


@group.command()
@click.argument("name")
@pass_context
def remove(context: Context, name: str) -> None:
    """Remove a webhook with its log and what waits."""
    with context.db.transaction() as tx:
        webhooks.remove(tx, webhooks.by_name(tx, name), context.actor)
    click.echo(f"Webhook {name} removed.")


def _shown(row: Row, waiting: int) -> dict[str, Any]:
    """A webhook for people and programs; no secret is in it."""
    state = "working" if not row["failures"] else "failing"
    if not row["active"]:
        state = "stopped" if row["stopped_code"] else "off"
    return {
        "name": row["name"],
        "url": row["url"],
        "events": row["events"],
        "with_texts": row["with_texts"],
        "headers": row["header_names"],
        "active": row["active"],
        "state": state,
        "waiting": waiting,
        "failures": row["failures"],
        "succeeded_at": row["succeeded_at"],
        "error": webhook_results.text(row["error_code"], row["error_detail"]),
        "error_at": row["error_at"],
    }
