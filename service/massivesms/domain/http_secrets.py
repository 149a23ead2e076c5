"""Secrets in what is shown and in what a person writes where all can read it. Pure.

A provider's answer may repeat a secret in any form; and a person may write one into
the address or the fields, which are shown on the trunk's page and kept in the audit.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, quote_plus, urlsplit

from .words import N_, Problem, problem_from

HIDDEN = "***"
LEAST_SECRET = 4  # characters; a shorter one stands in every second word
LEAST_WORD = 12  # of the others: one to verify an address may be an ordinary word
#: Names of fields and headers that hold secrets wherever they are.
_SECRET_NAME = re.compile(
    r"pass(w(or)?d)?|pwd|contrase.a|clave|secret|token|authorization"
    r"|api[_-]?key|access[_-]?key|auth[_-]?key|(x[_-])?key|signature|pin",
    re.IGNORECASE,
)
_SECRET_ENDS = re.compile(
    r".*[_-](pass(w(or)?d)?|pwd|secret|token|key|pin)|.*(passwo?r?d|secret|apikey|token)",
    re.IGNORECASE,
)
_HARMLESS = re.compile(r".*(deduplication|idempotency|template|message|public)[_-]key")

PROBLEMS = {
    "secret_written": N_(
        "This would show a secret to everybody who may see the trunk: put it in the"
        " field of passwords and write {secret} here, also {user} for the other half."
    ),
    "token_at_end": N_(
        "This would show the token to everybody who may see the trunk: write the"
        " address without it; it is put at the end when a message is sent."
    ),
}


def hide(text: str, secrets: Iterable[str], user: str = "") -> str:
    """A text without secrets, however they were written."""
    forms: set[str] = set()
    for secret in secrets:
        if secret:
            pair = base64.b64encode(f"{user}:{secret}".encode()).decode()
            forms |= {secret, quote(secret, safe=""), quote(secret), quote_plus(secret)}
            forms |= {pair, json.dumps(secret)[1:-1]}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, HIDDEN)
    return text


def check_written(
    settings: Mapping[str, str], keys: Iterable[str], secret_keys: Iterable[str]
) -> dict[str, Problem]:
    """Settings of addresses, fields and headers that hold a secret themselves."""
    least = dict.fromkeys(secret_keys, LEAST_WORD) | {"secret": LEAST_SECRET}
    secrets = [settings[key] for key, n in least.items() if len(settings[key]) >= n]
    return {
        key: problem_from(PROBLEMS, _problem_of(key))
        for key in keys
        if any(secret in settings[key] for secret in secrets)
        or any(_is_secret(name, value) for name, value in _pairs(key, settings[key]))
    }


def _problem_of(key: str) -> str:
    return "token_at_end" if key == "receipts_url" else "secret_written"


def _is_secret(name: str, value: str) -> bool:
    """Whether a value that everybody could read is one by its name."""
    if not value or "{" in value or _HARMLESS.fullmatch(name.lower()):
        return False
    return bool(_SECRET_NAME.fullmatch(name) or _SECRET_ENDS.fullmatch(name))


def _pairs(key: str, written: str) -> list[tuple[str, str]]:
    """The names and values in a setting."""
    if key == "headers":
        entries = (entry.partition(":") for entry in written.split("|"))
        return [(name.strip(), value.strip()) for name, _, value in entries]
    if key == "receipts_url":
        return []  # ours: what Twilio is to call may have a name and a password
    if key.endswith("url"):
        return parse_qsl(urlsplit(written).query)
    try:
        return _members(json.loads(written))
    except (ValueError, RecursionError):
        entries = (entry.partition("=") for entry in written.split("&"))
        return [(name, value) for name, _, value in entries]


def _members(value: Any) -> list[tuple[str, str]]:
    """All members of a JSON value that are texts or numbers, however deep."""
    if isinstance(value, list):
        return [pair for one in value for pair in _members(one)]
    if not isinstance(value, dict):
        return []
    found: list[tuple[str, str]] = []
    for name, one in value.items():
        if isinstance(one, str | int) and not isinstance(one, bool):
            found.append((name, str(one)))
        found += _members(one)
    return found
