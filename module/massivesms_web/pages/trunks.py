"""Trunks: the ways out, their live state, and changing them.

The rules of a trunk's settings are in massivesms.trunk_drafts; here they are
shown and asked. A password is never shown again.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms import script_files, trunk_drafts
from massivesms.domain.permissions import Permission
from massivesms.domain.trunk_kinds import KINDS, Kind
from massivesms.errors import ConfigError, StoreError
from massivesms.store import counts, trunk_tests, trunks
from massivesms.store.db import Row
from massivesms.store.trunks import TrunkDraft

from .. import current, trunk_states
from ..access import requires
from ..forms.trunks import (
    TrunkForm,
    form_class,
    sender_help,
    stored_values,
)
from . import modems as modems_page
from . import receipts as receipts_page
from . import trunk_tests as tests_page

blueprint = Blueprint("trunks", __name__, url_prefix="/trunks")
blueprint.register_blueprint(receipts_page.blueprint)


@blueprint.get("/")
@requires(Permission.TRUNKS)
def index() -> str:
    """All trunks, best priority first; htmx fetches only the table."""
    with current.db().transaction() as tx:
        found = trunk_states.all_now(tx)
        modems = modems_page.every_live(tx)
    is_part = "HX-Request" in request.headers
    template = "trunks/_table.html" if is_part else "trunks/index.html"
    return render_template(template, trunks=found, kinds=KINDS, modems=modems)


@blueprint.get("/new")
@requires(Permission.TRUNKS)
def choose() -> str:
    """Which type of trunk."""
    return render_template("trunks/choose.html", kinds=KINDS)


@blueprint.route("/new/<kind_name>", methods=["GET", "POST"])
@requires(Permission.TRUNKS)
def new(kind_name: str) -> Response | str | tuple[str, int]:
    """A new trunk of a type."""
    kind = KINDS.get(kind_name) or abort(404)
    begins = modems_page.prefilled(request.args) if kind_name == "modem" else {}
    form = form_class(kind, _scripts(kind))(data=begins)
    if not current.is_form():
        return _form_page(kind, form, None)
    if "fill" in request.form:
        _fill(kind, form)
        return _form_page(kind, form, None)
    draft = _draft(kind, form, active=True, stored={})
    if isinstance(draft, TrunkDraft):
        trunk_id = _store(form, draft, None)
        if trunk_id is not None:
            return redirect(url_for("trunks.show", trunk_id=trunk_id))
    return _form_page(kind, form, None), 422


@blueprint.get("/<int:trunk_id>")
@requires(Permission.TRUNKS)
def show(trunk_id: int) -> str:
    """One trunk; htmx fetches only what changes by itself."""
    row = _trunk(trunk_id)
    with current.db().transaction() as tx:
        trunk = trunk_states.one_now(tx, row)
        sent = counts.by_trunk(tx, trunk_id)
        test = trunk_tests.latest(tx, trunk_id)
        receipts = receipts_page.facts(tx, row)
        modem = modems_page.values(tx, row)
    is_part = "HX-Request" in request.headers
    return render_template(
        "trunks/_live.html" if is_part else "trunks/show.html",
        trunk=trunk,
        kind=KINDS[row["kind"]],
        counts=sent,
        receipts=receipts,
        **modem,
        **tests_page.values(row, test),
    )


@blueprint.route("/<int:trunk_id>/edit", methods=["GET", "POST"])
@requires(Permission.TRUNKS)
def edit(trunk_id: int) -> Response | str | tuple[str, int]:
    """Changes a trunk; an empty password keeps the stored one."""
    row = _trunk(trunk_id)
    kind = KINDS[row["kind"]]
    chosen = row["settings"].get("script", "")
    form = form_class(kind, _scripts(kind, chosen))(data=stored_values(row))
    if not current.is_form():
        return _form_page(kind, form, row)
    if "fill" in request.form:
        _fill(kind, form)
        return _form_page(kind, form, row)
    draft = _draft(kind, form, active=row["active"], stored=_secrets(row))
    if isinstance(draft, TrunkDraft) and _store(form, draft, trunk_id) is not None:
        return redirect(url_for("trunks.show", trunk_id=trunk_id))
    return _form_page(kind, form, row), 422


@blueprint.post("/<int:trunk_id>/enable")
@requires(Permission.TRUNKS)
def enable(trunk_id: int) -> Response:
    """Turns a trunk on, and forgets why it was stopped."""
    return _set_active(trunk_id, True)


@blueprint.post("/<int:trunk_id>/disable")
@requires(Permission.TRUNKS)
def disable(trunk_id: int) -> Response:
    """Turns a trunk off."""
    return _set_active(trunk_id, False)


@blueprint.route("/<int:trunk_id>/remove", methods=["GET", "POST"])
@requires(Permission.TRUNKS)
def remove(trunk_id: int) -> Response | str:
    """Removes a trunk after a confirmation."""
    row = _trunk(trunk_id)
    if current.is_form():
        return _remove(row)
    return render_template(
        "confirm.html",
        title=_("Remove the trunk %(name)s?", name=row["name"]),
        text=_("Messages that it has sent stay. Nothing more is sent through it."),
        lost=[
            _("The settings and the password of the trunk %(name)s", name=row["name"])
        ],
        button=_("Remove the trunk"),
        action=url_for("trunks.remove", trunk_id=trunk_id),
        cancel=url_for("trunks.show", trunk_id=trunk_id),
    )


def _trunk(trunk_id: int) -> Row:
    with current.db().transaction() as tx:
        row = trunks.by_id(tx, trunk_id)
    return row or abort(404)


def _scripts(kind: Kind, chosen: str = "") -> list[str]:
    if kind.name != "script":
        return []
    found = script_files.names(current.config().scripts_dir)
    return [chosen, *found] if chosen and chosen not in found else found


def _secrets(row: Row) -> dict[str, str]:
    try:
        return current.vault().open(row["secrets"])
    except ConfigError as error:
        flash(current.say(error.problem), "warning")
        return {}


def _fill(kind: Kind, form: TrunkForm) -> None:
    """Takes the values of the chosen provider, for browsers without script."""
    wanted = request.form.get("preset")
    for preset in kind.presets:
        if preset.name == wanted:
            for key, value in preset.values.items():
                form[key].data = value


def _form_page(kind: Kind, form: TrunkForm, row: Row | None) -> str:
    return render_template(
        "trunks/edit.html",
        kind=kind,
        form=form,
        trunk=row,
        preset=request.form.get("preset", ""),
        scripts_dir=current.config().scripts_dir,
        sender_help=sender_help(),
        folded_problem=any(form[s.key].errors for s in kind.settings if s.advanced),
    )


def _draft(
    kind: Kind, form: TrunkForm, *, active: bool, stored: Mapping[str, str]
) -> TrunkDraft | None:
    entered = form.entered(kind, active=active, stored_secrets=stored)
    scripts_dir = current.config().scripts_dir
    draft = trunk_drafts.draft_trunk(entered, current.vault(), scripts_dir)
    if isinstance(draft, TrunkDraft):
        return draft
    current.show_problems(form, draft)
    return None


def _store(form: TrunkForm, draft: TrunkDraft, trunk_id: int | None) -> int | None:
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            if trunk_id is None:
                trunk_id = trunks.create(tx, draft, actor)
            else:
                trunks.update(tx, trunk_id, draft, actor)
    except StoreError as error:
        current.show_problems(form, {"name": error.problem})
        return None
    flash(_("The trunk %(name)s is saved.", name=draft.name), "success")
    return trunk_id


def _set_active(trunk_id: int, active: bool) -> Response:
    row, actor = _trunk(trunk_id), current.actor()
    with current.db().transaction() as tx:
        trunks.set_active(tx, row, active, actor)
    return redirect(url_for("trunks.show", trunk_id=trunk_id))


def _remove(row: Row) -> Response:
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            trunks.remove(tx, row, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("trunks.show", trunk_id=row["id"]))
    flash(_("The trunk %(name)s is removed.", name=row["name"]), "success")
    return redirect(url_for("trunks.index"))
