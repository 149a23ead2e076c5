"""Send: one message to one number, at once or through the output queue.

The page only puts it in the queue; "at once" is its express lane, and the page
then watches what the service makes of it.
"""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.domain.singles import check_places, check_single
from massivesms.domain.smart_text import improve
from massivesms.store import (
    campaigns,
)
from massivesms.store.db import Row, Transaction

from .. import current, once, replaced, singles, situation, writing
from ..access import requires
from ..forms.send import SendForm
from ..keys import key
from . import address_books
from .messages import watched

blueprint = Blueprint("send", __name__, url_prefix="/send")
blueprint.register_blueprint(address_books.blueprint)


@blueprint.get("/")
@requires(Permission.SEND)
def show() -> str:
    """The empty form, or with the number and the trunk that a link brought along."""
    chosen = request.args
    form = _form(
        formdata=None,
        number=chosen.get("number", "")[:40],
        trunk_id=chosen.get("trunk", default=0, type=key),
    )
    form.once.data = once.new_token()
    return _page(form)


@blueprint.post("/")
@requires(Permission.SEND)
def submit() -> str | Response:
    """Puts the message in the queue once, and shows what becomes of it."""
    form = _form()
    is_valid = form.validate()
    settings = current.settings()
    better = improve(form.text.data, form.characters.choice)
    single = check_single(
        *(form.number.data, better.text, form.sender_id.data),
        *(settings.number_plan, settings.signature),
    )
    if not isinstance(single, dict) and (problem := check_places(form.text.data)):
        single = {"text": problem}
    if not isinstance(single, dict):
        single = singles.why_blocked(single, OUTPUT_QUEUE_ID) or single
    if isinstance(single, dict):
        current.show_problems(form, single)
    if isinstance(single, dict) or not is_valid:
        return _page(form)
    message_id = singles.enqueue(
        form.once.data,
        single,
        campaign_id=OUTPUT_QUEUE_ID,
        text=single.text,
        trunk_id=form.trunk_id.chosen_id,
        sender_id=single.sender_id,
        express=form.how.data != "queue",
    )
    if request.headers.get("HX-Request"):
        return watched(message_id) + replaced.beside(better)
    replaced.say(better)
    writing.warn_of_words(single.text)
    return redirect(url_for("messages.show", message_id=message_id, wait=1))


def _form(**arguments: object) -> SendForm:
    form = SendForm(**arguments)
    with current.db().transaction() as tx:
        writing.offer(tx, form)
    return form


def _page(form: SendForm) -> str:
    settings = current.settings()
    with current.db().transaction() as tx:
        now = situation.gather(tx, settings)
        queue = _output_queue(tx)
    warning = situation.why_single(now, queue, form.trunk_id.chosen_id)
    template = "send/_panel.html" if _is_partial() else "send/show.html"
    return render_template(
        template, form=form, warning=warning, has_book=address_books.is_there()
    )


def _is_partial() -> bool:
    return request.method == "POST" and bool(request.headers.get("HX-Request"))


def _output_queue(tx: Transaction) -> Row:
    queue = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
    assert queue is not None  # noqa: S101 - the schema makes it
    return queue
