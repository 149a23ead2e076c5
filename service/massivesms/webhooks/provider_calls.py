"""What a provider tells us over HTTP: is it really from there, and what does it say.

Pure: octets and headers in, delivery states out. A call whose signature is not right
is never read. Facts of the public documents of Twilio and of WhatsApp's Cloud API.
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

MOST_BODY = 256 * 1024
MOST_STATES = 1000  # in one call

#: Their states -> ours of a receipt; the others are steps on the way.
TWILIO_STATES: Mapping[str, str] = {
    "delivered": "delivered",
    "read": "delivered",
    "undelivered": "undelivered",
    "failed": "undelivered",
    "canceled": "rejected",
}
WHATSAPP_STATES: Mapping[str, str] = {
    "delivered": "delivered",
    "read": "delivered",
    "failed": "undelivered",
}


@dataclass(frozen=True, slots=True)
class Told:
    """The last state of one message, under the provider's id."""

    their_id: str
    state: str
    error: str = ""
    number: str = ""


def is_of_twilio(signature: str, url: str, body: bytes, token: str) -> bool:
    """X-Twilio-Signature: HMAC-SHA1 over the address and the sorted fields of the form.

    `url` is the address as the provider was given it.
    """
    pairs = sorted(_fields(body))
    signed = url + "".join(name + value for name, value in pairs)
    digest = hmac.digest(token.encode(), signed.encode(), "sha1")
    wanted = base64.b64encode(digest).decode()
    return bool(token) and hmac.compare_digest(signature.encode(), wanted.encode())


def is_of_whatsapp(signature: str, body: bytes, app_secret: str) -> bool:
    """X-Hub-Signature-256: HMAC-SHA256 over the body, by the secret of the app."""
    wanted = "sha256=" + hmac.digest(app_secret.encode(), body, "sha256").hex()
    return bool(app_secret) and hmac.compare_digest(signature.encode(), wanted.encode())


def told_by_twilio(body: bytes) -> list[Told]:
    """The state in a status callback; nothing for what is only on its way."""
    given = dict(_fields(body))
    state = TWILIO_STATES.get(given.get("MessageStatus", ""), "")
    their_id = given.get("MessageSid", "")
    if not state or not their_id:
        return []
    number = given.get("To", "").removeprefix("+")
    return [Told(their_id, state, given.get("ErrorCode", ""), number)]


def told_by_whatsapp(body: bytes) -> list[Told]:
    """The states in a webhook; one call may have many, of several numbers."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return []
    found = []
    for entry in _list(document, "entry"):
        for change in _list(entry, "changes"):
            for status in _list(_member(change, "value"), "statuses"):
                if one := _whatsapp_status(status):
                    found.append(one)
    return found[:MOST_STATES]


def _whatsapp_status(status: Any) -> Told | None:
    state = WHATSAPP_STATES.get(_text(status, "status"), "")
    their_id = _text(status, "id")
    if not state or not their_id:
        return None
    errors = _list(status, "errors")
    error = _text(errors[0], "code") if errors else ""
    return Told(their_id, state, error, _text(status, "recipient_id"))


def _fields(body: bytes) -> list[tuple[str, str]]:
    try:
        text = body.decode("utf-8", "replace")
        return parse_qsl(text, keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return []


def _member(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _list(value: Any, name: str) -> list[Any]:
    found = _member(value, name)
    return found if isinstance(found, list) else []


def _text(value: Any, name: str) -> str:
    found = _member(value, name)
    is_plain = isinstance(found, str | int) and not isinstance(found, bool)
    return str(found) if is_plain else ""
