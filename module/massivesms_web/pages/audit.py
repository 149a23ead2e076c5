"""The log of changes: who did what, when and from where. It is only read."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext

from massivesms.domain.permissions import Permission
from massivesms.domain.words import N_
from massivesms.store import audit

from .. import current
from ..access import requires

blueprint = Blueprint("audit", __name__, url_prefix="/configuration/log")

PAGE_ROWS = 50

#: What the store writes -> what people read.
ACTIONS: Mapping[str, str] = {
    "campaign.create": N_("Campaign created"),
    "campaign.change": N_("Campaign changed"),
    "campaign.rules": N_("Campaign's priority or policy changed"),
    "campaign.stop": N_("Campaign stopped"),
    "campaign.resume": N_("Campaign resumed"),
    "campaign.remove": N_("Campaign removed"),
    "campaign.resend": N_("Messages in doubt sent again"),
    "campaign.assume_sent": N_("Messages in doubt taken as sent"),
    "list.create": N_("List created"),
    "list.change": N_("List changed"),
    "list.add": N_("Number added to a list"),
    "list.exclude": N_("Number excluded"),
    "list.include": N_("Number included"),
    "list.remove": N_("List removed"),
    "message.send": N_("Message sent"),
    "message.cancel": N_("Message cancelled"),
    "role.create": N_("Role created"),
    "role.change": N_("Role changed"),
    "role.remove": N_("Role removed"),
    "configuration.change": N_("Configuration changed"),
    "trunk.create": N_("Trunk created"),
    "trunk.change": N_("Trunk changed"),
    "trunk.enable": N_("Trunk turned on"),
    "trunk.disable": N_("Trunk turned off"),
    "trunk.remove": N_("Trunk removed"),
    "user.create": N_("User created"),
    "user.role": N_("Role of a user changed"),
    "user.enable": N_("User let in"),
    "user.disable": N_("User shut out"),
    "user.password": N_("Password changed"),
    "user.remove": N_("User removed"),
    "user.sign_in": N_("Signed in"),
    "pbx_group.role": N_("Role of a PBX group changed"),
}


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """The newest changes; those before an id on the next page."""
    before = request.args.get("before", type=int)
    if before is not None and not 0 < before < 2**63:
        before = None
    with current.db().transaction() as tx:
        rows = audit.latest(tx, before=before, limit=PAGE_ROWS + 1)
    has_more = len(rows) > PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    return render_template(
        "audit/index.html",
        rows=rows,
        words=words,
        next_url=url_for("audit.index", before=rows[-1]["id"]) if has_more else "",
        first_url=url_for("audit.index") if before else "",
    )


def words(action: str) -> str:
    """The sentence of an action; its code when it has none."""
    return gettext(ACTIONS[action]) if action in ACTIONS else action
