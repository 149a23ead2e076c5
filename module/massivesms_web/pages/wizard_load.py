"""The import wizard's last steps: where the rows go, what would become of them, yes.

A small file is counted while the person waits, a large one in the background; loading
is always in the background, with its progress.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, abort, flash, render_template, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain import kept_drafts, kept_problems
from massivesms.domain.campaigns import Draft, check_name, name_taken
from massivesms.domain.permissions import Permission
from massivesms.domain.smart_text import improve
from massivesms.domain.templates import check as check_places
from massivesms.domain.words import N_, Problem
from massivesms.errors import ImportRefused, TextRefused
from massivesms.intake import mapping, texts, wizard
from massivesms.intake.mapping import MESSAGE
from massivesms.store import (
    campaigns,
    imports,
    lists,
    load_jobs,
    staged_loads,
)
from massivesms.store.db import Row

from .. import current, replaced, timing, writing
from ..access import requires
from ..forms.campaigns import FreshCampaignForm, read_draft
from ..forms.wizard import TargetForm
from ..language import chosen
from . import imports as imports_page
from .wizard_steps import mine, needs, to

blueprint = Blueprint("load", __name__)

LISTS_OFFERED = 1000
MOVED = N_("In another window these rows were given to another place: look again.")


@blueprint.get("/<int:staged_id>/target")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def target(staged_id: int) -> str | Response:
    """The choice of a list or a campaign; what was chosen before is shown."""
    staged = mine(staged_id)
    if back := needs(staged, "mapping"):
        return back
    data: dict[str, Any] = {"name": _proposed(staged["name"])}
    if staged["target"]:
        data = {
            "target": staged["target"],
            "name": staged["list_name"] or data["name"],
            "description": staged["list_description"],
            "list_id": staged["list_id"] or 0,
        }
    return _target_page(staged, _target_form(formdata=None, data=data))


@blueprint.post("/<int:staged_id>/target")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def choose_target(staged_id: int) -> str | Response:
    """Keeps the choice and has the rows counted."""
    staged = mine(staged_id)
    if back := needs(staged, "mapping"):
        return back
    form = _target_form()
    is_valid = form.validate()
    problems = _target_problems(form)
    if not is_valid or problems:
        current.show_problems(form, problems)
        return _target_page(staged, form)
    with current.db().transaction() as tx:
        if form.target.data == "new_list":
            staged_loads.choose_target(
                tx,
                staged_id,
                "new_list",
                list_name=form.name.data,
                description=form.description.data,
            )
        elif form.target.data == "list":
            list_id = form.list_id.chosen_id
            staged_loads.choose_target(tx, staged_id, "list", list_id=list_id)
        else:
            staged_loads.choose_target(tx, staged_id, "campaign")
    return _count(mine(staged_id))


def _proposed(file_name: str) -> str:
    """The file's name without its ending."""
    name, dot, _ending = file_name.rpartition(".")
    return (name if dot else file_name)[:120].strip()


def _target_form(**arguments: Any) -> TargetForm:
    form = TargetForm(**arguments)
    may_load = current_user.may(Permission.LISTS)
    with current.db().transaction() as tx:
        offered = lists.page(tx, limit=LISTS_OFFERED) if may_load else []
    form.list_id.offer(_("Choose a list"), offered)
    form.offer_targets(
        lists=may_load,
        campaigns=current_user.may(Permission.CAMPAIGNS),
    )
    return form


def _target_problems(form: TargetForm) -> dict[str, Problem]:
    if form.target.data == "list" and form.list_id.chosen_id is None:
        return {"list_id": Problem("list_missing", N_("Choose a list."))}
    if form.target.data != "new_list":
        return {}
    if problem := check_name(form.name.data):
        return {"name": problem}
    with current.db().transaction() as tx:
        is_taken = lists.find(tx, form.name.data) is not None
    return {"name": name_taken("list", form.name.data)} if is_taken else {}


def _target_page(staged: Row, form: TargetForm) -> str:
    has_message = MESSAGE in (staged["mapping"] or {}).values()
    return render_template(
        "wizard/target.html", staged=staged, form=form, has_message=has_message
    )


def _count(staged: Row) -> Response:
    """Counts the rows, at once or in the background, and leads to the summary."""
    actor, language = current.actor(), chosen()
    db, staged_id = current.db(), staged["id"]
    if staged["size"] <= wizard.AT_ONCE_BYTES:
        try:
            found = wizard.count(db, current.config(), staged)
        except ImportRefused as error:
            flash(current.say(error.problem), "danger")
            return to("columns", staged_id)
        db.atomically(lambda tx: staged_loads.checked(tx, staged_id, found))
    else:
        db.atomically(
            lambda tx: staged_loads.begin_check(tx, staged_id, actor, language)
        )
        current.want_job()
    return to("load.summary", staged_id)


@blueprint.get("/<int:staged_id>/summary")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def summary(staged_id: int) -> str | Response:
    """What would become of the rows; htmx fetches it until it is counted."""
    staged = mine(staged_id)
    if back := needs(staged, "target"):
        return back
    with current.db().transaction() as tx:
        job_id = staged["check_job_id"]
        job = load_jobs.by_id(tx, job_id) if job_id else None
        row = lists.by_id(tx, staged["list_id"]) if staged["list_id"] else None
    is_part = "HX-Request" in request.headers
    return render_template(
        "wizard/_summary.html" if is_part else "wizard/summary.html",
        staged=staged,
        job=job,
        list=row,
        aim=_aim(staged),
        found=_readable(staged["checked"]) if staged["checked"] else None,
    )


def _readable(checked: dict[str, Any]) -> dict[str, Any]:
    """What was counted, with Problems in it again, the commonest reason first."""
    reasons = [
        {**reason, "problem": kept_problems.read(reason["problem"])}
        for reason in sorted(checked["reasons"], key=lambda r: -r["count"])
    ]
    bad = [
        {**row, "problem": kept_problems.read(row["problem"])} for row in checked["bad"]
    ]
    notes = [kept_problems.read(note) for note in checked["notes"]]
    return {**checked, "reasons": reasons, "bad": bad, "notes": notes}


@blueprint.post("/<int:staged_id>/summary")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def confirm(staged_id: int) -> str | Response:
    """Yes: a list is loaded, a campaign's form comes first."""
    staged = mine(staged_id)
    if back := _not_ready(staged):
        return back
    if request.form.get("aim", _aim(staged)) != _aim(staged):
        flash(_(MOVED), "warning")
        return to("load.summary", staged_id)
    if staged["target"] == "campaign":
        return to("load.campaign", staged_id)
    if not current_user.may(Permission.LISTS):
        abort(403)
    return _begin(staged, {})


def _aim(staged: Row) -> str:
    """What a summary said yes to: where the rows go."""
    return "{target}/{list_id}/{list_name}".format(**staged)


def _not_ready(staged: Row) -> Response | None:
    if back := needs(staged, "target"):
        return back
    return None if staged["checked"] else to("load.summary", staged["id"])


def _begin(staged: Row, params: dict[str, Any]) -> Response:
    actor, staged_id = current.actor(), staged["id"]
    current.db().atomically(
        lambda tx: staged_loads.begin_load(tx, staged_id, params, actor)
    )
    current.want_job()
    return to("load.progress", staged_id)


@blueprint.get("/<int:staged_id>/campaign")
@requires(Permission.CAMPAIGNS)
def campaign(staged_id: int) -> str | Response:
    """The form of the campaign that the rows are for."""
    staged = mine(staged_id)
    if back := _not_ready(staged):
        return back
    if staged["target"] != "campaign":
        flash(current.say(_aimed_elsewhere()), "warning")
        return to("load.target", staged_id)
    data = {"name": _proposed(staged["name"])}
    return _campaign_page(staged, _campaign_form(formdata=None, data=data))


@blueprint.post("/<int:staged_id>/campaign")
@requires(Permission.CAMPAIGNS)
def create_campaign(staged_id: int) -> str | Response:
    """Begins the load of the campaign, or says what is in the way."""
    staged = mine(staged_id)
    if back := _not_ready(staged):
        return back
    form = _campaign_form()
    is_valid = form.validate()
    draft, problems = read_draft(
        form,
        current.settings().time_zone,
        text_required=MESSAGE not in staged["mapping"].values(),
    )
    if "name" not in problems:
        with current.db().transaction() as tx:
            if campaigns.is_taken(tx, draft.name):
                problems["name"] = name_taken("campaign", draft.name)
    problems = problems or timing.problems_of(draft)
    if "text" not in problems and (problem := _text_problem(staged, draft)):
        problems["text"] = problem
    if staged["target"] != "campaign":
        problems[""] = _aimed_elsewhere()
    if is_valid and not problems:
        is_checked = bool(request.form.get("check"))
        draft = replace(draft, paused=bool(form.paused.data) or is_checked)
        replaced.say(improve(form.text.data, form.characters.choice))
        writing.warn_of_words(draft.text)
        choice = str(form.characters.choice)
        stored = kept_drafts.stored(draft)
        return _begin(staged, {"draft": stored, "characters": choice})
    current.show_problems(form, problems)
    return _campaign_page(staged, form)


def _aimed_elsewhere() -> Problem:
    """Why it is no campaign: two windows show the same file."""
    return Problem(
        "aimed_elsewhere",
        N_(
            "In another window these rows were given to a list. To make a campaign of"
            " them, choose a campaign in the step before, there or here."
        ),
    )


def _text_problem(staged: Row, draft: Draft) -> Problem | None:
    """Why a text cannot be sent: a place that no column fills, or too long signed."""
    if problem := check_places(draft.text, mapping.fields_of(staged["mapping"])):
        return problem
    try:
        texts.sign(draft, current.settings().signature)
    except TextRefused as error:
        return error.problem
    return None


def _campaign_form(**arguments: Any) -> FreshCampaignForm:
    form = FreshCampaignForm(**arguments)
    with current.db().transaction() as tx:
        writing.offer(tx, form)
        timing.offer(tx, form)
    return form


def _campaign_page(staged: Row, form: FreshCampaignForm) -> str:
    return render_template(
        "wizard/campaign.html",
        staged=staged,
        form=form,
        place_names=mapping.fields_of(staged["mapping"]),
    )


@blueprint.get("/<int:staged_id>/progress")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def progress(staged_id: int) -> str | Response:
    """How far the load is, and what became of it; htmx fetches what changes."""
    staged = mine(staged_id)
    if not staged["load_job_id"]:
        return needs(staged, "target") or to("load.summary", staged_id)
    with current.db().transaction() as tx:
        job = load_jobs.by_id(tx, staged["load_job_id"])
        import_id = job["import_id"] if job else None
        row = imports.by_id(tx, import_id) if import_id else None
        load = imports_page.summary(tx, row) if row else None
        campaign_id = row["campaign_id"] if row else None
        made = campaigns.by_id(tx, campaign_id) if campaign_id else None
    is_part = "HX-Request" in request.headers
    return render_template(
        "wizard/_progress.html" if is_part else "wizard/progress.html",
        staged=staged,
        job=job,
        load=load,
        campaign=made,
    )


@blueprint.post("/<int:staged_id>/stop")
@requires(Permission.LISTS, Permission.CAMPAIGNS)
def stop(staged_id: int) -> Response:
    """Ends counting or loading; nothing of it is left."""
    staged = mine(staged_id)
    actor = current.actor()
    job_id = staged["load_job_id"] or staged["check_job_id"] or 0
    if not current.db().atomically(
        lambda tx: load_jobs.cancel(tx, job_id, actor, "wizard.cancel")
    ):
        flash(_("It was done already."), "info")
    return to("load.progress" if staged["load_job_id"] else "load.target", staged_id)
