"""A campaign as a person drafts it, and everything that is wrong with a draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from .schedule import SendingHours
from .segments import check_text
from .sender_ids import check_sender_id
from .smart_text import Choice
from .timetables import EVERY_DAY, Days
from .words import N_, Problem

OUTPUT_QUEUE_ID = 1
MAX_NAME = 120


class InDoubt(StrEnum):
    """What becomes of a campaign's messages that left without an answer."""

    HOLD = "hold"
    RESEND = "resend"
    ASSUME_SENT = "assume_sent"


IN_DOUBT_LABELS: Mapping[InDoubt, str] = {
    InDoubt.HOLD: N_("A person decides"),
    InDoubt.RESEND: N_("Send again: some people may get it twice"),
    InDoubt.ASSUME_SENT: N_("Take as sent: some people may never get it"),
}


class CampaignPriority(IntEnum):
    """Which campaigns go first; equal ones share. The output queue has 0."""

    HIGH = 2
    NORMAL = 5
    LOW = 8


PRIORITY_LABELS: Mapping[int, str] = {
    CampaignPriority.HIGH: N_("High"),
    CampaignPriority.NORMAL: N_("Normal"),
    CampaignPriority.LOW: N_("Low"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """What a campaign is made of, beside its recipients. Times are UTC."""

    name: str
    text: str
    sender_id: str = ""
    start_at: datetime | None = None
    deadline_at: datetime | None = None
    hours: SendingHours | None = None
    days: Days = EVERY_DAY
    timetable_id: int | None = None  # beside the hours
    time_zone: str = ""  # IANA; "" = the configured one
    keeps_holidays: bool = True
    trunk_id: int | None = None
    paused: bool = True
    list_id: int | None = None
    permanent: bool = False  # who comes into the list later gets it too
    characters: Choice = Choice.KEEP  # what is replaced in texts that are filled
    in_doubt: InDoubt = InDoubt.HOLD
    priority: CampaignPriority = CampaignPriority.NORMAL


def check_name(name: str, limit: int = MAX_NAME) -> Problem | None:
    """What is wrong with the name of a campaign, list, trunk or user."""
    if not name.strip():
        return Problem("name_missing", N_("A name is missing."))
    if len(name) > limit:
        return Problem(
            "name_too_long",
            N_("The name has %(length)s characters; %(limit)s are the most."),
            length=len(name),
            limit=limit,
        )
    if not name.isprintable():
        return Problem(
            "name_characters", N_("The name has characters that cannot be used.")
        )
    return None


def check_draft(draft: Draft, *, text_required: bool = True) -> dict[str, Problem]:
    """The problems of a draft, by field; empty when it is good.

    The text may be missing only when every row brings its own.
    """
    found: Mapping[str, Problem | None] = {
        "name": check_name(draft.name),
        "sender_id": check_sender_id(draft.sender_id),
        "text": check_text(draft.text) if draft.text or text_required else None,
    }
    return {field: problem for field, problem in found.items() if problem}


def name_taken(noun: str, name: str) -> Problem:
    """The refusal of a name that another one of its kind has."""
    templates = {
        "campaign": N_("There is already a campaign called %(name)s."),
        "list": N_("There is already a list called %(name)s."),
        "timetable": N_("There is already a timetable called %(name)s."),
        "trunk": N_("There is already a trunk called %(name)s."),
        "user": N_("There is already a user called %(name)s."),
        "role": N_("There is already a role called %(name)s."),
        "template": N_("There is already a template called %(name)s."),
        "webhook": N_("There is already a webhook called %(name)s."),
        "source": N_("There is already a source called %(name)s."),
    }
    return Problem("name_taken", templates[noun], name=name)


def not_found(noun: str, name: str) -> Problem:
    """The refusal of a name that nothing has."""
    templates = {
        "campaign": N_("There is no campaign called %(name)s."),
        "list": N_("There is no list called %(name)s."),
        "timetable": N_("There is no timetable called %(name)s."),
        "trunk": N_("There is no trunk called %(name)s."),
        "user": N_("There is no user called %(name)s."),
        "role": N_("There is no role called %(name)s."),
        "template": N_("There is no template called %(name)s."),
        "webhook": N_("There is no webhook called %(name)s."),
        "source": N_("There is no source called %(name)s."),
    }
    return Problem("not_found", templates[noun], name=name)
