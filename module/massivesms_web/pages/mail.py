"""The mail account, and the mails that are on their way.

The password is never shown again. Nothing is sent here: a test too is carried out by
the service (mail_tests.py).
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms import mail_drafts
from massivesms.domain import mail_account, mail_results
from massivesms.domain.mail_account import SETTINGS
from massivesms.domain.permissions import Permission
from massivesms.errors import ConfigError
from massivesms.store import audit, mail_accounts, mails
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.mail import AccountForm, TrialForm, stored_values

blueprint = Blueprint("mail", __name__, url_prefix="/configuration/mail")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """The account, its test and what is on its way; htmx fetches only the last."""
    if "HX-Request" in request.headers:
        return render_template("mail/_outbox.html", **_outbox())
    row = _stored()
    _warn_of_key(row)
    values = stored_values(row["settings"]) if row else {}
    return page(AccountForm(formdata=None, data=values), TrialForm(formdata=None))


@blueprint.post("/")
@requires(Permission.CONFIGURATION)
def save() -> Response | tuple[str, int]:
    """Stores the account; an empty password keeps the stored one."""
    form = AccountForm()
    actor, entered = current.actor(), form.entered()
    problems = mail_drafts.change(current.db(), current.vault(), entered, actor)
    if problems:
        current.show_problems(form, problems)
        return page(form, TrialForm(formdata=None)), 422
    flash(_("The mail account is saved. Send a test mail to see that it works."))
    if entered["user"] and entered["security"] == mail_account.NONE:
        flash(_("User and password go over the network unencrypted."), "warning")
    return redirect(url_for("mail.show"))


@blueprint.route("/remove", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def remove() -> Response | str:
    """Forgets the account after a confirmation."""
    row = _stored() or abort(404)
    if current.is_form():
        actor = current.actor()
        with current.db().transaction() as tx:
            mail_accounts.remove(tx, actor)
        flash(_("The mail account is removed. No mail leaves any more."), "success")
        return redirect(url_for("mail.show"))
    address = row["settings"]["from_address"]
    return render_template(
        "confirm.html",
        title=_("Remove the mail account?"),
        text=_("Mails that wait stay until there is another account, for two days."),
        lost=[_("The settings and the password of %(address)s", address=address)],
        button=_("Remove the account"),
        action=url_for("mail.remove"),
        cancel=url_for("mail.show"),
    )


@blueprint.post("/retry")
@requires(Permission.CONFIGURATION)
def retry_all() -> Response:
    """Tries everything that waits at once, whatever the waits are."""
    actor = current.actor()
    with current.db().transaction() as tx:
        mail_accounts.try_now(tx)
        mails.due_now(tx)
        audit.record(tx, actor, "mail.retry", "*")
    flash(_("All that waits is tried now."), "success")
    return redirect(url_for("mail.show"))


@blueprint.post("/<int:mail_id>/retry")
@requires(Permission.CONFIGURATION)
def retry(mail_id: int) -> Response:
    """Tries one mail again at once."""
    actor = current.actor()
    with current.db().transaction() as tx:
        is_done = mails.retry(tx, mail_id)
        if is_done:
            mail_accounts.try_now(tx)
            audit.record(tx, actor, "mail.retry", f"#{mail_id}")
    if is_done:
        flash(_("The mail is tried now."), "success")
    else:
        flash(_("The mail is being sent, has left or is gone already."), "info")
    return redirect(url_for("mail.show"))


@blueprint.post("/<int:mail_id>/discard")
@requires(Permission.CONFIGURATION)
def discard(mail_id: int) -> Response:
    """Throws one mail away."""
    actor = current.actor()
    with current.db().transaction() as tx:
        is_done = mails.discard(tx, mail_id)
        if is_done:
            audit.record(tx, actor, "mail.discard", f"#{mail_id}")
    if is_done:
        flash(_("The mail is thrown away."), "success")
    else:
        flash(_("The mail is being sent, has left or is gone already."), "info")
    return redirect(url_for("mail.show"))


@blueprint.post("/discard")
@requires(Permission.CONFIGURATION)
def discard_failed() -> Response:
    """Throws away all mails that could not be sent."""
    actor = current.actor()
    with current.db().transaction() as tx:
        n = mails.discard_failed(tx)
        if n:
            audit.record(tx, actor, "mail.discard", "*", {"mails": n})
    said = ngettext("%(num)s mail is thrown away.", "%(num)s mails are thrown away.", n)
    flash(said, "success")
    return redirect(url_for("mail.show"))


def page(form: AccountForm, trial: TrialForm) -> str:  # type: ignore[valid-type]
    """The whole page."""
    return render_template(
        "mail/show.html",
        form=form,
        trial=trial,
        settings=SETTINGS,
        is_set=_stored() is not None,
        folded_problem=any(form[s.key].errors for s in SETTINGS if s.advanced),  # type: ignore[index]
        **_outbox(),
    )


def _stored() -> Row | None:
    with current.db().transaction() as tx:
        return mail_accounts.load(tx)


def _warn_of_key(row: Row | None) -> None:
    try:
        current.vault().open(row["secrets"] if row else None)
    except ConfigError as error:
        flash(current.say(error.problem), "warning")


def _outbox() -> dict[str, object]:
    with current.db().transaction() as tx:
        state = mail_accounts.state(tx)
        has_account = mail_accounts.load(tx) is not None
        waiting, failed = mails.waiting(tx), mails.given_up(tx)
        counts = {name: mails.count(tx, name) for name in ("waiting", "failed")}
    return {
        "state": state,
        "has_account": has_account,
        "waiting": waiting,
        "failed": failed,
        "counts": counts,
        "is_running": current.service_running(),
        "mail_words": mail_words,
    }


def mail_words(code: str | None, detail: str | None = None) -> str:
    """The sentence of a step or a failure of a mail; '' without one."""
    found = mail_results.words(code, detail)
    return current.say(found) if found else ""
