"""What is told by mail: incoming messages, and the daily report with its preview."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.domain.settings import LANGUAGES, SETTINGS
from massivesms.languages import DEFAULT
from massivesms.notices import report
from massivesms.store import audit, mail_accounts

from .. import current, once, settings_changes
from ..access import requires
from ..forms.notices import ForwardForm, ReportForm

blueprint = Blueprint("notices", __name__, url_prefix="/configuration/notices")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """Who gets what."""
    return _page()


@blueprint.post("/incoming")
@requires(Permission.CONFIGURATION)
def save_forwarding() -> Response | tuple[str, int]:
    """Changes who gets incoming messages."""
    form = ForwardForm()
    if problems := settings_changes.change(form.entered()):
        current.show_problems(form, problems)
        return _page(forward=form), 422
    flash(_("Who gets incoming messages is saved."), "success")
    return redirect(url_for("notices.show"))


@blueprint.post("/report")
@requires(Permission.CONFIGURATION)
def save_report() -> Response | tuple[str, int]:
    """Changes when the daily report is made, and for whom."""
    form = ReportForm()
    if problems := settings_changes.change(form.entered()):
        current.show_problems(form, problems)
        return _page(report_form=form), 422
    flash(_("The daily report is saved."), "success")
    return redirect(url_for("notices.show"))


@blueprint.get("/report")
@requires(Permission.CONFIGURATION)
def preview() -> str:
    """Yesterday's report as it would be sent."""
    settings = current.settings()
    speech, day = report.speech_of(settings), _yesterday()
    with current.db().transaction() as tx:
        made = report.make(tx, settings, speech, day)
    return render_template(
        "notices/report.html",
        report=made,
        spoken=speech.language,
        recipients=settings.notices.report_to,
        once=once.new_token(),
    )


@blueprint.post("/report/send")
@requires(Permission.CONFIGURATION)
def send_report() -> Response:
    """Puts yesterday's report in the outbox, once for each time it was shown."""
    settings, actor, token = current.settings(), current.actor(), _token()
    recipients = settings.notices.report_to
    if not recipients:
        flash(_("Say first to whom the daily report goes."), "danger")
        return redirect(url_for("notices.show"))
    with current.db().transaction() as tx:
        if once.earlier(tx, token) is None:
            made = report.put(tx, settings, _yesterday())
            once.remember(tx, token, 1)
            details = {"recipients": ", ".join(recipients)}
            audit.record(tx, actor, "mail.report", made.subject, details)
    flash(_("The report is on its way to %(to)s.", to=", ".join(recipients)), "success")
    return redirect(url_for("mail.show"))


def _token() -> str:
    return str(request.form.get("once", ""))


def _yesterday() -> date:
    today = datetime.now(UTC).astimezone(current.settings().time_zone).date()
    return today - timedelta(days=1)


def _page(
    forward: ForwardForm | None = None, report_form: ReportForm | None = None
) -> str:
    settings = current.settings()
    texts = dict(settings.texts)
    forward = forward or ForwardForm(formdata=None, data=ForwardForm.shown(texts))
    report_form = report_form or ReportForm(formdata=None, data=ReportForm.shown(texts))
    with current.db().transaction() as tx:
        has_account = mail_accounts.load(tx) is not None
    return render_template(
        "notices/show.html",
        forward=forward,
        report_form=report_form,
        hints={name: spec[2] for name, spec in SETTINGS.items()},
        has_account=has_account,
        mail_language=LANGUAGES[settings.language or DEFAULT],
        is_chosen=bool(settings.language),
    )
