"""A second person's approval of large campaigns, where the settings ask for it.

A campaign that is too large is held by the transaction that makes it so, before
anything of it can be claimed; every claim asks whether it waits.
"""

from __future__ import annotations

from ..domain.campaigns import OUTPUT_QUEUE_ID, not_found
from ..domain.waiting import approval_waits
from ..domain.words import N_, Problem
from ..errors import StoreError
from . import audit, counts
from .audit import Actor
from .db import Row, Transaction

ABOVE = "SELECT value FROM setting WHERE name = 'approval_above'"
HOLD = """
UPDATE campaign SET approval = 'waiting', approved_by = NULL, approved_at = NULL
WHERE id = %(id)s AND approval <> 'waiting' AND removed = 0"""


def limit(tx: Transaction) -> int | None:
    """Campaigns of more messages than that need an approval; None = none does."""
    value = tx.value(ABOVE)
    return int(value) if value else None


def is_large(tx: Transaction, campaign_id: int) -> bool:
    """Whether a campaign needs an approval for its size."""
    above = limit(tx)
    if above is None or campaign_id == OUTPUT_QUEUE_ID:
        return False
    return sum(n for n, _ in counts.by_state(tx, campaign_id).values()) > above


STATE = "SELECT approval FROM campaign WHERE id = %(id)s AND removed = 0 FOR UPDATE"


def added(tx: Transaction, campaign_id: int) -> None:
    """Messages were added: holds the campaign if that made it large.

    One that was approved stays so; what a person adds to it calls `changed` too.
    """
    if campaign_id == OUTPUT_QUEUE_ID or not is_large(tx, campaign_id):
        return
    if tx.value(STATE, {"id": campaign_id}) == "none":
        tx.execute(HOLD, {"id": campaign_id})


TOUCH = "UPDATE campaign SET changed_by = %(by)s WHERE id = %(id)s"
FREE = """
UPDATE campaign SET approval = 'none', approved_by = NULL, approved_at = NULL
WHERE id = %(id)s AND approval <> 'none'"""


def touched(tx: Transaction, campaign_id: int, actor: Actor) -> None:
    """A person changed something of it, and cannot approve it any more."""
    tx.execute(TOUCH, {"id": campaign_id, "by": actor.name[:64]})


def changed(tx: Transaction, campaign_id: int, actor: Actor) -> None:
    """A person changed what it sends or to whom: an approval is void."""
    touched(tx, campaign_id, actor)
    large = is_large(tx, campaign_id)
    tx.execute(HOLD if large else FREE, {"id": campaign_id})


def why_not_resumed(tx: Transaction, campaign_id: int) -> Problem | None:
    """Why a campaign may not go on; holds one that became large by the settings."""
    state = tx.value(STATE, {"id": campaign_id})
    large = is_large(tx, campaign_id)
    if state == "approved" or (state == "none" and not large):
        return None
    tx.execute(HOLD if large else FREE, {"id": campaign_id})
    return approval_waits() if large else None


ASKED = """
SELECT approval, created_by, changed_by FROM campaign
WHERE id = %(id)s AND removed = 0 FOR UPDATE"""
APPROVE = """
UPDATE campaign SET approval = 'approved', approved_by = %(by)s,
  approved_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND approval = 'waiting'"""


def approve(tx: Transaction, campaign: Row, actor: Actor) -> None:
    """Lets a campaign that waits be sent.

    StoreError when it does not wait, and for its maker and its last changer.
    """
    row = tx.row(ASKED, {"id": campaign["id"]})
    if row is None:
        raise StoreError(not_found("campaign", campaign["name"]))
    if row["approval"] != "waiting":
        text = N_("The campaign %(name)s does not wait for an approval.")
        raise StoreError(Problem("approval_not_due", text, name=campaign["name"]))
    if not may_approve(row, actor.name):
        text = N_(
            "Who made or changed a campaign cannot approve it: ask somebody else."
        )
        raise StoreError(Problem("approval_own", text))
    tx.execute(APPROVE, {"id": campaign["id"], "by": actor.name[:64]})
    details = {"messages": campaign["total"]}
    audit.record(tx, actor, "campaign.approve", campaign["name"], details)


def may_approve(campaign: Row, name: str) -> bool:
    """Whether somebody neither made a campaign nor changed it last."""
    own = {campaign["created_by"].casefold(), campaign["changed_by"].casefold()}
    return name[:64].casefold() not in own


WAITING = """
SELECT id, name FROM campaign FORCE INDEX (approval)
WHERE approval = 'waiting' AND removed = 0
ORDER BY id LIMIT %(limit)s"""


def waiting(tx: Transaction, *, limit: int) -> list[Row]:
    """Campaigns that wait for an approval: `id`, `name`."""
    return tx.rows(WAITING, {"limit": limit})
