"""Loads that run in the background: how far one is, what it found, saving that."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain import calls
from massivesms.domain.calls import Query
from massivesms.domain.campaigns import check_name, name_taken
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.intake.calls import KIND
from massivesms.store import imports, lists, load_jobs
from massivesms.store.db import Row

from .. import call_words, current
from ..access import requires
from ..forms.lists import ListForm, LoadForm, filled

blueprint = Blueprint("jobs", __name__, url_prefix="/jobs")


def start(query: Query, form: LoadForm, row: Row | None, *, saving: bool) -> Response:
    """Begins a load of the call records into a list, or into a new one."""
    params: dict[str, Any] = {"query": query.to_json()}
    if row is None:
        data = form.data
        params |= {"name": data["name"], "description": data["description"]}
    actor = current.actor()
    list_id = row["id"] if row else None
    job_id = current.db().atomically(
        lambda tx: load_jobs.create(
            tx, KIND, params, actor, saving=saving, list_id=list_id
        )
    )
    current.want_job()
    return _to(job_id)


def choices(job: Row) -> dict[str, object]:
    """What the form held that began a load."""
    params = job["params"]
    names = {key: params[key] for key in ("name", "description") if key in params}
    return {**filled(calls.from_json(params["query"])), **names}


@blueprint.get("/<int:job_id>")
@requires(Permission.LISTS)
def show(job_id: int) -> str:
    """One load; htmx fetches only what changes by itself."""
    job = _found(job_id)
    return _page(job, ListForm(formdata=None, data=job["params"]))


@blueprint.post("/<int:job_id>/save")
@requires(Permission.LISTS)
def save(job_id: int) -> str | Response:
    """Saves the numbers that were counted, without reading the calls again."""
    job = _found(job_id)
    form = ListForm()
    params = dict(job["params"])
    if job["list_id"] is None:
        is_valid = form.validate()
        name = form.name.data
        problem, _existing = check_new_name(name)
        if problem:
            current.show_problems(form, {"name": problem})
        elif is_valid:
            params |= {"name": name, "description": form.description.data}
        if form.errors:
            return _page(job, form)
    actor = current.actor()
    if current.db().atomically(lambda tx: load_jobs.save(tx, job_id, params, actor)):
        current.want_job()
    else:
        flash(_("These numbers are no longer kept: count them again."), "warning")
    return _to(job_id)


@blueprint.post("/<int:job_id>/cancel")
@requires(Permission.LISTS)
def cancel(job_id: int) -> Response:
    """Ends a load; nothing of it is saved."""
    _found(job_id)
    actor = current.actor()
    if not current.db().atomically(lambda tx: load_jobs.cancel(tx, job_id, actor)):
        flash(_("It was done already."), "info")
    return _to(job_id)


def _page(job: Row, form: ListForm) -> str:
    with current.db().transaction() as tx:
        target = lists.by_id(tx, job["list_id"]) if job["list_id"] else None
        done = imports.by_id(tx, job["import_id"]) if job["import_id"] else None
    is_part = "HX-Request" in request.headers and request.method == "GET"
    return render_template(
        "lists/_job.html" if is_part else "lists/job.html",
        job=job,
        list=target,
        load=done,
        form=form,
        asked=call_words.words(calls.from_json(job["params"]["query"])),
    )


def check_new_name(name: str) -> tuple[Problem | None, Row | None]:
    """Why a new list cannot be called so, and the list that is."""
    if problem := check_name(name):
        return problem, None
    with current.db().transaction() as tx:
        existing = lists.find(tx, name)
    return (name_taken("list", name) if existing else None), existing


def _to(job_id: int) -> Response:
    return redirect(url_for("lists.jobs.show", job_id=job_id))


def _found(job_id: int) -> Row:
    with current.db().transaction() as tx:
        job = load_jobs.by_id(tx, job_id)
    if job is None or job["kind"] != KIND:
        abort(404)
    return job
