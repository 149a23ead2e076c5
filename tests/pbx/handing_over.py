"""Owns hand-overs as a PBX would sign them, made here by their description alone.

Beside the real PHP of packaging/, so that tests can also make what it never would.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

from werkzeug.test import TestResponse

from massivesms.config import Config
from massivesms.store import users
from massivesms.store.db import Database, Row
from tests.web.browser import Browser

KEY = "0123456789abcdef" * 4


def with_pbx(config: Config, directory: Path, kind: str = "issabel") -> Config:
    """The configuration of a PBX, with a key that both sides have."""
    key_file = directory / "sso.key"
    key_file.write_text(KEY + "\n")
    key_file.chmod(0o640)
    return replace(config, pbx=replace(config.pbx, kind=kind), sso_key_file=key_file)


def words(**changed: str) -> dict[str, str]:
    """The words of a hand-over of maria, an operator, with some of them changed."""
    now = int(time.time())
    return {
        "v": "1",
        "aud": "massivesms",
        "source": "issabel",
        "user": "maria",
        "uid": "7",
        "ext": "101",
        "admin": "0",
        "groups": "sms_operator\nventas",
        "privs": "operator",
        "known": "",
        "lang": "es",
        "target": "campaigns",
        "iat": str(now),
        "exp": str(now + 60),
        "nonce": secrets.token_hex(16),
        **changed,
    }


def form(given: dict[str, str] | None = None, key: str = KEY) -> dict[str, str]:
    """What the page of the PBX posts."""
    return signed(urlencode(given or words()), key)


def signed(token: str, key: str = KEY) -> dict[str, str]:
    """Any text as a signed token."""
    digest = hmac.new(bytes.fromhex(key), token.encode(), hashlib.sha256)
    return {"token": token, "signature": digest.hexdigest()}


def enter(browser: Browser, **changed: str) -> TestResponse:
    """Posts a hand-over as the frame does."""
    return browser.post("/sso", data=form(words(**changed)))


def stored(db: Database) -> list[Row]:
    """The users of the PBX that we know."""
    with db.transaction() as tx:
        return [user for user in users.all_users(tx) if user["source"] != "own"]
