"""Signing in and out.

A wrong name and a wrong password look the same and take as long; tries.py says
how often anybody may guess.
"""

from __future__ import annotations

import logging
from typing import cast

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from massivesms.domain.event_kinds import logger_name
from massivesms.store import audit, users
from massivesms.store.audit import Actor
from massivesms.store.db import Row

from .. import access, current, tries
from ..forms.sign_in import SignInForm
from ..sessions import Session

log = logging.getLogger(logger_name("sign_in"))

blueprint = Blueprint("sign_in", __name__)

MAX_NAME = 64


@blueprint.get("/sign-in")
def show() -> Response | str:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(safe_next(request.args.get("next")))
    form = SignInForm(formdata=None, next=request.args.get("next", ""))
    return render_template("sign_in/show.html", form=form)


@blueprint.post("/sign-in")
def enter() -> Response | tuple[str, int]:
    """Signs in, or says no in the same words whatever was wrong."""
    form = SignInForm()
    name = (form.name.data or "").strip()[:MAX_NAME]
    if tries.are_used_up(name):
        words = "sign-in of %s from %s refused: too many tries"
        log.warning(words, name, current.address())
        return _again(form, tries.wait_words(), 429)
    user = tries.user_with(name, form.password.data or "")
    if user is None:
        log.info("sign-in of %s from %s refused", name, current.address())
        return _again(form, _("The user or the password is wrong."), 401)
    _enter(user)
    return redirect(safe_next(form.next.data))


@blueprint.post("/sign-out")
def leave() -> Response:
    """Ends this browser's session; the cookie opens nothing any more."""
    actor = current.actor()
    if current_user.is_authenticated:
        with current.db().transaction() as tx:
            audit.record(tx, actor, "user.sign_out", actor.name)
        log.info("%s signed out", actor.name)
    logout_user()
    cast(Session, session).end()
    return redirect(url_for("sign_in.show"))


def safe_next(wanted: str | None) -> str:
    """A page of ours to go on with; the home page instead of anything else.

    Below a prefix of the web server, it may say the prefix or not.
    """
    home = url_for("home.show")
    if not wanted or not wanted.startswith("/") or not wanted.isprintable():
        return home
    if wanted.startswith("//") or "\\" in wanted:
        return home
    root = request.script_root
    if wanted.startswith(root + "/"):
        wanted = wanted.removeprefix(root)
    return root + wanted.rstrip("?")


def _again(form: SignInForm, problem: str, status: int) -> tuple[str, int]:
    page = render_template("sign_in/show.html", form=form, problem=problem)
    return page, status


def _enter(user: Row) -> None:
    with current.db().transaction() as tx:
        users.signed_in(tx, user["id"])
        actor = Actor(user["name"], current.address())
        audit.record(tx, actor, "user.sign_in", user["name"])
    log.info("%s signed in from %s", actor.name, actor.address or "-")
    cast(Session, session).renew()
    login_user(access.SignedIn(user))
