"""From a provider's description and a message to one HTTP request. Pure.

Every value is escaped for the place where it stands: address, form, JSON, header. A
field that is only a token without a value (no sender) is left out.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from ...domain.http_provider import NUMERIC, TOKEN, Provider
from ...domain.http_secrets import hide
from ..base import Submission

_ONE_TOKEN = re.compile(r"\{[^{}]*\}")
_OMIT = object()


@dataclass(frozen=True, slots=True)
class Request:
    """What goes out; its address, headers and body may hold secrets."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks: the user and the secret of the trunk."""

    user: str = ""
    secret: str = field(default="", repr=False)
    auth: str = "none"  # basic, digest
    #: Where the provider is to tell what became of it, with the token if it has one.
    receipts_url: str = field(default="", repr=False)
    call_token: str = field(default="", repr=False)

    def hide(self, text: str) -> str:
        """A text of the provider without the secrets, however they were written."""
        return hide(text, [self.secret, self.call_token], self.user)


def access_of(settings: Mapping[str, str]) -> Access:
    """Of a trunk's settings; the token of its address is a part of it only here."""
    url, token = settings["receipts_url"], ""
    if settings["receipts"] == "call":
        token = settings["call_token"]
        url = f"{url.rstrip('/')}/{token}" if url else ""
    return Access(settings["user"], settings["secret"], settings["auth"], url, token)


def values_of(submission: Submission, access: Access, port: str) -> dict[str, str]:
    """The value of each token."""
    number = submission.destination
    as_sent = f"+{number}" if submission.is_international else number
    return {
        "number": number,
        "e164": submission.e164 or as_sent,
        "text": submission.text,
        "line": " ".join(submission.text.split()),
        "sender": submission.sender_id,
        "message_id": str(submission.message_id),
        "segments": str(len(submission.split.parts)),
        "port": port,
        "user": access.user,
        "secret": access.secret,
        "receipts_url": access.receipts_url,
    }


def render(provider: Provider, values: Mapping[str, str], access: Access) -> Request:
    """The request of one message."""
    url = fill_url(provider.url, values)
    headers = {name: fill(value, values) for name, value in provider.headers}
    sign_in(headers, access)
    if provider.body == "json":
        document = _fill_json(provider.document, values)
        body = json.dumps(document, ensure_ascii=False).encode()
        headers.setdefault("Content-Type", "application/json")
        return Request(provider.method, url, headers, body)
    pairs = [
        (name, fill(value, values))
        for name, value in provider.pairs
        if fill(value, values) or not _ONE_TOKEN.fullmatch(value)
    ]
    if provider.body == "query":
        joint = "&" if "?" in url else "?"
        url += f"{joint}{urlencode(pairs)}" if pairs else ""
        return Request(provider.method, url, headers, None)
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return Request(provider.method, url, headers, urlencode(pairs).encode())


def sign_in(headers: dict[str, str], access: Access) -> dict[str, str]:
    """Headers with user and secret, where they go without being asked for."""
    if access.auth == "basic":
        pair = f"{access.user}:{access.secret}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return headers


def fill_url(url: str, values: Mapping[str, str]) -> str:
    """An address with its tokens filled in, each escaped."""
    return fill(url, {k: quote(v, safe="") for k, v in values.items()})


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its tokens filled in."""
    return TOKEN.sub(lambda found: values[found[1]], text)


def _fill_json(value: Any, values: Mapping[str, str]) -> Any:
    """A JSON value with its tokens filled in; _OMIT for an empty one."""
    if isinstance(value, str):
        if found := NUMERIC.fullmatch(value):
            number = values[found[1]]
            return int(number) if number else _OMIT
        filled = fill(value, values)
        return _OMIT if not filled and _ONE_TOKEN.fullmatch(value) else filled
    if isinstance(value, dict):
        members = {name: _fill_json(one, values) for name, one in value.items()}
        return {name: one for name, one in members.items() if one is not _OMIT}
    if isinstance(value, list):
        entries = [_fill_json(one, values) for one in value]
        return [one for one in entries if one is not _OMIT]
    return value
