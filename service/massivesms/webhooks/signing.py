"""Signatures of webhooks, as the Standard Webhooks specification has them.

The secret is `whsec_` and base64; the signature is HMAC-SHA256 over
"id.timestamp.body", base64 behind "v1,". While a secret is being replaced there are
two signatures, separated by a blank.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable

PREFIX = "whsec_"


def new_secret() -> str:
    """A fresh secret of 256 bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def sign(secret: str, delivery_id: str, timestamp: int, body: bytes) -> str:
    """One signature: "v1,..."."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{delivery_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, "sha256")).decode()


def headers(
    keys: Iterable[str], delivery_id: str, timestamp: int, body: bytes
) -> dict[str, str]:
    """The headers by which a target knows a delivery and who made it."""
    signatures = [sign(key, delivery_id, timestamp, body) for key in keys]
    return {
        "webhook-id": delivery_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }
