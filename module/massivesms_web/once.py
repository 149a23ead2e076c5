"""One-time tokens of forms: whatever is pressed twice is done once.

A token is remembered with what it led to, in the table of sessions under a key
that no cookie can have; so it holds for every worker, and two presses at the
same moment take turns.
"""

from __future__ import annotations

import hmac
import json
import secrets

from flask import current_app

from massivesms.store import web_sessions
from massivesms.store.db import Transaction

from . import current

LIFETIME_S = 12 * 3600
MAX_TOKEN = 64


def new_token() -> str:
    """A token for a form that is being shown."""
    return secrets.token_urlsafe(16)


def earlier(tx: Transaction, token: str) -> int | None:
    """The id that this token has led to before, or None.

    Until the transaction ends, others with the same token wait here. Without a
    token nothing is remembered.
    """
    if not token or len(token) > MAX_TOKEN:
        return None
    web_sessions.save(tx, _key("turn", token), None, "{}", LIFETIME_S, is_new=True)
    found = web_sessions.find(tx, _key("done", token))
    return int(json.loads(found["data"])["id"]) if found else None


def remember(tx: Transaction, token: str, new_id: int) -> None:
    """Keeps what a token has led to, in the transaction that made it."""
    if token and len(token) <= MAX_TOKEN:
        data = json.dumps({"id": new_id})
        web_sessions.save(tx, _key("done", token), None, data, LIFETIME_S, is_new=True)


def _key(purpose: str, token: str) -> bytes:
    secret = current_app.config["SECRET_KEY"]
    key = secret if isinstance(secret, bytes) else str(secret).encode()
    text = f"once:{purpose}:{current.actor().name}:{token}"
    return hmac.digest(key, text.encode(), "sha256")
