"""From a provider's description to the request of a question. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from ...domain.http_provider import TOKEN, Provider
from ...domain.http_questions import NUMBER_LIST, TEXT_LIST, TOKENS, Questions
from .request import Access, Request, fill, fill_url, sign_in


def receipts_request(
    provider: Provider, questions: Questions, access: Access, ids: Sequence[str]
) -> Request:
    """What became of some messages."""
    values = {**_values(access), "id": ids[0], "ids": ",".join(ids)}
    url = fill_url(questions.url, values)
    headers = _headers(provider, access)
    if questions.document is not None:
        document = _fill_json(questions.document, values, ids)
        headers.setdefault("Content-Type", "application/json")
        return Request("POST", url, headers, json.dumps(document).encode())
    if not questions.pairs:
        return Request("GET", url, headers, None)
    pairs = [(name, fill(value, values)) for name, value in questions.pairs]
    headers.setdefault("Content-Type", "application/x-www-form-urlencoded")
    return Request("POST", url, headers, urlencode(pairs).encode())


def inbox_request(provider: Provider, questions: Questions, access: Access) -> Request:
    """What people wrote."""
    url = fill_url(questions.inbox_url, _values(access))
    return Request("GET", url, _headers(provider, access), None)


def _values(access: Access) -> dict[str, str]:
    return {"user": access.user, "secret": access.secret}


def _headers(provider: Provider, access: Access) -> dict[str, str]:
    """Those of messages that have nothing of a message in them."""
    values = _values(access)
    headers = {
        name: fill(value, values)
        for name, value in provider.headers
        if set(TOKEN.findall(value)) <= set(TOKENS)
    }
    return sign_in(headers, access)


def _fill_json(value: Any, values: Mapping[str, str], ids: Sequence[str]) -> Any:
    if value == NUMBER_LIST:
        return [int(one) for one in ids if one.isascii() and one.isdecimal()]
    if value == TEXT_LIST:
        return list(ids)
    if isinstance(value, str):
        return fill(value, values)
    if isinstance(value, dict):
        return {name: _fill_json(one, values, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_fill_json(one, values, ids) for one in value]
    return value
