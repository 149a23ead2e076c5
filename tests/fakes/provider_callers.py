"""Owns the other half of fake providers: they call us, over real HTTP, and sign.

They know nothing of our code; signatures are made as the providers' documents say.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
from typing import Any
from urllib.parse import urlencode, urlsplit

TIMEOUT_S = 20


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """One call; the status that came back."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        line.request("POST", parts.path, body, headers)
        return line.getresponse().status
    finally:
        line.close()


def get(url: str) -> int:
    """One call by GET; the status that came back."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)
    try:
        line.request("GET", f"{parts.path}?{parts.query}")
        return line.getresponse().status
    finally:
        line.close()


def whatsapp(url: str, secret: str, **value: Any) -> int:
    """A webhook of the Cloud API with `messages` or `statuses`."""
    metadata = {"display_phone_number": "15550100", "phone_number_id": "106"}
    change = {"field": "messages", "value": {"metadata": metadata, **value}}
    body = json.dumps({"object": "w", "entry": [{"changes": [change]}]}).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return post(
        url,
        body,
        {
            "Content-Type": "application/json",
            "X-Hub-Signature-256": f"sha256={signature}",
        },
    )


def whatsapp_text(their_id: str, number: str, text: str) -> dict[str, Any]:
    """A message of a person."""
    return {"from": number, "id": their_id, "type": "text", "text": {"body": text}}


def twilio(url: str, public_url: str, token: str, **given: str) -> int:
    """A callback of Twilio's; `public_url` is what its console was told."""
    signed = public_url + "".join(name + given[name] for name in sorted(given))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Twilio-Signature": base64.b64encode(digest).decode(),
    }
    return post(url, urlencode(given).encode(), headers)
