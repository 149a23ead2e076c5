"""A new campaign: its form, and its recipients from a file or a list."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import Draft
from massivesms.domain.contact_fields import NUMBER, STANDARD
from massivesms.domain.permissions import Permission
from massivesms.domain.smart_text import Improver, improve
from massivesms.domain.text_settings import signed
from massivesms.domain.words import N_, Problem
from massivesms.errors import ImportRefused, StoreError, TextRefused
from massivesms.intake import campaign_loads, files, load_sources, loads
from massivesms.store import campaigns, contacts, lists
from massivesms.store.db import Row
from massivesms.store.failures import DuplicateRow

from .. import current, replaced, same_file, timing, writing
from ..access import requires
from ..forms.campaigns import NewCampaignForm, read_draft
from ..forms.uploads import file_missing, flash_notes, is_uploaded
from ..keys import key
from . import campaign_copies

blueprint = Blueprint("new", __name__)

LISTS_OFFERED = 1000
MOMENT_AGO = timedelta(minutes=2)  # a second press of the same button, not a mistake


@blueprint.get("/new")
@requires(Permission.CAMPAIGNS)
def show() -> str:
    """The empty form; a link from a list brings the list along."""
    form = _form(formdata=None)
    campaign_copies.begin(form, request.args.get("copy", type=key))
    chosen = request.args.get("list", type=key)
    if chosen:
        form.recipients.data, form.list_id.data = "list", chosen
    return _page(form)


@blueprint.post("/new")
@requires(Permission.CAMPAIGNS)
def create() -> str | Response:
    """Creates the campaign and its messages, or says what is in the way."""
    form = _form()
    campaign_copies.offer(form)
    is_valid = form.validate()
    problems = _recipients_problems(form)
    draft, wrong = read_draft(
        form,
        current.settings().time_zone,
        text_required=_needs_text(form, problems),
    )
    problems = {**wrong, **problems}
    draft = replace(draft, paused=bool(form.paused.data) or _is_checked())
    if not problems:
        problems = timing.problems_of(draft)
    if is_valid and not problems:
        try:
            loaded = _load(form, draft)
            replaced.say(improve(form.text.data, form.characters.choice))
            return _created(draft, loaded)
        except TextRefused as error:
            problems = {"text": error.problem}
        except ImportRefused as error:
            problems = {_recipients_field(form): error.problem}
        except DuplicateRow as error:
            problems = {"name": error.problem}
            if response := _pressed_twice(draft):
                return response
    current.show_problems(form, problems)
    return _page(form)


@blueprint.get("/new/places")
@requires(Permission.CAMPAIGNS)
def places() -> str:
    """The places that a list's contacts fill, as buttons."""
    list_id = request.args.get("list_id", type=key)
    return render_template("templates/_places.html", names=_known(list_id))


def _known(list_id: int | None) -> list[str]:
    """The fields that contacts of a list have; the usual ones without a list."""
    if not list_id:
        return [*STANDARD, NUMBER]
    with current.db().transaction() as tx:
        return [*contacts.some_names(tx, list_id), NUMBER]


def _form(**arguments: object) -> NewCampaignForm:
    form = NewCampaignForm(**arguments)
    with current.db().transaction() as tx:
        writing.offer(tx, form)
        form.list_id.offer(_("Choose a list"), lists.page(tx, limit=LISTS_OFFERED))
        timing.offer(tx, form)
    return form


def _page(form: NewCampaignForm) -> str:
    existing = _existing(form.name.data) if form.name.errors else None
    return render_template(
        "campaigns/new.html",
        form=form,
        existing=existing,
        place_names=_known(form.list_id.chosen_id if form.is_of_list else None),
    )


def _recipients_field(form: NewCampaignForm) -> str:
    if campaign_copies.is_chosen(form):
        return "recipients"
    return "list_id" if form.recipients.data == "list" else "file"


def _recipients_problems(form: NewCampaignForm) -> dict[str, Problem]:
    if campaign_copies.is_chosen(form):
        return {}
    if form.recipients.data == "list":
        if form.list_id.chosen_id is None:
            return {"list_id": Problem("list_missing", N_("Choose a list."))}
    elif not is_uploaded(form.file):
        return {"file": file_missing()}
    return {}


def _needs_text(form: NewCampaignForm, problems: dict[str, Problem]) -> bool:
    """Whether the campaign needs a message of its own; adds a file's refusal.

    It does unless each row may bring its own, in a second column.
    """
    if campaign_copies.is_chosen(form):
        return campaign_copies.needs_text(form)
    if form.recipients.data == "list" or problems:
        return True
    try:
        return files.describe(form.file.data.stream).text_column is None
    except ImportRefused as error:
        problems["file"] = error.problem
        return True


def _load(form: NewCampaignForm, draft: Draft) -> loads.Loaded:
    db, actor = current.db(), current.actor()
    if campaign_copies.is_chosen(form):
        return campaign_copies.load(form, draft)
    improver = Improver(form.characters.choice)
    if form.recipients.data == "list":
        with db.transaction() as tx:
            chosen = lists.by_id(tx, form.list_id.data)
        if chosen is None:
            gone = Problem("list_missing", N_("Choose a list."))
            raise ImportRefused(gone)
        draft = replace(
            draft, list_id=chosen["id"], permanent=bool(form.permanent.data)
        )
        loaded = campaign_loads.create_campaign_from_list(
            db, draft, chosen, actor, improver=improver
        )
        replaced.say_of_many(improver)
        return loaded
    upload = form.file.data
    source = load_sources.file_source(upload.stream, upload.filename)
    asked = same_file.asked(source.digest, form.again)
    if asked and not _existing(draft.name):  # after it: a button pressed twice
        raise ImportRefused(asked)
    plan = current.settings().number_plan
    loaded = campaign_loads.create_campaign_from_file(
        db, draft, source, plan, actor, improver=improver
    )
    flash_notes(source.notes)
    replaced.say_of_many(improver)
    return loaded


def _created(draft: Draft, loaded: loads.Loaded) -> Response:
    flash(_("The campaign %(name)s was created.", name=draft.name), "success")
    if draft.start_at and draft.start_at < datetime.now(UTC):
        flash(
            _("Its start lies in the past: it sends as soon as nothing else holds it."),
            "info",
        )
    writing.warn_of_words(draft.text)
    page = "campaigns.preview.show" if _is_checked() else "campaigns.show"
    return redirect(url_for(page, campaign_id=loaded.target_id))


def _is_checked() -> bool:
    """Whether the button was pressed that shows every message before sending."""
    return bool(request.form.get("check"))


def _pressed_twice(draft: Draft) -> Response | None:
    """Leads to the campaign that the first press of the button has just made."""
    row = _existing(draft.name)
    if row is None or row["created_by"] != current.actor().name:
        return None
    age = datetime.now(UTC) - row["created_at"].replace(tzinfo=UTC)
    text = signed(draft.text, current.settings().signature)
    if age > MOMENT_AGO or row["text"] != text:
        return None
    flash(_("This campaign was created a moment ago: here it is."), "info")
    return redirect(url_for("campaigns.show", campaign_id=row["id"]))


def _existing(name: str) -> Row | None:
    """The campaign that has the name already."""
    try:
        with current.db().transaction() as tx:
            return campaigns.by_name(tx, name)
    except StoreError:
        return None
