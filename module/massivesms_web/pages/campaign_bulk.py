"""Bulk files: messages for several campaigns, and what became of each row."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.errors import ImportRefused, StoreError
from massivesms.intake import bulk_loads, load_sources
from massivesms.intake.bulk_loads import Loaded
from massivesms.store import imports

from .. import current, same_file
from ..access import requires
from ..forms.bulk import BulkForm
from ..forms.uploads import file_missing, is_uploaded
from ..language import number
from . import imports as imports_page

KIND = "bulk"

blueprint = Blueprint("bulk", __name__, url_prefix="/bulk")


@blueprint.get("/")
@requires(Permission.CAMPAIGNS)
def show() -> str:
    """The form, what a file looks like, and the last ones."""
    return _page(BulkForm(formdata=None))


@blueprint.post("/")
@requires(Permission.CAMPAIGNS)
def load() -> str | Response:
    """Loads a file; each row has a verdict."""
    form = BulkForm()
    is_valid = form.validate()
    if not is_uploaded(form.file):
        current.show_problems(form, {"file": file_missing()})
    elif is_valid:
        try:
            return _shown(_load(form))
        except (ImportRefused, StoreError) as error:
            current.show_problems(form, {"file": error.problem})
    return _page(form)


@blueprint.get("/<int:import_id>")
@requires(Permission.CAMPAIGNS)
def loaded(import_id: int) -> str:
    """The rows of a file that were not taken."""
    return imports_page.page(
        import_id, kind=KIND, name=_("the campaigns"), back=url_for("campaigns.index")
    )


@blueprint.get("/<int:import_id>/rows.csv")
@requires(Permission.CAMPAIGNS)
def loaded_rows(import_id: int) -> Response:
    """Those rows as a file to repair."""
    return imports_page.download(import_id, kind=KIND)


def _load(form: BulkForm) -> Loaded:
    upload = form.file.data
    digest = load_sources.digest_of(upload.stream)
    if asked := same_file.asked(digest, form.again):
        raise ImportRefused(asked)
    return bulk_loads.load(
        current.db(),
        upload.stream,
        upload.filename,
        current.settings().number_plan,
        current.actor(),
        digest=digest,
    )


def _shown(done: Loaded) -> Response:
    """The load's own page when something is to be said of it, else the campaigns."""
    words = ngettext(
        "%(n)s message was added to its campaign.",
        "%(n)s messages were added to their campaigns.",
        done.accepted,
        n=number(done.accepted),
    )
    flash(words, "success")
    if done.duplicates or done.refused or done.notes:
        return redirect(url_for("campaigns.bulk.loaded", import_id=done.import_id))
    return redirect(url_for("campaigns.index"))


def _page(form: BulkForm) -> str:
    with current.db().transaction() as tx:
        loads = [imports_page.summary(tx, one) for one in imports.of_bulk(tx)]
    return render_template("campaigns/bulk.html", form=form, loads=loads)
