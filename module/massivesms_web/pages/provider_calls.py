"""What providers of HTTP trunks tell by themselves: delivery states, for now.

Open to the world, so nothing is believed without the provider's signature.
"""

from __future__ import annotations

import hmac
import logging

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from massivesms.domain.http_kind import HTTP
from massivesms.domain.trunk_kinds import complete
from massivesms.errors import ConfigError
from massivesms.store import receipts, trunks
from massivesms.store.receipts import Receipt
from massivesms.webhooks import provider_calls as calls
from massivesms.webhooks.provider_calls import Told

from .. import current

log = logging.getLogger(__name__)

blueprint = Blueprint("provider_calls", __name__)


@blueprint.get("/provider/<int:trunk_id>")
def verify(trunk_id: int) -> Response:
    """WhatsApp asks once whether the address is ours: its challenge comes back."""
    wanted = _settings(trunk_id)["verify_token"]
    said = request.args.get("hub.verify_token", "")
    challenge = request.args.get("hub.challenge", "")
    is_right = hmac.compare_digest(said.encode(), wanted.encode())
    if not wanted or not is_right or not challenge.isalnum():
        abort(403)
    return Response(challenge[:200], mimetype="text/plain")


@blueprint.post("/provider/<int:trunk_id>")
def take(trunk_id: int) -> Response:
    """Books delivery states; the provider sends them again when it gets no 2xx."""
    request.max_content_length = calls.MOST_BODY
    body = request.get_data(cache=False, parse_form_data=False)
    settings = _settings(trunk_id)
    told = _read(settings, body)
    if told is None:
        log.debug("trunk %s: a call without the provider's signature", trunk_id)
        abort(403)
    came = [Receipt(one.their_id, one.state, one.error, one.number) for one in told]
    plan = current.settings().number_plan
    current.db().atomically(lambda tx: receipts.record(tx, trunk_id, came, plan))
    return Response(status=204)


def _settings(trunk_id: int) -> dict[str, str]:
    """All settings of an HTTP trunk that takes calls; 404 for every other one."""
    with current.db().transaction() as tx:
        row = trunks.by_id(tx, trunk_id)
    if row is None or row["kind"] != HTTP.name:
        abort(404)
    try:
        secrets = current.vault().open(row["secrets"])
    except ConfigError:
        abort(404)
    settings = complete(HTTP.name, {**row["settings"], **secrets})
    if settings["receipts"] == "none":
        abort(404)
    return settings


def _read(settings: dict[str, str], body: bytes) -> list[Told] | None:
    """What a call says; None when it is not the provider's."""
    if settings["receipts"] == "twilio":
        signature = request.headers.get("X-Twilio-Signature", "")
        url, token = settings["receipts_url"], settings["secret"]
        is_theirs = calls.is_of_twilio(signature, url, body, token)
        return calls.told_by_twilio(body) if is_theirs else None
    signature = request.headers.get("X-Hub-Signature-256", "")
    is_theirs = calls.is_of_whatsapp(signature, body, settings["app_secret"])
    return calls.told_by_whatsapp(body) if is_theirs else None
