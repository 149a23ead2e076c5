"""What waits for a webhook or was given up: sent again by hand, or thrown away."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.store import webhook_deliveries, webhooks
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..language import number

blueprint = Blueprint(
    "webhook_deliveries", __name__, url_prefix="/configuration/webhooks"
)


@blueprint.post("/<int:webhook_id>/retry")
@requires(Permission.CONFIGURATION)
def retry_all(webhook_id: int) -> Response:
    """Tries all again that is not taken, at once."""
    return _retry(webhook_id, None)


@blueprint.post("/<int:webhook_id>/deliveries/<int:delivery_id>/retry")
@requires(Permission.CONFIGURATION)
def retry(webhook_id: int, delivery_id: int) -> Response:
    """Tries one delivery again, at once."""
    return _retry(webhook_id, delivery_id)


@blueprint.post("/<int:webhook_id>/deliveries/<int:delivery_id>/discard")
@requires(Permission.CONFIGURATION)
def discard(webhook_id: int, delivery_id: int) -> Response:
    """Throws one delivery away."""
    row, actor = _webhook(webhook_id), current.actor()
    with current.db().transaction() as tx:
        done = webhook_deliveries.discard(tx, row, delivery_id, actor)
    if done:
        flash(_("The delivery is discarded."), "success")
    else:
        flash(_("The delivery is not waiting any more."), "info")
    return _back(webhook_id)


@blueprint.route("/<int:webhook_id>/discard", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def discard_all(webhook_id: int) -> Response | str:
    """Throws away what waits now and what was given up, after a confirmation."""
    row, actor = _webhook(webhook_id), current.actor()
    if current.is_form():
        for _done in webhook_deliveries.discard_all(current.db(), row, actor):
            pass
        flash(_("What waited is discarded."), "success")
        return _back(webhook_id)
    with current.db().transaction() as tx:
        waiting, is_more = webhook_deliveries.waiting(tx, webhook_id)
        given_up = webhook_deliveries.given_up(tx, webhook_id)
    count = waiting + given_up
    lost = ngettext("%(n)s event", "%(n)s events", count, n=number(count))
    if is_more:
        lost = _("More than %(events)s", events=lost)
    return render_template(
        "confirm.html",
        title=_("Discard what waits for %(name)s?", name=row["name"]),
        text=_("The program is never told of these events. Messages are not touched."),
        lost=[lost],
        button=_("Discard"),
        action=url_for("webhook_deliveries.discard_all", webhook_id=webhook_id),
        cancel=url_for("webhooks.show", webhook_id=webhook_id),
    )


def _retry(webhook_id: int, delivery_id: int | None) -> Response:
    row, actor = _webhook(webhook_id), current.actor()
    with current.db().transaction() as tx:
        count = webhook_deliveries.retry(tx, row, actor, delivery_id)
    if count:
        words = ngettext(
            "%(n)s delivery is tried again now.",
            "%(n)s deliveries are tried again now.",
            count,
            n=number(count),
        )
        flash(words, "success")
    else:
        flash(_("There was no delivery that could be tried again."), "info")
    return _back(webhook_id)


def _back(webhook_id: int) -> Response:
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))


def _webhook(webhook_id: int) -> Row:
    with current.db().transaction() as tx:
        row = webhooks.by_id(tx, webhook_id)
    return row or abort(404)
