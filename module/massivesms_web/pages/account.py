"""One's own account: password and language."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, abort, flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms import passwords
from massivesms.domain.pbx_groups import OWN
from massivesms.domain.settings import LANGUAGES
from massivesms.domain.words import N_, Problem
from massivesms.store import users

from .. import current, language, tries
from ..access import signed_in
from ..forms.account import LanguageForm, OwnPasswordForm
from ..forms.users import check_repeated
from ..sessions import Session

blueprint = Blueprint("account", __name__, url_prefix="/account")


@blueprint.get("/")
@signed_in
def show() -> str:
    """The page of one's own account."""
    return _page(OwnPasswordForm(formdata=None))


@blueprint.post("/password")
@signed_in
def change_password() -> Response | tuple[str, int]:
    """Changes the password; every other browser of the user is signed out."""
    if current_user.source != OWN:
        abort(404)  # whoever comes by the PBX has none
    form = OwnPasswordForm()
    problems = _password_problems(form)
    if problems:
        current.show_problems(form, problems)
        return _page(form), 422
    stored = passwords.hash_password(form.password.data or "")
    actor = current.actor()
    with current.db().transaction() as tx:
        users.set_password(tx, current_user.row, stored, actor)
    cast(Session, session).renew()
    flash(_("The password is changed. Other browsers were signed out."), "success")
    return redirect(url_for("account.show"))


@blueprint.post("/language")
@signed_in
def change_language() -> Response:
    """The user's language on every computer; empty = the browser's."""
    wanted = LanguageForm().language.data
    if wanted in ("", *LANGUAGES):
        actor = current.actor()
        with current.db().transaction() as tx:
            users.set_language(tx, current_user.row, wanted, actor)
        current_user.language = wanted
        session.pop(language.SESSION_KEY, None)
        language.forget()
        refresh()
        flash(_("The language is changed."), "success")
    return redirect(url_for("account.show"))


def _password_problems(form: OwnPasswordForm) -> dict[str, Problem]:
    password = form.password.data or ""
    problems = check_repeated(password, form.repeated.data or "")
    refused = passwords.refusal(password, current_user.name)
    if refused:
        problems["password"] = refused
    if problems:
        return problems  # without asking for the present one: no try is spent
    if tries.are_used_up(current_user.name):
        words = N_("Too many failed tries. Wait %(minutes)s minutes and try again.")
        minutes = tries.LIMIT_S // 60
        return {"present": Problem("tries_used_up", words, minutes=minutes)}
    if tries.user_with(current_user.name, form.present.data or "") is None:
        words = N_("This is not your present password.")
        return {"present": Problem("password_wrong", words)}
    return {}


def _page(form: OwnPasswordForm) -> str:
    language_form = LanguageForm(formdata=None, language=current_user.language)
    return render_template("account/show.html", form=form, language_form=language_form)
