"""Trying the mail account: the page asks, the service tries, each step is shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from massivesms.domain.mail_addresses import read_address
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.store import audit, mail_accounts, mail_tests
from massivesms.store.db import Row
from massivesms.store.mail_tests import TAKEN_WITHIN_S

from .. import current
from ..access import requires
from ..forms.mail import AccountForm, TrialForm, stored_values
from . import mail

blueprint = Blueprint("mail_tests", __name__, url_prefix="/configuration/mail/test")


@blueprint.post("/")
@requires(Permission.CONFIGURATION)
def ask() -> Response | tuple[str, int]:
    """Asks the service to send a test mail to an address."""
    form, actor = TrialForm(), current.actor()
    address = read_address(form.address.data)
    if isinstance(address, Problem):
        current.show_problems(form, {"address": address})
        with current.db().transaction() as tx:
            row = mail_accounts.load(tx)
        values = stored_values(row["settings"]) if row else {}
        return mail.page(AccountForm(formdata=None, data=values), form), 422
    with current.db().transaction() as tx:
        test_id = mail_tests.request(tx, address, actor.name)
        audit.record(tx, actor, "mail.test", address)
    return redirect(url_for("mail_tests.show", test_id=test_id))


@blueprint.get("/<int:test_id>")
@requires(Permission.CONFIGURATION)
def show(test_id: int) -> str:
    """What came back so far; htmx fetches only that."""
    with current.db().transaction() as tx:
        test = mail_tests.by_id(tx, test_id) or abort(404)
    is_part = "HX-Request" in request.headers
    template = "mail_tests/_result.html" if is_part else "mail_tests/show.html"
    return render_template(template, **_values(test))


def _values(test: Row) -> dict[str, object]:
    asked_at = test["requested_at"].replace(tzinfo=UTC)
    is_old = datetime.now(UTC) - asked_at > timedelta(seconds=TAKEN_WITHIN_S)
    return {
        "test": test,
        "is_given_up": test["state"] != "done" and is_old,
        "is_running": current.service_running(),
        "mail_words": mail.mail_words,
    }
