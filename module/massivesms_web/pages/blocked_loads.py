"""Files of blocked numbers: loading one, and what became of each of its rows."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.errors import ImportRefused, StoreError
from massivesms.intake import block_loads, dont_call
from massivesms.intake.block_loads import Loaded

from .. import current
from ..access import requires
from ..forms.blocked_numbers import BlockForm, LoadBlockedForm
from ..forms.uploads import file_missing, flash_notes, is_uploaded
from ..language import number
from . import blocked_filters, blocked_page
from . import imports as imports_page

KIND = "blocked"

blueprint = Blueprint("loads", __name__)


@blueprint.post("/load")
@requires(Permission.LISTS)
def load() -> str | Response:
    """Blocks the numbers of a file; each row has a verdict."""
    form = LoadBlockedForm()
    blocked_filters.offer(form.campaign_id)
    is_valid = form.validate()
    if not is_uploaded(form.file):
        current.show_problems(form, {"file": file_missing()})
    elif is_valid:
        try:
            return _shown(_load(form), form)
        except ImportRefused as error:
            current.show_problems(form, {"file": error.problem})
    empty = BlockForm(formdata=None)
    empty.campaign_id.data = form.campaign_id.data
    return blocked_page.page(empty, form)


def _load(form: LoadBlockedForm) -> Loaded:
    upload = form.file.data
    return block_loads.load(
        current.db(),
        upload.stream,
        upload.filename,
        current.settings().number_plan,
        current.actor(),
        default=form.campaign_id.chosen_id or 0,
        with_campaigns=not form.only_numbers.data,
    )


def _shown(loaded: Loaded, form: LoadBlockedForm) -> Response:
    """The blocked numbers, or the load's own page when rows were not taken."""
    words = ngettext(
        "%(n)s number is blocked now.",
        "%(n)s numbers are blocked now.",
        loaded.accepted,
        n=number(loaded.accepted),
    )
    flash(words, "success" if loaded.accepted else "info")
    flash_notes(loaded.notes)
    if loaded.duplicates or loaded.refused:
        here = "lists.blocked_numbers.loads.show"
        return redirect(url_for(here, import_id=loaded.import_id))
    return redirect(blocked_filters.of_campaign(form.campaign_id.chosen_id))


@blueprint.get("/loads/<int:import_id>")
@requires(Permission.LISTS)
def show(import_id: int) -> str:
    """The rows of a file that were not taken."""
    return imports_page.page(
        import_id,
        kind=KIND,
        name=_("the blocked numbers"),
        back=url_for("lists.blocked_numbers.index"),
    )


@blueprint.get("/loads/<int:import_id>/rows.csv")
@requires(Permission.LISTS)
def show_rows(import_id: int) -> Response:
    """Those rows as a file to repair."""
    return imports_page.download(import_id, kind=KIND)


@blueprint.post("/dont-call")
@requires(Permission.LISTS)
def load_dont_call() -> str | Response:
    """Blocks the numbers of the call centre's do-not-call list."""
    plan, actor = current.settings().number_plan, current.actor()
    try:
        done = dont_call.load(current.db(), plan, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("lists.blocked_numbers.index"))
    return render_template("blocked_numbers/loaded.html", done=done)
