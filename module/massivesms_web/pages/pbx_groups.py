"""Which role the groups of the PBX give to their members."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from massivesms.domain.pbx_groups import ADMINISTRATORS, EVERYBODY, PRIVILEGE
from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_, Problem
from massivesms.errors import StoreError
from massivesms.store import pbx_groups, roles, users
from massivesms.store.audit import Actor
from massivesms.store.db import Row, Transaction

from .. import current
from ..access import requires
from ..forms.pbx_groups import GroupRolesForm

blueprint = Blueprint("pbx_groups", __name__, url_prefix="/pbx-groups")


@blueprint.get("/")
@requires(Permission.USERS)
def index() -> str:
    """All groups that are known, each with its role."""
    groups, form = _groups()
    return render_template("pbx_groups/index.html", groups=groups, form=form)


@blueprint.post("/")
@requires(Permission.USERS)
def save() -> Response:
    """Changes roles of groups; their members have them at once."""
    _shown, form = _groups()
    wanted = form.wanted()
    if wanted is None:
        abort(400)
    actor, myself = current.actor(), int(current_user.id)
    source = current.config().pbx.kind

    def work(tx: Transaction) -> int:
        return _change(tx, source, wanted, actor, myself)

    try:
        changed = current.db().atomically(work)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
    else:
        text = _("The roles are saved.") if changed else _("Nothing was changed.")
        flash(text, "success")
    return redirect(url_for("pbx_groups.index"))


def _groups() -> tuple[list[Row], GroupRolesForm]:
    form = GroupRolesForm()
    with current.db().transaction() as tx:
        groups = pbx_groups.all_groups(tx, current.config().pbx.kind)
        form.offer(groups, roles.all_roles(tx))
    return sorted(groups, key=_place), form


def _place(row: Row) -> tuple[int, str]:
    """Administrators first, then privileges and groups; everybody else last."""
    name = str(row["name"])
    if name == EVERYBODY:
        return 3, name
    rank = 0 if name == ADMINISTRATORS else 1 if name.startswith(PRIVILEGE) else 2
    return rank, name.lower()


def _change(
    tx: Transaction,
    source: str,
    wanted: dict[str, int | None],
    actor: Actor,
    myself: int,
) -> int:
    changed = pbx_groups.set_roles(tx, source, wanted, actor)
    user = users.by_id(tx, myself)
    if user is None or Permission.USERS not in user["permissions"]:
        words = N_(
            "Nothing was changed: you could not open this page any more."
            " Sign in as another administrator to do that."
        )
        raise StoreError(Problem("own_access", words))
    return changed
