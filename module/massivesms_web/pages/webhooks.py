"""Webhooks: programs that are told of events, how it goes with each, and its log.

The rules of what is entered are in massivesms.webhook_drafts. The secret is shown
once, when it is made; own headers never.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

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

from massivesms import webhook_drafts
from massivesms.domain import webhook_results
from massivesms.domain.permissions import Permission
from massivesms.domain.webhooks import EVENT_LABELS, MESSAGE
from massivesms.domain.words import N_, Problem
from massivesms.errors import ConfigError, StoreError
from massivesms.store import webhook_deliveries, webhooks
from massivesms.store.db import Row, Transaction

from .. import current, settings_changes
from ..access import requires
from ..forms.webhooks import OwnHostsForm, WebhookForm
from ..keys import key

blueprint = Blueprint("webhooks", __name__, url_prefix="/configuration/webhooks")

PAGE_ROWS = 50

#: state of a delivery -> its words, and the state of a message that looks like it.
DELIVERY_STATES: Mapping[str, tuple[str, str]] = {
    "waiting": (N_("Waiting"), "waiting"),
    "delivered": (N_("Delivered"), "delivered"),
    "given_up": (N_("Given up"), "failed"),
    "discarded": (N_("Discarded"), "cancelled"),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """A webhook as the pages show it."""

    row: Row
    state: str
    words: str
    waiting: int
    is_more: bool
    given_up: int
    events: str


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """All webhooks, and the hosts of one's own that they may reach."""
    return _index(None)


@blueprint.post("/hosts")
@requires(Permission.CONFIGURATION)
def save_hosts() -> Response | tuple[str, int]:
    """Changes which hosts of one's own may be reached."""
    form = OwnHostsForm()
    entered = {"webhook_hosts": form.webhook_hosts.data or ""}
    if problems := settings_changes.change(entered):
        current.show_problems(form, problems)
        return _index(form), 422
    flash(_("The hosts are saved."), "success")
    return redirect(url_for("webhooks.index"))


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def new() -> str | tuple[str, int]:
    """A new webhook; when it is stored its secret is shown, this once."""
    form = WebhookForm()
    form.offer()
    if not current.is_form():
        return _form_page(form, None)
    draft = form.entered()
    if isinstance(draft, Problem):
        return _refused(form, {"headers": draft}, None)
    made = webhook_drafts.new(draft, current.vault())
    if isinstance(made, dict):
        return _refused(form, made, None)
    stored, secret = made
    actor = current.actor()
    try:
        with current.db().transaction() as tx:
            webhook_id = webhooks.create(tx, stored, actor)
            row = webhooks.by_id(tx, webhook_id)
    except StoreError as error:
        return _refused(form, {"name": error.problem}, None)
    return render_template("webhooks/secret.html", webhook=row, secret=secret)


@blueprint.get("/<int:webhook_id>")
@requires(Permission.CONFIGURATION)
def show(webhook_id: int) -> str:
    """One webhook with its log; htmx fetches only what changes by itself."""
    row = _webhook(webhook_id)
    state = request.args.get("state", "")
    state = state if state in DELIVERY_STATES else ""
    before = request.args.get("before", type=key) or 0
    with current.db().transaction() as tx:
        seen = _seen(tx, row)
        found = webhook_deliveries.page(
            tx, webhook_id, state=state, before=before, limit=PAGE_ROWS + 1
        )
    is_part = "HX-Request" in request.headers
    return render_template(
        "webhooks/_live.html" if is_part else "webhooks/show.html",
        webhook=seen,
        deliveries=found[:PAGE_ROWS],
        next_before=found[PAGE_ROWS - 1]["id"] if len(found) > PAGE_ROWS else None,
        chosen=state,
        states=DELIVERY_STATES,
        say_result=say_result,
    )


@blueprint.route("/<int:webhook_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def edit(webhook_id: int) -> Response | str | tuple[str, int]:
    """Changes a webhook; empty headers keep the stored ones."""
    row = _webhook(webhook_id)
    shown = {**row, "others": [k for k in row["events"] if not k.startswith(MESSAGE)]}
    form = WebhookForm(data=shown)
    form.offer()
    if not current.is_form():
        return _form_page(form, row)
    draft = form.entered()
    if isinstance(draft, Problem):
        return _refused(form, {"headers": draft}, row)
    actor = current.actor()
    try:
        made = webhook_drafts.changed(draft, current.vault(), row)
        if isinstance(made, dict):
            return _refused(form, made, row)
        with current.db().transaction() as tx:
            webhooks.update(tx, row, made, actor)
    except ConfigError:
        words = N_("The stored secret cannot be read: make a new secret first.")
        return _refused(form, {"": Problem("secret_unreadable", words)}, row)
    except StoreError as error:
        return _refused(form, {"name": error.problem}, row)
    flash(_("The webhook %(name)s is saved.", name=made.name), "success")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))


@blueprint.post("/<int:webhook_id>/enable")
@requires(Permission.CONFIGURATION)
def enable(webhook_id: int) -> Response:
    """Turns a webhook on, and tries at once what waits."""
    return _set_active(webhook_id, True)


@blueprint.post("/<int:webhook_id>/disable")
@requires(Permission.CONFIGURATION)
def disable(webhook_id: int) -> Response:
    """Turns a webhook off; what waits stays for three days."""
    return _set_active(webhook_id, False)


@blueprint.post("/<int:webhook_id>/test")
@requires(Permission.CONFIGURATION)
def test(webhook_id: int) -> Response:
    """Sends a test now, and says what the target answered."""
    row, actor = _webhook(webhook_id), current.actor()
    own = current.settings().webhook_hosts
    delivery_key, tried = webhook_drafts.try_out(row, current.vault(), own)
    with current.db().transaction() as tx:
        webhook_deliveries.tested(tx, row, delivery_key, tried, actor)
    said = say_result(tried.code, tried.detail)
    flash(said, "success" if tried.code == "taken" else "danger")
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))


@blueprint.post("/<int:webhook_id>/secret")
@requires(Permission.CONFIGURATION)
def renew_secret(webhook_id: int) -> str:
    """Makes another secret and shows it, this once."""
    row, actor = _webhook(webhook_id), current.actor()
    sealed, secret = webhook_drafts.renewed(row, current.vault())
    with current.db().transaction() as tx:
        webhooks.renew_secret(tx, row, sealed, actor)
    return render_template(
        "webhooks/secret.html", webhook=row, secret=secret, is_renewed=True
    )


@blueprint.route("/<int:webhook_id>/remove", methods=["GET", "POST"])
@requires(Permission.CONFIGURATION)
def remove(webhook_id: int) -> Response | str:
    """Removes a webhook after a confirmation."""
    row, actor = _webhook(webhook_id), current.actor()
    if current.is_form():
        with current.db().transaction() as tx:
            webhooks.remove(tx, row, actor)
        flash(_("The webhook %(name)s is removed.", name=row["name"]), "success")
        return redirect(url_for("webhooks.index"))
    return render_template(
        "confirm.html",
        title=_("Remove the webhook %(name)s?", name=row["name"]),
        text=_("The program at this address is told of nothing any more."),
        lost=[_("Its secret, its log, and the events that still wait")],
        button=_("Remove the webhook"),
        action=url_for("webhooks.remove", webhook_id=webhook_id),
        cancel=url_for("webhooks.show", webhook_id=webhook_id),
    )


def _index(form: OwnHostsForm | None) -> str:
    hosts = current.settings().texts["webhook_hosts"].replace(",", ", ")
    with current.db().transaction() as tx:
        found = [_seen(tx, row) for row in webhooks.all_webhooks(tx)]
    return render_template(
        "webhooks/index.html",
        webhooks=found,
        form=form or OwnHostsForm(formdata=None, data={"webhook_hosts": hosts}),
        is_opened=form is not None,
        say_result=say_result,
    )


def _seen(tx: Transaction, row: Row) -> Seen:
    waiting, is_more = webhook_deliveries.waiting(tx, row["id"])
    state = "ready"
    if row["stopped_code"]:
        state = "stopped"
    elif not row["active"]:
        state = "off"
    elif row["failures"]:
        state = "waiting"
    kinds = [_(EVENT_LABELS[k]) for k in row["events"] if k in EVENT_LABELS]
    return Seen(
        row=row,
        state=state,
        words=say_result(row["error_code"], row["error_detail"]),
        waiting=waiting,
        is_more=is_more,
        given_up=webhook_deliveries.given_up(tx, row["id"]),
        events=", ".join(kinds),
    )


def say_result(code: str | None, detail: str | None) -> str:
    """What came of a delivery, in words."""
    found = webhook_results.words(code, detail)
    return current.say(found) if found else ""


def _form_page(form: WebhookForm, row: Row | None) -> str:
    return render_template("webhooks/edit.html", form=form, webhook=row)


def _refused(
    form: WebhookForm, problems: Mapping[str, Problem], row: Row | None
) -> tuple[str, int]:
    current.show_problems(form, problems)
    form.headers.data = ""  # never shown again
    return _form_page(form, row), 422


def _webhook(webhook_id: int) -> Row:
    with current.db().transaction() as tx:
        row = webhooks.by_id(tx, webhook_id)
    return row or abort(404)


def _set_active(webhook_id: int, active: bool) -> Response:
    row, actor = _webhook(webhook_id), current.actor()
    with current.db().transaction() as tx:
        webhooks.set_active(tx, row, active, actor)
    return redirect(url_for("webhooks.show", webhook_id=webhook_id))
