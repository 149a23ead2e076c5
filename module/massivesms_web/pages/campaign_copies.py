"""Edit as new: the form of a new campaign filled from another one.

Beside a file or a list, the numbers of that campaign's own messages may be chosen.
"""

from __future__ import annotations

from datetime import UTC, datetime

from flask import abort, flash
from flask_babel import gettext as _

from massivesms.domain.campaigns import MAX_NAME, OUTPUT_QUEUE_ID, Draft
from massivesms.domain.text_settings import unsigned
from massivesms.domain.words import N_, Problem
from massivesms.errors import ImportRefused
from massivesms.intake import copies, loads
from massivesms.intake.copies import Whose
from massivesms.store import campaign_names, campaigns, lists
from massivesms.store.db import Row

from .. import current
from ..forms.campaigns import NewCampaignForm, fill
from ..forms.fields import NONE

LABELS = {
    Whose.UNDELIVERED: N_("Those of %(name)s that were not delivered"),
    Whose.ALL: N_("All of %(name)s"),
}


def begin(form: NewCampaignForm, campaign_id: int | None) -> None:
    """Fills an empty form from a campaign, if one is to be copied."""
    if not campaign_id:
        return
    form.copy_of.data = campaign_id
    row = offer(form)
    if row is None:
        abort(404)
    now = datetime.now(UTC)
    with current.db().transaction() as tx:
        taken = {name.casefold() for _id, name in campaign_names.every(tx)}
        has_list = row["list_id"] and lists.by_id(tx, row["list_id"])
    draft = copies.draft_of(row, free_name(row["name"], taken), now)
    moments = {"start_at": draft.start_at, "deadline_at": draft.deadline_at}
    shown = {**row, **moments, "name": draft.name}
    settings = current.settings()
    fill(form, shown, settings.time_zone)
    if form.timetable_id.is_gone:
        form.timetable_id.data = NONE
        words = _("Its timetable was removed meanwhile: choose another one, or none.")
        flash(words, "warning")
    form.text.data = unsigned(form.text.data, settings.signature)
    form.recipients.data = "list" if has_list else str(Whose.UNDELIVERED)
    if has_list:
        form.list_id.data = row["list_id"]
        form.permanent.data = row["permanent"]


def free_name(name: str, taken: set[str]) -> str:
    """A name like another one that no campaign has; `taken` are casefolded."""
    for n in range(2, len(taken) + 3):
        end = f" ({n})"
        wanted = name[: MAX_NAME - len(end)] + end
        if wanted.casefold() not in taken:
            return wanted
    return name


def offer(form: NewCampaignForm) -> Row | None:
    """Offers the numbers of the campaign that is copied; that campaign, or None."""
    row = _source(form)
    if row is not None:
        named = [(str(w), _(label, name=row["name"])) for w, label in LABELS.items()]
        form.recipients.choices = [*(form.recipients.choices or ()), *named]
    return row


def is_chosen(form: NewCampaignForm) -> bool:
    """Whether the new campaign goes to numbers of another one."""
    return form.recipients.data in set(Whose)


def needs_text(form: NewCampaignForm) -> bool:
    """It does unless each message of the other one has its own."""
    row = _source(form)
    return row is None or bool(row["text"])


def load(form: NewCampaignForm, draft: Draft) -> loads.Loaded:
    """Creates the campaign. Raises ImportRefused and StoreError."""
    row = _source(form)
    if row is None:
        gone = N_("The campaign that was copied is gone: choose a list or a file.")
        raise ImportRefused(Problem("copy_gone", gone))
    whose = Whose(form.recipients.data)
    return copies.create_campaign_like(current.db(), draft, row, whose, current.actor())


def _source(form: NewCampaignForm) -> Row | None:
    campaign_id = form.copy_of.data
    if not campaign_id or campaign_id == OUTPUT_QUEUE_ID:
        return None
    with current.db().transaction() as tx:
        return campaigns.by_id(tx, campaign_id)
