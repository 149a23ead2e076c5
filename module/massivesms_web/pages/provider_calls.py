"""What providers of HTTP trunks tell by themselves: delivery states and messages.

Open to the world, so nothing is believed without the provider's signature or the token
in the address. Answered with 2xx only once it is committed: what was not heard is told
again, and told twice is stored once.
"""

from __future__ import annotations

import logging
from typing import NoReturn

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from massivesms.domain.http_kind import HTTP
from massivesms.domain.http_provider import OWN_ID, own_id
from massivesms.domain.http_secrets import hide
from massivesms.domain.http_told import Found, Places, find_all, read_places, read_told
from massivesms.domain.trunk_kinds import complete
from massivesms.errors import ConfigError
from massivesms.store import (
    provider_messages,
    provider_refusals,
    receipts,
    trunks,
    unreadable,
)
from massivesms.store.db import Transaction
from massivesms.store.provider_messages import NewTold
from massivesms.store.receipts import Receipt
from massivesms.webhooks import provider_calls as calls
from massivesms.webhooks.marks import digest_of, mark_of

from .. import current

log = logging.getLogger(__name__)

blueprint = Blueprint("provider_calls", __name__)


@blueprint.get("/provider/<int:trunk_id>")
def verify(trunk_id: int) -> Response:
    """WhatsApp asks once whether the address is ours: its challenge comes back."""
    wanted = _settings(trunk_id, "whatsapp")["verify_token"]
    said = request.args.get("hub.verify_token", "")
    challenge = request.args.get("hub.challenge", "")
    if not calls.has_token(said, wanted) or not challenge.isalnum():
        _refuse(trunk_id, "verify_token")
    return Response(challenge[:200], mimetype="text/plain")


@blueprint.post("/provider/<int:trunk_id>")
def take(trunk_id: int) -> Response:
    """What Twilio or WhatsApp tells, by its signature."""
    settings = _settings(trunk_id, "twilio", "whatsapp")
    body = _body()
    found = _signed(settings, body)
    if found is None:
        _refuse(trunk_id, "signature")
    return _store(trunk_id, settings, found, body)


@blueprint.route("/provider/<int:trunk_id>/<token>", methods=["GET", "POST"])
def take_with_token(trunk_id: int, token: str) -> Response:
    """What another provider tells, as the places in the trunk's settings say.

    By GET too, where providers do no better: the token makes it the provider's.
    """
    settings = _settings(trunk_id, "call")
    if not calls.has_token(token, settings["call_token"]):
        _refuse(trunk_id, "token")
    body = _body()
    places = read_places(settings)
    if request.method == "HEAD" or not isinstance(places, Places):
        abort(404)
    is_form = not body or request.mimetype == "application/x-www-form-urlencoded"
    said = body or request.query_string
    found = find_all(places, read_told(said, is_form=is_form))
    return _store(trunk_id, settings, found, said)


def _body() -> bytes:
    """What the call says; read last, for a stranger may send it as slowly as can be."""
    request.max_content_length = calls.MOST_BODY
    return request.get_data(cache=False, parse_form_data=False)


def _settings(trunk_id: int, *ways: str) -> dict[str, str]:
    """All settings of an HTTP trunk that is told so; 404 for every other one."""
    with current.db().transaction() as tx:
        row = trunks.by_id(tx, trunk_id)
    if row is None or row["kind"] != HTTP.name:
        abort(404)
    try:
        secrets = current.vault().open(row["secrets"])
    except ConfigError:
        abort(404)
    settings = complete(HTTP.name, {**row["settings"], **secrets})
    if settings["receipts"] not in ways:
        abort(404)
    return settings


def _refuse(trunk_id: int, why: str) -> NoReturn:
    """403; the trunk's page says that there was one, and why."""
    log.debug("trunk %s: a call was refused: %s", trunk_id, why)
    current.db().atomically(lambda tx: provider_refusals.note(tx, trunk_id, why))
    abort(403)


def _signed(settings: dict[str, str], body: bytes) -> Found | None:
    """What a call says; None when it is not the provider's."""
    if settings["receipts"] == "twilio":
        signature = request.headers.get("X-Twilio-Signature", "")
        url, token = settings["receipts_url"], settings["secret"]
        is_theirs = calls.is_of_twilio(signature, url, body, token)
        return calls.told_by_twilio(body) if is_theirs else None
    signature = request.headers.get("X-Hub-Signature-256", "")
    is_theirs = calls.is_of_whatsapp(signature, body, settings["app_secret"])
    return calls.told_by_whatsapp(body) if is_theirs else None


def _store(
    trunk_id: int, settings: dict[str, str], found: Found, said: bytes
) -> Response:
    """Commits what a call says; what it does not say is kept for people to see."""
    has_own_ids = settings["id_at"] == OWN_ID
    came = [
        Receipt(
            *(t.their_id, t.state, t.error, t.number),
            message_id=own_id(t.their_id) if has_own_ids else None,
        )
        for t in found.receipts
    ]
    told = [
        NewTold(mark_of(w), w.sender, w.recipient, w.text, digest_of(w))
        for w in found.messages
    ]
    plan = current.settings().number_plan

    def work(tx: Transaction) -> None:
        receipts.record(tx, trunk_id, came, plan)
        provider_messages.add(tx, trunk_id, told)
        if found.unknown:
            secrets = [settings[key] for key in HTTP.secret_keys]
            text = hide(said.decode("utf-8", "replace"), secrets, settings["user"])
            unreadable.add(tx, trunk_id, "receipt", text.encode())

    current.db().atomically(work)
    return Response(status=204)
