"""Templates: saved texts. Whoever sends may use them, whoever plans campaigns changes.

They are chosen where a message is written; what is sent keeps its text whatever
becomes of the template.
"""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.contact_fields import NUMBER, STANDARD
from massivesms.domain.permissions import Permission
from massivesms.domain.templates import Draft, check_draft, pieces
from massivesms.errors import StoreError
from massivesms.store import templates
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.templates import TemplateForm

blueprint = Blueprint("templates", __name__, url_prefix="/templates")

PAGE = 50
MOST_SEARCHED = 100  # characters


@blueprint.get("/")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def index() -> str:
    """All templates by name, or those with a text in them."""
    search = request.args.get("search", "").strip()[:MOST_SEARCHED]
    after = request.args.get("after", "")
    with current.db().transaction() as tx:
        rows = templates.page(tx, search, after=after, limit=PAGE + 1)
    return render_template(
        "templates/index.html",
        rows=rows[:PAGE],
        search=search,
        next_after=rows[PAGE - 1]["name"] if len(rows) > PAGE else None,
        pieces=pieces,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.CAMPAIGNS)
def new() -> Response | str | tuple[str, int]:
    """A new template."""
    return _edit(None)


@blueprint.route("/<int:template_id>", methods=["GET", "POST"])
@requires(Permission.CAMPAIGNS)
def edit(template_id: int) -> Response | str | tuple[str, int]:
    """One template."""
    return _edit(_template(template_id))


@blueprint.post("/keep")
@requires(Permission.CAMPAIGNS)
def keep() -> str | Response:
    """Saves the text that is being written as a template, beside its form."""
    text = request.form.get("text", "").replace("\r\n", "\n").replace("\r", "\n")
    draft = Draft(request.form.get("template_name", "").strip(), text)
    problems = check_draft(draft)
    if not problems:
        try:
            _create(draft)
        except StoreError as error:
            problems = {"name": error.problem}
    said = " ".join(map(current.say, problems.values()))
    if not problems:
        said = _("The template %(name)s is saved.", name=draft.name)
    if "HX-Request" in request.headers:
        return render_template("templates/_kept.html", said=said, is_bad=bool(problems))
    flash(said, "danger" if problems else "success")
    return redirect(url_for("templates.index"))


@blueprint.route("/<int:template_id>/remove", methods=["GET", "POST"])
@requires(Permission.CAMPAIGNS)
def remove(template_id: int) -> Response | str:
    """Removes a template after a confirmation."""
    row, actor = _template(template_id), current.actor()
    if current.is_form():
        with current.db().transaction() as tx:
            templates.remove(tx, row, actor)
        flash(_("The template %(name)s is removed.", name=row["name"]), "success")
        return redirect(url_for("templates.index"))
    return render_template(
        "confirm.html",
        title=_("Remove the template %(name)s?", name=row["name"]),
        text=_("Campaigns and messages that were written with it stay as they are."),
        lost=[row["text"]],
        button=_("Remove the template"),
        action=url_for("templates.remove", template_id=template_id),
        cancel=url_for("templates.edit", template_id=template_id),
    )


def _template(template_id: int) -> Row:
    with current.db().transaction() as tx:
        return templates.by_id(tx, template_id) or abort(404)


def _create(draft: Draft) -> None:
    actor = current.actor()
    with current.db().transaction() as tx:
        templates.create(tx, draft, actor)


def _edit(row: Row | None) -> Response | str | tuple[str, int]:
    form = TemplateForm(data=row)
    if not form.is_submitted():
        return _page(form, row)
    draft, actor = form.draft, current.actor()
    problems = check_draft(draft)
    if not problems:
        try:
            if row is None:
                _create(draft)
            else:
                with current.db().transaction() as tx:
                    templates.update(tx, row, draft, actor)
        except StoreError as error:
            problems = {"name": error.problem}
    if problems:
        current.show_problems(form, problems)
        return _page(form, row), 422
    flash(_("The template %(name)s is saved.", name=draft.name), "success")
    return redirect(url_for("templates.index"))


def _page(form: TemplateForm, row: Row | None) -> str:
    names = (*STANDARD, NUMBER)
    return render_template("templates/edit.html", form=form, row=row, names=names)
