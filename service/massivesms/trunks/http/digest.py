"""The answer to a Digest challenge (RFC 7616, RFC 2617), as SIM gateways ask. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from .request import Access

_PAIR = re.compile(r'([a-zA-Z0-9_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
_ALGORITHMS = {"md5": "md5", "sha-256": "sha256"}


def read_challenge(header: str) -> dict[str, str] | None:
    """The parts of a WWW-Authenticate header, None when it is no Digest of ours."""
    begin = header.lower().find("digest ")
    if begin < 0 or len(header) > 4096:
        return None
    found = {
        name.lower(): quoted or plain
        for name, quoted, plain in _PAIR.findall(header[begin + 7 :])
    }
    is_known = found.get("algorithm", "md5").lower() in _ALGORITHMS
    qops = [q.strip() for q in found.get("qop", "auth").split(",")]
    return found if "nonce" in found and is_known and "auth" in qops else None


def authorization(
    challenge: Mapping[str, str], access: Access, method: str, target: str, cnonce: str
) -> str:
    """The Authorization header; `target` is the path with its query."""
    algorithm = challenge.get("algorithm", "MD5")
    realm, nonce = challenge.get("realm", ""), challenge["nonce"]

    def digest(text: str) -> str:
        name = _ALGORITHMS[algorithm.lower()]
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    first = digest(f"{access.user}:{realm}:{access.secret}")
    second = digest(f"{method}:{target}")
    parts = {"username": access.user, "realm": realm, "nonce": nonce, "uri": target}
    plain = {}
    if "qop" in challenge:
        answer = digest(f"{first}:{nonce}:00000001:{cnonce}:auth:{second}")
        plain = {"qop": "auth", "nc": "00000001"}
        parts["cnonce"] = cnonce
    else:
        answer = digest(f"{first}:{nonce}:{second}")
    parts["response"] = answer
    if "opaque" in challenge:
        parts["opaque"] = challenge["opaque"]
    if "algorithm" in challenge:
        plain["algorithm"] = algorithm
    said = [f'{name}="{_quoted(value)}"' for name, value in parts.items()]
    said += [f"{name}={value}" for name, value in plain.items()]
    return "Digest " + ", ".join(said)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
