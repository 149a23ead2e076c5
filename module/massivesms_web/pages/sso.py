"""Coming in by the PBX's menu: its page posts whom it vouches for into the frame.

The form is the PBX's and so has no token of ours: the signature stands in for it,
and the browser must say that it comes from this host. Each hand-over opens a
session once; whoever comes by one never mixes with our own user of that name.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import refresh
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from massivesms import handover
from massivesms.domain.event_kinds import logger_name
from massivesms.domain.settings import LANGUAGES
from massivesms.errors import ConfigError
from massivesms.handover import Refusal, Visitor
from massivesms.store import audit, pbx_groups, pbx_users, users
from massivesms.store.audit import Actor
from massivesms.store.db import Row, Transaction

from .. import access, current, language
from ..look import CONFIGURATION, NAVIGATION, pbx_group_label
from ..sessions import Session

log = logging.getLogger(logger_name("sign_in"))

blueprint = Blueprint("sso", __name__)

MAX_FORM = 16 * 1024

#: The words that the PBX's menu may ask for, and nothing else: one for each noun.
TARGETS: Mapping[str, str] = {
    entry.endpoint.partition(".")[0]: entry.endpoint
    for entry in (*NAVIGATION, *CONFIGURATION)
}


@blueprint.post("/sso")
def enter() -> Response:
    """Opens a session for whom the PBX hands over, and goes where they wanted."""
    request.max_content_length = MAX_FORM
    try:
        visitor = _visitor()
    except ConfigError as error:
        log.error("hand-over from the PBX refused: %s", error)
        return _no_key()
    if isinstance(visitor, Refusal):
        return _refused(visitor)
    here = current_user.id if current_user.is_authenticated else None
    user = current.db().atomically(lambda tx: _arrive(tx, visitor, here))
    if user is None:
        return _refused(Refusal.USED)
    may_enter, is_new = _may_enter(user), user["id"] != here
    _begin(visitor, anew=not may_enter or is_new)
    if not may_enter:
        log.info("sign-in of %s from %s refused", user["full_name"], current.address())
        return _kept_out(user)
    if is_new:
        log.info("%s signed in from %s", user["full_name"], current.address() or "-")
    login_user(access.SignedIn(user))
    endpoint = TARGETS.get(visitor.target, TARGETS["home"])
    return redirect(url_for(endpoint), 303)


def _visitor() -> Visitor | Refusal:
    if not _comes_from_here():
        return Refusal.ORIGIN
    if (request.content_length or 0) > MAX_FORM:
        return Refusal.SHAPE
    return handover.read(
        request.form.get("token", ""),
        request.form.get("signature", ""),
        current.config().sso_key(),
        current.config().pbx.kind,
        time.time(),
    )


def _comes_from_here() -> bool:
    """Whether the page that posts is of this host, as far as the browser says.

    Otherwise a foreign page could sign somebody in as a person of its choice.
    """
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _may_enter(user: Row) -> bool:
    return user["role_id"] is not None and bool(user["active"])


def _arrive(tx: Transaction, visitor: Visitor, here: int | None) -> Row | None:
    """The visitor as a user of ours; None when the hand-over was used before.

    `here` is who is signed in already: another entry of the menu is no news.
    """
    if not pbx_users.burn(tx, visitor.nonce_hash):
        return None
    source = visitor.source
    pbx_groups.note(tx, source, visitor.groups, visitor.known_groups)
    user = pbx_users.save(
        tx,
        source=source,
        name=visitor.name,
        pbx_id=visitor.pbx_id,
        extension=visitor.extension,
        groups=visitor.groups,
        role_id=pbx_groups.role_of(tx, source, visitor.groups),
    )
    if _may_enter(user) and user["id"] != here:
        users.signed_in(tx, user["id"])
        actor = Actor(user["full_name"], current.address())
        audit.record(tx, actor, "user.sign_in", user["full_name"])
    return user


def _begin(visitor: Visitor, *, anew: bool) -> None:
    """Forgets who was here before, whatever becomes of the visitor.

    Unless it is the same one: the forms of their other windows hold on.
    """
    if anew:
        logout_user()
    cast(Session, session).come_from_the_pbx(anew=anew)
    if visitor.language in LANGUAGES:
        session[language.SESSION_KEY] = visitor.language
    language.forget()
    refresh()


def _refused(reason: Refusal) -> Response:
    words = "hand-over from the PBX by %s refused: %s"
    log.warning(words, current.address() or "-", reason)
    return _page(
        401,
        _("Please open it again"),
        _(
            "What the menu of the PBX sent has expired, was used already or is not"
            " from this PBX. Open the page again from the menu of the PBX."
        ),
        _("If that does not help, the log of the web module says why."),
    )


def _no_key() -> Response:
    return _page(
        401,
        _("The PBX cannot sign you in yet"),
        _(
            "The key that the PBX and massivesms share is missing, damaged or can be"
            " read by everybody."
        ),
        _("An administrator has to run on the server, as root: massivesms setup"),
    )


def _kept_out(user: Row) -> Response:
    name: str = user["full_name"]
    if user["role_id"] is not None:
        text = _("An administrator of massivesms has shut out %(name)s.", name=name)
        return _page(403, _("You are shut out"), text, "")
    labels = ", ".join(pbx_group_label(name) for name in user["pbx_groups"])
    groups = (
        _("Your groups there: %(groups)s. None of them has a role here.", groups=labels)
        if labels
        else _("You are in no group there that has a role here.")
    )
    return _page(
        403,
        _("You have no access yet"),
        _("You come from the PBX as %(name)s.", name=name) + " " + groups,
        _("An administrator can give a role under Configuration, PBX groups."),
    )


def _page(status: int, title: str, text: str, advice: str) -> Response:
    g.bare = True  # no navigation of whoever was here before
    html = render_template("sso/refused.html", title=title, text=text, advice=advice)
    return make_response(html, status)
