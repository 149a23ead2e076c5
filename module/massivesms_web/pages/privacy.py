"""Personal data: for how long messages are kept, and erasing one number everywhere."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.numbers import Number, read_number
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import erasure

from .. import current, settings_changes
from ..access import requires
from ..forms.privacy import ErasureForm, KeepForm

blueprint = Blueprint("privacy", __name__, url_prefix="/configuration/privacy")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def show() -> str:
    """How long messages are kept, and the form to look for a number."""
    return _page()


@blueprint.post("/keep")
@requires(Permission.CONFIGURATION)
def keep() -> Response | tuple[str, int]:
    """Changes for how long messages are kept."""
    form = KeepForm()
    if problems := settings_changes.change({"keep_days": form.keep_days.data or ""}):
        current.show_problems(form, problems)
        return _page(keep_form=form), 422
    flash(_("How long messages are kept is saved."), "success")
    return redirect(url_for("privacy.show"))


@blueprint.post("/look")
@requires(Permission.CONFIGURATION)
def look() -> str | tuple[str, int]:
    """What erasing a number would erase; posted, so that no address has the number."""
    form = ErasureForm()
    number = _number(form)
    if number is None:
        return _page(form), 422
    with current.db().transaction() as tx:
        found = erasure.look(tx, number)
    return render_template("privacy/confirm.html", number=number, found=found)


@blueprint.post("/erase")
@requires(Permission.CONFIGURATION)
def erase() -> Response | tuple[str, int]:
    """Erases a number everywhere."""
    form = ErasureForm()
    number = _number(form)
    if number is None:
        return _page(form), 422
    plan, actor = current.settings().number_plan, current.actor()
    found = erasure.erase(current.db(), number, plan, actor)
    if found.on_their_way:
        flash(
            _(
                "The number is erased, but a message to it is being sent at this"
                " moment. Erase it again in a minute."
            ),
            "warning",
        )
    else:
        flash(_("The number is erased. It gets no messages any more."), "success")
    return redirect(url_for("privacy.show"))


@blueprint.post("/admit")
@requires(Permission.CONFIGURATION)
def admit() -> Response | tuple[str, int]:
    """Lets an erased number in again."""
    form = ErasureForm()
    number = _number(form)
    if number is None:
        return _page(form), 422
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            erasure.admit(tx, number, actor)
    except StoreError as error:
        current.show_problems(form, {"number": error.problem})
        return _page(form), 422
    flash(_("The number can be used again. What was erased is not back."), "success")
    return redirect(url_for("privacy.show"))


def _number(form: ErasureForm) -> Number | None:
    """The number that was typed; what is wrong with it is beside the field."""
    number = read_number(form.number.data or "", current.settings().number_plan)
    if isinstance(number, Problem):
        current.show_problems(form, {"number": number})
        return None
    return number


def _page(form: ErasureForm | None = None, keep_form: KeepForm | None = None) -> str:
    keep_days = current.settings().texts["keep_days"]
    return render_template(
        "privacy/show.html",
        form=form or ErasureForm(formdata=None),
        keep_form=keep_form or KeepForm(formdata=None, keep_days=keep_days),
    )
