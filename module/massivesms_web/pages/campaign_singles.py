"""One message more of a campaign, to one number: through its trunk, by its sender.

It goes out with the campaign, before the numbers that wait; a campaign that was over
is open again until it is sent.
"""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.permissions import Permission
from massivesms.domain.singles import check_places, check_single
from massivesms.domain.smart_text import Choice, Improved, improve
from massivesms.domain.text_settings import unsigned
from massivesms.errors import StoreError
from massivesms.store import campaigns
from massivesms.store.db import Row

from .. import current, once, replaced, singles, situation, writing
from ..access import requires
from ..forms.campaigns import SingleForm
from .messages import watched

blueprint = Blueprint("singles", __name__)


def new_form(campaign: Row) -> SingleForm:
    """The form with the campaign's own text, as its page shows it."""
    text = unsigned(campaign["text"], current.settings().signature)
    form = SingleForm(formdata=None, text=text)
    if improve(text, form.characters.choice).replacements:
        form.characters.data = str(Choice.KEEP)
    form.once.data = once.new_token()
    return form


@blueprint.post("/<int:campaign_id>/single")
@requires(Permission.CAMPAIGNS)
def submit(campaign_id: int) -> str | Response | tuple[str, int]:
    """Puts the message in the campaign's queue once, and shows what becomes of it."""
    if campaign_id == OUTPUT_QUEUE_ID:
        return redirect(url_for("send.show"))
    campaign, form = _found(campaign_id), SingleForm()
    is_valid = form.validate()
    settings = current.settings()
    better = improve(form.text.data, form.characters.choice)
    single = check_single(
        *(form.number.data, better.text, ""),
        *(settings.number_plan, settings.signature),
    )
    if not isinstance(single, dict) and (problem := check_places(form.text.data)):
        single = {"text": problem}
    if not isinstance(single, dict):
        single = singles.why_blocked(single, campaign_id) or single
    if not isinstance(single, dict) and is_valid:
        try:
            is_its_own = single.text == campaign["text"]
            message_id = singles.enqueue(
                form.once.data,
                single,
                campaign_id=campaign_id,
                text=None if is_its_own else single.text,
                of=campaign,
            )
        except StoreError as error:
            single = {"number": error.problem}
        else:
            return _follow(message_id, better)
    if isinstance(single, dict):
        current.show_problems(form, single)
    if request.headers.get("HX-Request"):
        return _form("campaigns/_single.html", campaign, form)
    return _form("campaigns/single.html", campaign, form), 422


def _follow(message_id: int, better: Improved) -> str | Response:
    if request.headers.get("HX-Request"):
        return watched(message_id) + replaced.beside(better)
    replaced.say(better)
    writing.warn_of_words(better.text)
    return redirect(url_for("messages.show", message_id=message_id, wait=1))


def _form(template: str, campaign: Row, form: SingleForm) -> str:
    """The form with what was typed and what is wrong, alone or on a page."""
    settings = current.settings()
    with current.db().transaction() as tx:
        view = situation.view(situation.gather(tx, settings), campaign)
    return render_template(template, view=view, single_form=form)


def _found(campaign_id: int) -> Row:
    with current.db().transaction() as tx:
        return campaigns.by_id(tx, campaign_id) or abort(404)
