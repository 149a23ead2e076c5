"""The filters of blocked numbers in an address, and the campaigns to choose from."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_babel import gettext as _

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.number_search import beginnings
from massivesms.store import campaign_names
from massivesms.store.blocked_pages import BEGINNING, Filter, Place

from .. import current
from ..forms.fields import CampaignField
from ..situation import campaign_name

MOST_TYPED = 40
MOST_SOURCE = 16
CAMPAIGNS_OFFERED = 500


def wanted() -> Filter:
    """The filter of the address, or of a form that carries it."""
    values = request.values
    starts = beginnings(values.get("number", ""), current.settings().number_plan)
    source = values.get("source", "")[:MOST_SOURCE]
    return Filter(
        campaign_id=_campaign(values.get("campaign", "")),
        source=source if source.isascii() else "",
        number_starts=tuple(starts),
    )


def typed() -> dict[str, str]:
    """What of the filter is in the address, as it was typed."""
    names = ("number", "campaign", "source")
    return {name: request.values[name] for name in names if request.values.get(name)}


def asked() -> dict[str, list[str]]:
    """The same for the log of changes, which keeps no more than can be meant."""
    return {name: [text[:MOST_TYPED]] for name, text in typed().items()}


def here(after: Place | None = None) -> str:
    """The page of blocked numbers with the filters of this address."""
    kept: dict[str, Any] = dict(typed())
    if after:
        kept |= {"after": after[0], "after_campaign": after[1]}
    return url_for("lists.blocked_numbers.index", **kept)


def of_campaign(campaign_id: int | None) -> str:
    """The page of one campaign's, or of all for none."""
    return url_for("lists.blocked_numbers.index", campaign=campaign_id or None)


def after() -> Place:
    """After which block the page begins."""
    number = digits(request.args.get("after", ""))
    campaign_id = _campaign(request.args.get("after_campaign", ""))
    return (number, campaign_id or 0) if number else BEGINNING


def place(text: str) -> Place | None:
    """A block as a form names it: its number, a colon, its campaign."""
    number, _colon, campaign = text.partition(":")
    campaign_id = _campaign(campaign or "0")
    return (digits(number), campaign_id) if campaign_id is not None else None


def digits(entered: str) -> str:
    """What of it can be in a number: the column knows nothing else."""
    return "".join(c for c in entered[:MOST_TYPED] if c in "+0123456789")


def offer(*fields: CampaignField, none: str = "") -> None:
    """The newest campaigns to choose from, and those that are chosen already.

    `none` is what choosing no campaign is called.
    """
    chosen = [f.data for f in fields if isinstance(f.data, int) and f.data > 0]
    with current.db().transaction() as tx:
        rows = campaign_names.newest(tx, limit=CAMPAIGNS_OFFERED)
        known = {row["id"] for row in rows}
        older = campaign_names.of(tx, [one for one in chosen if one not in known])
    rows += [{"id": one, "name": name} for one, name in older.items()]
    named = [{**row, "name": campaign_name(row["id"], row["name"])} for row in rows]
    named.sort(key=lambda row: row["id"] != OUTPUT_QUEUE_ID)
    for field in fields:
        field.offer(none or _("All campaigns"), named)


def _campaign(text: str) -> int | None:
    is_id = text.isascii() and text.isdecimal() and len(text) < 10
    return int(text) if is_id else None
