"""Changing the language of this browser, or of the signed-in user for good."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain.settings import LANGUAGES
from massivesms.store import users

from .. import current
from ..language import SESSION_KEY
from .sign_in import safe_next

blueprint = Blueprint("language", __name__)


@blueprint.post("/language")
def choose() -> Response:
    """Keeps the choice and shows the same page again."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        session[SESSION_KEY] = wanted
        if current_user.is_authenticated:
            actor = current.actor()
            with current.db().transaction() as tx:
                users.set_language(tx, current_user.row, wanted, actor)
    return redirect(safe_next(request.form.get("next")))
