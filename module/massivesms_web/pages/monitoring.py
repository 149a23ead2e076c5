"""Monitoring: how a monitor sees massivesms, and the token that lets it in."""

from __future__ import annotations

import secrets

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import audit, monitor
from massivesms.vault import token_hash

from .. import current
from ..access import requires

blueprint = Blueprint("monitoring", __name__, url_prefix="/configuration/monitoring")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """Where the metrics and the health are, and whether they are open."""
    return _page(None)


@blueprint.post("/token")
@requires(Permission.CONFIGURATION)
def make_token() -> str:
    """Makes a token and shows it, this once; the one before opens nothing more."""
    token, actor = secrets.token_urlsafe(32), current.actor()
    with current.db().transaction() as tx:
        monitor.set_token_hash(tx, token_hash(token))
        audit.record(tx, actor, "metrics.token", "/metrics")
    return _page(token)


@blueprint.post("/close")
@requires(Permission.CONFIGURATION)
def close() -> Response:
    """Closes the metrics to everybody."""
    actor = current.actor()
    with current.db().transaction() as tx:
        monitor.set_token_hash(tx, "")
        audit.record(tx, actor, "metrics.close", "/metrics")
    flash(_("The metrics are closed."), "success")
    return redirect(url_for("monitoring.show"))


def _page(token: str | None) -> str:
    with current.db().transaction() as tx:
        is_open = bool(monitor.token_hash(tx))
    return render_template("monitoring/show.html", is_open=is_open, token=token)
