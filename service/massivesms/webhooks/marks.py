"""By what a message of a person is known again when a provider tells it twice. Pure.

With the provider's id it is known for days. Its text is part of the mark: a gateway
that was reset begins to count again.
"""

from __future__ import annotations

import hashlib
import secrets

from ..domain.http_told import Written

MARK_OCTETS = 16


def mark_of(written: Written) -> bytes:
    """The same for the same message; without a provider's id never the same."""
    if not written.their_id:
        return secrets.token_bytes(MARK_OCTETS)
    return _hash(written.their_id, written.sender, written.text)


def digest_of(written: Written) -> bytes | None:
    """Of a message without an id: by it the same is known for some minutes."""
    if written.their_id:
        return None
    return _hash(written.sender, written.recipient, written.text)


def _hash(*parts: str) -> bytes:
    octets = "\0".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(octets).digest()[:MARK_OCTETS]
