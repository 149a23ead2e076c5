"""The general configuration: settings of the whole product, and the call records."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.domain.settings import SETTINGS
from massivesms.domain.words import Problem
from massivesms.errors import MassiveSmsError
from massivesms.store import call_record_outbox, sent_call_records
from massivesms.store import call_records as calls

from .. import current, settings_changes
from ..access import requires
from ..forms.configuration import ConfigurationForm

blueprint = Blueprint("configuration", __name__, url_prefix="/configuration")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """The settings as they are."""
    texts = current.settings().texts
    return _page(ConfigurationForm(formdata=None, data=dict(texts)))


@blueprint.post("/")
@requires(Permission.CONFIGURATION)
def save() -> Response | tuple[str, int]:
    """Stores what was changed; nothing when one of it is wrong."""
    form = ConfigurationForm()
    if problems := settings_changes.change(form.entered()):
        current.show_problems(form, problems)
        return _page(form), 422
    flash(_("The configuration is saved."), "success")
    return redirect(url_for("configuration.show"))


@blueprint.get("/call-records")
@requires(Permission.CONFIGURATION)
def call_records() -> str | Response:
    """Whether the call records can be reached; apart, since it may take a while."""
    if "HX-Request" not in request.headers:  # a link, where there are no scripts
        return redirect(url_for("configuration.show"))
    problem, waiting = None, 0
    try:
        calls.check(current.config().cdr)
    except MassiveSmsError as error:
        problem = error.problem
    not_writable = None
    if current.settings().write_call_records:
        not_writable = _why_not_writable()
        with current.db().transaction() as tx:
            waiting = call_record_outbox.waiting(tx)
    return render_template(
        "configuration/_call_records.html",
        problem=problem,
        not_writable=not_writable,
        waiting=waiting,
    )


@blueprint.post("/call-records")
@requires(Permission.CONFIGURATION)
def write_call_records() -> Response:
    """Has sent messages written into the call records from now on, or no longer."""
    wanted = "yes" if request.form.get("write") == "yes" else "no"
    settings_changes.change({"write_call_records": wanted})
    problem = _why_not_writable() if wanted == "yes" else None
    if problem:
        flash(current.say(problem), "warning")
    elif wanted == "yes":
        flash(_("Sent messages are written into the call records."), "success")
    else:
        flash(_("Sent messages are no longer written there."), "success")
    return redirect(url_for("configuration.show"))


def _why_not_writable() -> Problem | None:
    try:
        sent_call_records.check(current.config().cdr)
    except MassiveSmsError as error:
        return error.problem
    return None


def _page(form: ConfigurationForm) -> str:
    form.offer_zones(form.time_zone.data or "UTC")
    return render_template(
        "configuration/show.html",
        form=form,
        hints={name: spec[2] for name, spec in SETTINGS.items()},
        config=current.config(),
        writes=current.settings().write_call_records,
    )
