"""Edit as new: a campaign like another one, also to the numbers of its messages.

What is copied of a campaign beside its recipients is in `draft_of`, for the form and
for the command. The messages are read without locks: the other one goes on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from ..domain.campaigns import CampaignPriority, Draft, InDoubt
from ..domain.segments import split
from ..domain.smart_text import Choice
from ..domain.states import MessageState
from ..domain.templates import places
from ..domain.text_settings import left_as_shown
from ..domain.timetables import from_stored
from ..domain.words import N_, Problem
from ..errors import ImportRefused, TextRefused
from ..store import campaigns, erased, imports, messages
from ..store.audit import Actor
from ..store.db import Database, Row, Transaction
from ..store.messages import NewMessage
from . import texts
from .loads import Loaded

S = MessageState
BATCH = 2000


class Whose(StrEnum):
    """Which numbers of another campaign get the new one."""

    UNDELIVERED = "undelivered"
    ALL = "all"


#: What ended without arriving; what is in doubt or may still arrive is not among it.
STATES: Mapping[Whose, tuple[MessageState, ...]] = {
    Whose.UNDELIVERED: (
        *(S.UNDELIVERED, S.EXPIRED, S.REJECTED),
        *(S.SKIPPED, S.CANCELLED, S.FAILED),
    ),
    Whose.ALL: tuple(MessageState),
}


def draft_of(campaign: Row, name: str, now: datetime) -> Draft:
    """A draft like a campaign, paused; moments that are past (UTC) are left out."""
    start, deadline = campaign["start_at"], campaign["deadline_at"]
    return Draft(
        name=name,
        text=campaign["text"],
        sender_id=campaign["sender_id"],
        start_at=start if start and start > now else None,
        deadline_at=deadline if deadline and deadline > now else None,
        hours=campaign["hours"],
        days=from_stored(campaign["days"]),
        timetable_id=campaign["timetable_id"],
        time_zone=campaign["time_zone"],
        keeps_holidays=bool(campaign["keeps_holidays"]),
        trunk_id=campaign["trunk_id"],
        characters=Choice(campaign["characters"]),
        in_doubt=InDoubt(campaign["in_doubt"]),
        priority=CampaignPriority(campaign["priority"]),
    )


def check(draft: Draft, campaign: Row) -> Problem | None:
    """Why its messages cannot be copied with the other text of a draft."""
    if places(campaign["text"]) or places(draft.text):
        return Problem(
            "copy_text_filled",
            N_(
                "The places of this text were filled in when %(name)s was loaded: leave"
                " it as it is, or choose a list or a file."
            ),
            name=campaign["name"],
        )
    return None


def create_campaign_like(
    db: Database, draft: Draft, campaign: Row, whose: Whose, actor: Actor
) -> Loaded:
    """A campaign to numbers of another one; own texts of messages stay theirs.

    Raises ImportRefused when there are none, TextRefused for another text, StoreError
    when the name is taken.
    """
    with db.transaction() as tx:
        signature = texts.signature(tx)
        if left_as_shown(draft.text, campaign["text"], signature):
            draft = replace(draft, text=campaign["text"])
        elif problem := check(draft, campaign):
            raise TextRefused(problem)
        else:
            draft = texts.sign(draft, signature)
        made = campaigns.create(tx, draft, actor)
        import_id = imports.create(
            tx,
            "list",
            campaign_id=made,
            source=campaign["name"],
            created_by=actor.name,
        )
        found = _messages(tx, campaign["id"], whose, draft.text)
        total = messages.enqueue(tx, made, found, import_id)
        if not total:
            raise ImportRefused(_nobody(campaign["name"]))
        imports.finish(tx, import_id, accepted=total, duplicates=0, refused=0)
    return Loaded(made, import_id, total, 0, 0)


def _messages(
    tx: Transaction, campaign_id: int, whose: Whose, text: str
) -> Iterator[NewMessage]:
    known, after = erased.Known(tx), 0
    states = [str(state) for state in STATES[whose]]
    default = len(split(text).parts)
    while rows := messages.to_copy(tx, campaign_id, after=after, limit=BATCH):
        after = rows[-1].message_id
        chosen = [row for row in rows if row.state in states and row.number]
        gone = known.among([row.number for row in chosen])
        for row in chosen:
            if row.number not in gone and (row.text or text):
                segments = default if row.text is None else row.segments
                yield NewMessage(row.number, row.is_local, segments, row.text)


def _nobody(name: str) -> Problem:
    return Problem(
        "copy_nobody",
        N_("The campaign %(name)s has no such messages, or their numbers are purged."),
        name=name,
    )
