"""The original's campaigns and its output queue, with each message's history.

Whatever still waits comes in paused campaigns, so that a person starts it; what may
have been on its way comes in doubt. Its output queue becomes a campaign too: in ours
the service would send at once.
"""

from __future__ import annotations

from dataclasses import replace

from ..domain import original as rules
from ..domain.campaigns import MAX_NAME, Draft
from ..domain.sender_ids import check_sender_id
from ..domain.words import N_, Problem
from ..store import campaigns as stored_campaigns
from ..store import original, taken_over
from ..store.db import Transaction
from ..store.original import Extent, SourceRow
from ..store.taken_over import Taken
from .lists import removed_here
from .messages import TABLE, Load
from .report import ALREADY, NOT_TAKEN, TAKEN
from .trunks import renamed, without_sender
from .work import Work, number, plain


def take(work: Work) -> None:
    """Takes every campaign, each in small transactions."""
    known, standing = work.known("campaign"), work.standing("campaign")
    extents = original.extents(work.source, TABLE)
    for row in original.rows(work.source, "campaign", work.shape):
        campaign_id = number(row, "campaign")
        extent = extents.pop(campaign_id, Extent(0, 0, 0))
        found = known.get(str(campaign_id))
        if found is None:
            _take_one(work, row, extent)
        elif found.target_id not in standing:
            work.report.add("campaign", ALREADY)
            work.report.add("message", ALREADY, extent.rows)
            name = work.text("campaign", row, "name")
            work.report.note("campaign", name, removed_here())
        else:
            _take_news(work, row, extent, found, standing[found.target_id])
    for campaign_id, extent in sorted(extents.items()):
        work.report.add("message", NOT_TAKEN, extent.rows)
        work.report.note("campaign", f"#{campaign_id}", _no_campaign(extent.rows))


def _take_one(work: Work, row: SourceRow, extent: Extent) -> None:
    source_id = number(row, "campaign")
    is_queue = source_id == rules.QUEUE_CAMPAIGN
    if is_queue and not extent.rows:
        return  # every one has a queue; an empty one is nothing to take
    draft = _draft(work, row)
    their_name = draft.name
    if is_queue:
        draft = replace(draft, name=f"{draft.name} ({work.database})")
    draft = replace(draft, name=work.free_name("campaign", draft.name, MAX_NAME))
    if rules.folded(draft.name) != rules.folded(their_name):
        work.report.note("campaign", their_name, renamed(draft.name))

    def create(tx: Transaction) -> int:
        made = stored_campaigns.create(tx, draft, work.actor)
        taken_over.record(tx, "campaign", work.key(source_id), made)
        return made

    made = work.write(create, 0)
    work.report.add("campaign", TAKEN)
    load = Load(work, row, draft, Taken(made))
    load.run(extent)
    if load.waiting:
        work.report.note("campaign", draft.name, _is_paused(load.waiting))


def _take_news(
    work: Work, row: SourceRow, extent: Extent, found: Taken, is_paused: bool
) -> None:
    source_id = number(row, "campaign")
    work.report.add("campaign", ALREADY)
    news = 0
    if extent.last_id > found.through_id:
        news = original.remaining(work.source, TABLE, source_id, found.through_id)
    work.report.add("message", ALREADY, extent.rows - news)
    if not news:
        return
    with work.db.transaction() as tx:
        ours = stored_campaigns.by_id(tx, found.target_id)
    if ours is None:
        return
    if not is_paused:
        work.report.add("message", NOT_TAKEN, news)
        work.report.note("campaign", ours["name"], _runs_here(news))
        return
    draft = Draft(ours["name"], ours["text"], trunk_id=ours["trunk_id"])
    load = Load(work, row, draft, found)
    load.run(Extent(news, found.through_id + 1, extent.last_id))
    if load.waiting:
        work.report.note("campaign", ours["name"], _is_paused(load.waiting))


def _draft(work: Work, row: SourceRow) -> Draft:
    """Its campaign as ours: paused, whatever it was there."""
    source_id = number(row, "campaign")
    name = work.text("campaign", row, "name").strip() or f"Campaign {source_id}"
    sender = work.text("campaign", row, "clid").strip()
    if problem := check_sender_id(sender):
        work.report.note("campaign", name, without_sender(sender, problem))
        sender = ""
    trunk = number(row, "trunk")
    trunk_id = work.trunks.get(trunk)
    if trunk > 0 and trunk_id is None:
        work.report.note("campaign", name, _trunk_gone())
    if said := work.text("campaign", row, "code_desc").strip():
        work.report.note("campaign", name, _stopped_there(said))
    return Draft(
        name=name,
        text=work.text("campaign", row, "message"),
        sender_id=sender,
        start_at=rules.read_time(plain(row, "start_date"), work.zone),
        hours=rules.read_hours(plain(row, "start_time"), plain(row, "end_time")),
        trunk_id=trunk_id,
        paused=True,
    )


def _is_paused(messages: int) -> Problem:
    return Problem(
        "takeover_paused",
        N_(
            "It is paused; %(messages)s of its messages wait. Look at it, and resume"
            " it when it is to be sent."
        ),
        messages=messages,
    )


def _runs_here(messages: int) -> Problem:
    return Problem(
        "takeover_runs_here",
        N_(
            "%(messages)s new messages were not taken, for it is being sent here."
            " Stop it and take over again."
        ),
        messages=messages,
    )


def _trunk_gone() -> Problem:
    return Problem(
        "takeover_trunk_gone",
        N_(
            "Its trunk was not taken over or is no longer there: it would be sent by"
            " priority. Choose a trunk before you resume it."
        ),
    )


def _stopped_there(reason: str) -> Problem:
    return Problem(
        "takeover_stopped_there",
        N_("The original had stopped it itself: %(reason)s"),
        reason=reason,
    )


def _no_campaign(rows: int) -> Problem:
    return Problem(
        "takeover_no_campaign",
        N_("%(rows)s messages belong to a campaign that is no longer there."),
        rows=rows,
    )
