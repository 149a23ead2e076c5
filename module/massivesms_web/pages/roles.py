"""Roles: which pages a user may open."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import check_name
from massivesms.domain.permissions import PERMISSION_LABELS, Permission
from massivesms.domain.words import N_, Problem
from massivesms.errors import StoreError
from massivesms.store import roles
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.roles import RoleForm
from ..look import role_label

blueprint = Blueprint("roles", __name__, url_prefix="/roles")

MAX_NAME = 64


@blueprint.get("/")
@requires(Permission.USERS)
def index() -> str:
    """All roles with what they may open."""
    with current.db().transaction() as tx:
        found = roles.all_roles(tx)
    return render_template(
        "roles/index.html", roles=found, permissions=PERMISSION_LABELS
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.USERS)
def new() -> Response | str | tuple[str, int]:
    """A new role."""
    return _edit(None)


@blueprint.route("/<int:role_id>", methods=["GET", "POST"])
@requires(Permission.USERS)
def edit(role_id: int) -> Response | str | tuple[str, int]:
    """What a role may open."""
    role = _role(role_id)
    return abort(404) if role["built_in"] else _edit(role)


@blueprint.route("/<int:role_id>/remove", methods=["GET", "POST"])
@requires(Permission.USERS)
def remove(role_id: int) -> Response | str:
    """Removes a role that no user has, after a confirmation."""
    role = _role(role_id)
    if current.is_form():
        return _remove(role)
    name = role_label(role["name"])
    return render_template(
        "confirm.html",
        title=_("Remove the role %(name)s?", name=name),
        text=_("A role can be removed when no user has it."),
        lost=[_("The role %(name)s and its permissions", name=name)],
        button=_("Remove the role"),
        action=url_for("roles.remove", role_id=role_id),
        cancel=url_for("roles.index"),
    )


def _role(role_id: int) -> Row:
    with current.db().transaction() as tx:
        role = roles.by_id(tx, role_id)
    return role or abort(404)


def _edit(role: Row | None) -> Response | str | tuple[str, int]:
    stored = {"name": role["name"], "permissions": role["permissions"]} if role else {}
    form = RoleForm(data=stored)
    form.offer()
    if not form.is_submitted():
        return render_template("roles/edit.html", form=form, role=role)
    problems = _problems(form) or _save(form, role)
    if problems:
        current.show_problems(form, problems)
        return render_template("roles/edit.html", form=form, role=role), 422
    flash(_("The role %(name)s is saved.", name=form.name.data), "success")
    return redirect(url_for("roles.index"))


def _problems(form: RoleForm) -> dict[str, Problem]:
    name = (form.name.data or "").strip()
    problems: dict[str, Problem] = {}
    if refused := check_name(name, MAX_NAME):
        problems["name"] = refused
    if not set(form.permissions.data or ()) <= {str(p) for p in Permission}:
        words = N_("There is no such permission.")
        problems["permissions"] = Problem("permission_unknown", words)
    return problems


def _save(form: RoleForm, role: Row | None) -> dict[str, Problem]:
    name = (form.name.data or "").strip()
    permissions = form.permissions.data or []
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            if role is None:
                roles.create(tx, name, permissions, actor)
            else:
                roles.update(tx, role["id"], name, permissions, actor)
    except StoreError as error:
        return {"name": error.problem}
    return {}


def _remove(role: Row) -> Response:
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            roles.remove(tx, role, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    else:
        text = _("The role %(name)s is removed.", name=role_label(role["name"]))
        flash(text, "success")
    return redirect(url_for("roles.index"))
