"""massivesms doubts | campaign doubts NAME [resend|assume_sent]"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from ..domain import results
from ..store import campaigns, trunks
from ..store import doubts as stored
from ..store.db import Row, Transaction
from ..store.doubts import DoubtDecision, Place
from .context import Context, Refused, json_option, pass_context, show_json

SHOWN_AT_ONCE = 500
TOLD_EVERY = 50_000


@click.command("doubts")
@json_option
@pass_context
def everything(context: Context, as_json: bool) -> None:
    """Show every message in doubt, one JSON object a line with --json."""
    _show(context, None, as_json)


@click.command("doubts")
@click.argument("name")
@click.argument(
    "decision", required=False, type=click.Choice([str(d) for d in DoubtDecision])
)
@click.option(
    *("--message", "ids"),
    type=click.IntRange(min=1),
    multiple=True,
    help="Only this message (its id); may be given several times.",
)
@json_option
@pass_context
def of_campaign(
    context: Context,
    name: str,
    decision: str | None,
    ids: tuple[int, ...],
    as_json: bool,
) -> None:
    """Show the messages in doubt, or decide about them: resend or assume_sent."""
    if decision is None and ids:
        raise click.UsageError("With --message, say what to do: resend or assume_sent.")
    with context.db.transaction() as tx:
        campaign = campaigns.by_name(tx, name)
    if decision is None:
        _show(context, campaign["id"], as_json)
        return
    chosen = DoubtDecision(decision)
    if ids:
        settled = _decide_some(context, campaign, chosen, ids)
    else:
        settled = _decide_all(context, campaign, chosen)
    if as_json:
        show_json({"settled": settled})
    else:
        click.echo(f"Campaign {name}: {settled} messages settled.")


def _decide_some(
    context: Context, campaign: Row, decision: DoubtDecision, ids: tuple[int, ...]
) -> int:
    wanted = sorted(set(ids))

    def work(tx: Transaction) -> int:
        return stored.decide(tx, campaign, decision, context.actor, ids=wanted)

    settled = context.db.atomically(work)
    if not settled:
        raise Refused(f"none of these messages is in doubt in {campaign['name']}.")
    return settled


def _decide_all(context: Context, campaign: Row, decision: DoubtDecision) -> int:
    """In batches; those that come in doubt again meanwhile are not meant."""
    total = campaign["counts"].get("in_doubt", 0)
    if not total:
        return 0
    with context.db.transaction() as tx:
        stored.audit_all(tx, campaign, decision, context.actor, total)
    settled, told = 0, 0
    for done in stored.decide_all(
        context.db, campaign, decision, context.actor, most=total
    ):
        settled += done
        if settled // TOLD_EVERY > told:
            told = settled // TOLD_EVERY
            click.echo(f"{settled} of {total} messages settled ...", err=True)
    return settled


def _show(context: Context, campaign_id: int | None, as_json: bool) -> None:
    with context.db.transaction() as tx:
        names = trunks.names(tx)
    for row in _rows(context, campaign_id):
        shown = _shown(row, names)
        if as_json:
            show_json(shown)
            continue
        known = f"{shown['answered']} of {shown['segments']} answered"
        left_at = f"{row['left_at']:%Y-%m-%d %H:%M:%S}" if row["left_at"] else ""
        click.echo(
            f"{shown['id']:<10} {shown['number']:<16} {left_at:<19}  {known:<16}"
            f"  {shown['campaign']}: {shown['result']}"
        )


def _rows(context: Context, campaign_id: int | None) -> Iterator[Row]:
    after: Place | None = None
    while True:
        with context.db.transaction() as tx:
            rows = stored.page(
                tx, campaign_id=campaign_id, after=after, limit=SHOWN_AT_ONCE
            )
        if not rows:
            return
        yield from rows
        after = rows[-1]["place"]


def _shown(row: Row, trunk_names: dict[int, str]) -> dict[str, Any]:
    receipt = row["receipt"]
    known = None
    if receipt:
        known = {
            "state": receipt["state"],
            "error": receipt["error"],
            "smsc_message_id": receipt["smsc_message_id"],
            "received_at": receipt["received_at"],
        }
    return {
        "id": row["id"],
        "campaign": row["campaign"],
        "number": row["number"],
        "text": row["text"],
        "segments": row["segments"],
        "answered": row["answered"],
        "trunk": trunk_names.get(row["trunk_id"]),
        "sent_at": row["left_at"],
        "resends": row["resends"],
        "result": results.text(row["result_code"], row["result_detail"]),
        "receipt": known,
    }
