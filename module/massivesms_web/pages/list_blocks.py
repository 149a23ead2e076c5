"""Blocked numbers of a list: counted, excluded beforehand, put into use again."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.errors import StoreError
from massivesms.intake import list_blocks
from massivesms.store import blocked_lists, lists

from .. import current
from ..access import requires
from ..forms.lists import BlocksForm
from ..language import number
from . import blocked_filters

blueprint = Blueprint("blocks", __name__, url_prefix="/<int:list_id>/blocked")


@blueprint.get("/")
@requires(Permission.LISTS)
def show(list_id: int) -> str:
    """How many numbers in use are blocked; also those blocked for one campaign."""
    form = BlocksForm(request.args, meta={"csrf": False})
    blocked_filters.offer(form.campaign_id, none=_("No campaign in particular"))
    campaign_id = form.campaign_id.chosen_id if form.validate() else None
    with current.db().transaction() as tx:
        row = lists.by_id(tx, list_id) or abort(404)
        has_blocked = blocked_lists.has_excluded(tx, row)
    blocked = list_blocks.count(current.db(), list_id, campaign_id or 0)
    return render_template(
        "lists/blocks.html",
        list=row,
        form=form,
        blocked=blocked,
        has_blocked=has_blocked,
    )


@blueprint.post("/exclude")
@requires(Permission.LISTS)
def exclude(list_id: int) -> Response:
    """Excludes those that are blocked."""
    form = BlocksForm()
    blocked_filters.offer(form.campaign_id, none=_("No campaign in particular"))
    campaign_id = form.campaign_id.chosen_id if form.validate() else None
    if form.errors:
        abort(400)
    actor, db = current.actor(), current.db()
    try:
        count = list_blocks.exclude(db, list_id, actor, campaign_id or 0)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("lists.index"))
    words = ngettext(
        "%(n)s number was excluded: it is blocked.",
        "%(n)s numbers were excluded: they are blocked.",
        count,
        n=number(count),
    )
    flash(words, "success" if count else "info")
    return redirect(url_for("lists.show", list_id=list_id))


@blueprint.post("/include")
@requires(Permission.LISTS)
def include(list_id: int) -> Response:
    """Puts those that were excluded so into use again."""
    try:
        count = list_blocks.include(current.db(), list_id, current.actor())
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("lists.index"))
    words = ngettext(
        "%(n)s number is in use again.",
        "%(n)s numbers are in use again.",
        count,
        n=number(count),
    )
    flash(words, "success" if count else "info")
    return redirect(url_for("lists.show", list_id=list_id))
