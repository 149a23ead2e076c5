"""massivesms campaign preview: what a campaign will do before it does it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.send_plan import Plan, Share
from ..store import campaigns, messages, send_plans, trunks
from ..store.db import Row
from .context import Context, json_option, pass_context, show_json


@click.command("preview")
@click.argument("name")
@json_option
@pass_context
def preview(context: Context, name: str, as_json: bool) -> None:
    """Show what waits in a campaign: segments and cost by trunk, and its end."""
    settings = context.settings
    with context.db.transaction() as tx:
        row = campaigns.by_name(tx, name)
        if row["id"] == OUTPUT_QUEUE_ID:
            raise click.UsageError("The output queue is sent as it comes.")
        plan = send_plans.of_campaign(tx, row, settings, datetime.now(UTC))
        dearest = messages.by_id(tx, plan.dearest_id) if plan.dearest_id else None
        names = trunks.names(tx)
    if as_json:
        show_json(_as_json(name, plan, dearest, names))
        return
    for line in _lines(name, plan, dearest, names):
        click.echo(line)


def _lines(
    name: str, plan: Plan, dearest: Row | None, names: dict[int, str]
) -> Iterator[str]:
    cost = f", cost {plan.cost:f}" if plan.cost is not None else ""
    yield f"{name}: {plan.messages} messages, {plan.segments} segments{cost}"
    for share in plan.shares:
        about = "about " if plan.is_estimate else ""
        cost = f", cost {share.cost:f}" if share.cost is not None else ""
        yield (
            f"  {_names(share, names)}: {about}{share.messages} messages,"
            f" {share.segments} segments{cost}"
        )
    if plan.unpriced:
        yield f"no price is known of {', '.join(names[one] for one in plan.unpriced)}"
    if dearest:
        yield f"longest: {plan.dearest_segments} segments, to {dearest['number']}"
    if plan.forecast:
        yield plan.forecast.text
    if plan.warning:
        yield plan.warning.text


def _names(share: Share, names: dict[int, str]) -> str:
    return ", ".join(names[one] for one in share.trunk_ids) or "no trunk"


def _as_json(
    name: str, plan: Plan, dearest: Row | None, names: dict[int, str]
) -> dict[str, Any]:
    return {
        "name": name,
        "messages": plan.messages,
        "segments": plan.segments,
        "cost": None if plan.cost is None else f"{plan.cost:f}",
        "without_price": [names[one] for one in plan.unpriced],
        "estimated_from": plan.seen if plan.is_estimate else None,
        "trunks": [
            {
                "trunks": [names[one] for one in share.trunk_ids],
                "messages": share.messages,
                "segments": share.segments,
                "cost": None if share.cost is None else f"{share.cost:f}",
            }
            for share in plan.shares
        ],
        "longest": {
            "id": dearest["id"],
            "number": dearest["number"],
            "text": dearest["text"],
            "segments": plan.dearest_segments,
        }
        if dearest
        else None,
        "forecast": plan.forecast.text if plan.forecast else None,
        "warning": plan.warning.text if plan.warning else None,
    }
