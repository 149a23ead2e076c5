"""Users of the pages: who may sign in, with which role."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms import passwords
from massivesms.domain.campaigns import check_name
from massivesms.domain.pbx_groups import OWN
from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_, Problem
from massivesms.errors import StoreError
from massivesms.store import roles, users
from massivesms.store.db import Row

from .. import current
from ..access import requires
from ..forms.users import NewUserForm, UserPasswordForm, UserRoleForm, check_repeated

blueprint = Blueprint("users", __name__, url_prefix="/users")

MAX_NAME = 64


@blueprint.get("/")
@requires(Permission.USERS)
def index() -> str:
    """All users."""
    with current.db().transaction() as tx:
        found = users.all_users(tx)
    from_pbx = any(user["source"] != OWN for user in found)
    return render_template("users/index.html", users=found, any_from_pbx=from_pbx)


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.USERS)
def new() -> Response | str | tuple[str, int]:
    """A new user, with a password that they should change."""
    form = NewUserForm()
    with current.db().transaction() as tx:
        form.role.offer(roles.all_roles(tx))
    if not form.is_submitted():
        return render_template("users/new.html", form=form)
    problems = _new_problems(form)
    if not problems:
        problems = _create(form)
    if problems:
        current.show_problems(form, problems)
        return render_template("users/new.html", form=form), 422
    flash(_("The user %(name)s can sign in.", name=form.name.data), "success")
    return redirect(url_for("users.index"))


@blueprint.get("/<int:user_id>")
@requires(Permission.USERS)
def show(user_id: int) -> str:
    """One user."""
    return _page(_user(user_id))


@blueprint.post("/<int:user_id>/role")
@requires(Permission.USERS)
def change_role(user_id: int) -> Response:
    """Another role for a user."""
    user, form = _own_user(user_id), UserRoleForm()
    actor, wanted = current.actor(), form.role.data or ""
    try:
        with current.db().transaction() as tx:
            role = roles.by_id(tx, int(wanted)) if wanted.isdecimal() else None
            if role is None:
                abort(400)
            users.set_role(tx, user, role["id"], actor)
        flash(_("The role of %(name)s is changed.", name=user["name"]), "success")
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    return redirect(url_for("users.show", user_id=user_id))


@blueprint.post("/<int:user_id>/password")
@requires(Permission.USERS)
def change_password(user_id: int) -> Response | tuple[str, int]:
    """A new password for a user, who is signed out everywhere."""
    user, form = _own_user(user_id), UserPasswordForm()
    problems = _password_problems(form, user["name"])
    if problems:
        current.show_problems(form, problems)
        return _page(user, form), 422
    stored = passwords.hash_password(form.password.data or "")
    actor = current.actor()
    with current.db().transaction() as tx:
        users.set_password(tx, user, stored, actor)
    text = _("%(name)s has a new password and was signed out.", name=user["name"])
    flash(text, "success")
    return redirect(url_for("users.show", user_id=user_id))


@blueprint.post("/<int:user_id>/enable")
@requires(Permission.USERS)
def enable(user_id: int) -> Response:
    """Lets a user in again."""
    return _set_active(user_id, True)


@blueprint.post("/<int:user_id>/disable")
@requires(Permission.USERS)
def disable(user_id: int) -> Response:
    """Shuts a user out at once."""
    return _set_active(user_id, False)


@blueprint.route("/<int:user_id>/remove", methods=["GET", "POST"])
@requires(Permission.USERS)
def remove(user_id: int) -> Response | str:
    """Removes a user after a confirmation."""
    user = _user(user_id)
    if current.is_form():
        return _remove(user)
    return render_template(
        "confirm.html",
        title=_("Remove the user %(name)s?", name=user["full_name"]),
        text=_losing(user),
        lost=[_lost(user)],
        button=_("Remove the user"),
        action=url_for("users.remove", user_id=user_id),
        cancel=url_for("users.show", user_id=user_id),
    )


def _user(user_id: int) -> Row:
    with current.db().transaction() as tx:
        user = users.by_id(tx, user_id)
    return user or abort(404)


def _own_user(user_id: int) -> Row:
    """One who has a role and a password of ours; those of the PBX have neither."""
    user = _user(user_id)
    return user if user["source"] == OWN else abort(404)


def _losing(user: Row) -> str:
    if user["source"] == OWN:
        return _("The user is signed out and cannot come in any more.")
    return _(
        "The user is signed out, but comes back by the menu of the PBX."
        " Shut out whoever must not come in."
    )


def _lost(user: Row) -> str:
    if user["source"] == OWN:
        return _("The user %(name)s and the password", name=user["name"])
    return _("The user %(name)s and the language chosen", name=user["full_name"])


def _page(user: Row, password_form: UserPasswordForm | None = None) -> str:
    role_form = UserRoleForm(formdata=None, role=str(user["role_id"]))
    with current.db().transaction() as tx:
        role_form.role.offer(roles.all_roles(tx))
    return render_template(
        "users/show.html",
        user=user,
        role_form=role_form,
        password_form=password_form or UserPasswordForm(formdata=None),
        is_oneself=user["id"] == current_user.id,
    )


def _new_problems(form: NewUserForm) -> dict[str, Problem]:
    name = (form.name.data or "").strip()
    problems = _password_problems(form, name)
    if refused := check_name(name, MAX_NAME):
        problems["name"] = refused
    if form.role.data not in form.role.ids():
        problems["role"] = Problem("role_missing", N_("Choose one of the roles."))
    return problems


def _password_problems(
    form: NewUserForm | UserPasswordForm, name: str
) -> dict[str, Problem]:
    password = form.password.data or ""
    problems = check_repeated(password, form.repeated.data or "")
    refused = passwords.refusal(password, name) if name else None
    if refused:
        problems["password"] = refused
    return problems


def _create(form: NewUserForm) -> dict[str, Problem]:
    name = (form.name.data or "").strip()
    stored = passwords.hash_password(form.password.data or "")
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            users.create(tx, name, int(form.role.data), stored, actor)
    except StoreError as error:
        return {"name": error.problem}
    return {}


def _set_active(user_id: int, active: bool) -> Response:
    user, actor = _user(user_id), current.actor()
    if user_id == current_user.id:
        flash(_("You cannot turn off or remove yourself."), "danger")
        return redirect(url_for("users.show", user_id=user_id))
    try:
        with current.db().transaction() as tx:
            users.set_active(tx, user, active, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    else:
        text = _("%(name)s can sign in.") if active else _("%(name)s is shut out.")
        flash(text % {"name": user["full_name"]}, "success")
    return redirect(url_for("users.show", user_id=user_id))


def _remove(user: Row) -> Response:
    actor = current.actor()
    if user["id"] == current_user.id:
        flash(_("You cannot turn off or remove yourself."), "danger")
        return redirect(url_for("users.show", user_id=user["id"]))
    try:
        with current.db().transaction() as tx:
            users.remove(tx, user, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("users.show", user_id=user["id"]))
    flash(_("The user %(name)s is removed.", name=user["full_name"]), "success")
    return redirect(url_for("users.index"))
