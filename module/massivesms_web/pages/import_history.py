"""All imports, newest first; and what one brought and is not sent, deleted."""

from __future__ import annotations

import time

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.errors import StoreError
from massivesms.intake import undo as undoing
from massivesms.store import import_undo, imports
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..keys import key
from ..language import number
from .imports import kind_label

blueprint = Blueprint("imports", __name__, url_prefix="/imports")

PAGE = 50
AT_ONCE_S = 20.0  # then the page is shown again, to go on


@blueprint.get("/")
@requires(Permission.LISTS)
def index() -> str:
    """All imports; before an id on the next page."""
    before = request.args.get("before", type=key)
    with current.db().transaction() as tx:
        rows = imports.history(tx, before=before, limit=PAGE + 1)
    return render_template(
        "imports/index.html",
        rows=rows[:PAGE],
        next_before=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        kind_label=kind_label,
        may_undo=_may_undo,
    )


@blueprint.get("/<int:import_id>/undo")
@requires(Permission.LISTS)
def confirm(import_id: int) -> str | Response:
    """Asks before what it brought is deleted, naming how much that is."""
    row = _found(import_id)
    with current.db().transaction() as tx:
        left = import_undo.left(tx, row)
    if not left:
        flash(_("Nothing of this import is left that could be deleted."), "info")
        return redirect(url_for("lists.imports.index"))
    return render_template("imports/undo.html", row=row, left=left)


@blueprint.post("/<int:import_id>/undo")
@requires(Permission.LISTS)
def undo(import_id: int) -> Response:
    """Deletes it; what has been sent stays."""
    row = _found(import_id)
    until_s = time.monotonic() + AT_ONCE_S
    done = undoing.undo(
        *(current.db(), import_id, current.actor()),
        may_go_on=lambda: time.monotonic() < until_s,
    )
    with current.db().transaction() as tx:
        left = import_undo.left(tx, row)
    if left:
        words = _("%(n)s are deleted, %(left)s are left: go on.", n=number(done),
                  left=number(left))  # fmt: skip
        flash(words, "info")
        return redirect(url_for("lists.imports.confirm", import_id=import_id))
    flash(_words(row, done), "success")
    return redirect(url_for("lists.imports.index"))


def _words(row: Row, done: int) -> str:
    if row["campaign_id"] is None:
        return ngettext(
            "%(n)s number was deleted.",
            "%(n)s numbers were deleted.",
            done,
            n=number(done),
        )
    return ngettext(
        "%(n)s message was cancelled.",
        "%(n)s messages were cancelled.",
        done,
        n=number(done),
    )


def _may_undo(row: Row) -> bool:
    """Whether it is known what it brought, and who asks may change that."""
    if row["campaign_id"] is not None:
        is_there = row["campaign"] is not None
        return is_there and bool(current_user.may(Permission.CAMPAIGNS))
    return row["list_id"] is not None and row["first_contact_id"] is not None


def _found(import_id: int) -> Row:
    """An import that may be undone by who asks, with the names of its target."""
    with current.db().transaction() as tx:
        try:
            undoing.found(tx, import_id)
        except StoreError:
            abort(404)
        row = imports.history(tx, before=import_id + 1, limit=1)[0]
    if not _may_undo(row):
        abort(403)
    return row
