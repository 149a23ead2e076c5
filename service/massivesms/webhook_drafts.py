"""What a person enters of a webhook, ready to be stored; its secret and its test.

The pages and the command line share this. The secret and the own headers are
encrypted here, and nowhere shown again but once when the secret is made.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime

from .domain import webhooks as rules
from .domain.own_hosts import OwnHosts
from .domain.webhooks import Draft
from .domain.words import Problem
from .errors import ConfigError
from .store.db import Row
from .store.webhook_deliveries import Try
from .store.webhooks import Stored
from .vault import Vault
from .webhooks import bodies, posting, signing

BOTH_S = 24 * 3600  # so long the secret before this one signs too
_HEADER = "header:"


def new(draft: Draft, vault: Vault) -> tuple[Stored, str] | dict[str, Problem]:
    """A new webhook with its secret, or what is wrong with it by field."""
    if problems := rules.check(draft):
        return problems
    secret = signing.new_secret()
    return _stored(draft, vault, {"secret": secret}, draft.headers or {}), secret


def changed(draft: Draft, vault: Vault, row: Row) -> Stored | dict[str, Problem]:
    """A webhook as it is to be; its headers stay when the draft has None.

    Raises ConfigError when its secrets cannot be read with this key file.
    """
    if problems := rules.check(draft):
        return problems
    kept = vault.open(row["secrets"])
    own = _headers(kept) if draft.headers is None else draft.headers
    rest = {name: v for name, v in kept.items() if not name.startswith(_HEADER)}
    return _stored(draft, vault, rest, own)


def _stored(
    draft: Draft, vault: Vault, rest: Mapping[str, str], own: Mapping[str, str]
) -> Stored:
    sealed = {**rest, **{_HEADER + name: value for name, value in own.items()}}
    return Stored(
        name=draft.name.strip(),
        url=draft.url,
        events=rules.in_order(draft.events),
        with_texts=draft.with_texts,
        active=draft.active,
        secrets=vault.seal(sealed),
        header_names=list(own),
        has_new_headers=draft.headers is not None,
    )


def renewed(row: Row, vault: Vault) -> tuple[bytes, str]:
    """The sealed secrets with a fresh secret, and that; the one before signs on."""
    secret = signing.new_secret()
    try:
        kept = vault.open(row["secrets"])
    except ConfigError:  # of another key file: nothing of it can be kept
        return vault.seal({"secret": secret}), secret
    until = str(int(time.time()) + BOTH_S)
    kept = {**kept, "old": kept["secret"], "old_until": until, "secret": secret}
    return vault.seal(kept), secret


def post(row: Row, vault: Vault, key: str, body: bytes, now_s: float) -> posting.Post:
    """A signed POST to a webhook. Raises ConfigError when its secret is unreadable."""
    opened = vault.open(row["secrets"])
    keys = [opened["secret"]]
    if float(opened.get("old_until", 0)) > now_s:
        keys.append(opened["old"])
    signed = signing.headers(keys, key, int(now_s), body)
    return posting.Post(row["url"], body, {**_headers(opened), **signed})


def _headers(opened: Mapping[str, str]) -> dict[str, str]:
    return {
        name.removeprefix(_HEADER): value
        for name, value in opened.items()
        if name.startswith(_HEADER)
    }


def try_out(row: Row, vault: Vault, own: OwnHosts) -> tuple[str, Try]:
    """Sends a test now; its id and what came of it. Takes ten seconds at most."""
    key, now = f"dlv_{secrets.token_hex(10)}", datetime.now(UTC)
    told = [bodies.test_event(f"evt_{secrets.token_hex(9)}", now)]
    try:
        made = post(row, vault, key, bodies.body(key, "test", now, told), time.time())
    except ConfigError:
        return key, Try(None, "secret_unreadable", "", 0)
    answer = posting.send(made, own)
    return key, Try(answer.status, answer.code, answer.detail, answer.took_ms)
