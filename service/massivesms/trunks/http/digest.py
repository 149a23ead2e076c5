"""The answer to a Digest challenge (RFC 7616, RFC 2617), as SIM gateways ask."""

from __future__ import annotations

import hashlib
import re
import secrets
import threading
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
    challenge: Mapping[str, str],
    access: Access,
    method: str,
    target: str,
    cnonce: str,
    count: int = 1,
) -> str:
    """The Authorization header; `target` is the path with its query.

    `count` is how often the challenge's nonce has been answered, with this time.
    """
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
        times = f"{count:08x}"
        answer = digest(f"{first}:{nonce}:{times}:{cnonce}:auth:{second}")
        plain = {"qop": "auth", "nc": times}
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


class Challenge:
    """One challenge of a server, and how often its nonce was answered."""

    def __init__(self, parts: Mapping[str, str]) -> None:
        self.parts = parts
        self.is_stale = parts.get("stale", "").lower() == "true"
        self.count = 0


class Challenges:
    """The last challenge of each server, so that not every message is asked twice.

    Shared by the threads of requests.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Challenge] = {}  # by server

    def learn(self, server: str, header: str) -> Challenge | None:
        """Keeps a server's challenge; None when it is none that we can answer."""
        parts = read_challenge(header)
        with self._lock:
            before = self._known.pop(server, None)
            if parts is None:
                return None
            found = Challenge(parts)
            if before is not None and before.parts["nonce"] == parts["nonce"]:
                found.count = before.count
            self._known[server] = found
            return found

    def last(self, server: str) -> Challenge | None:
        """The challenge that the server gave last."""
        with self._lock:
            return self._known.get(server)

    def answer(
        self, challenge: Challenge, access: Access, method: str, target: str
    ) -> str:
        """The Authorization header for a request."""
        with self._lock:
            challenge.count += 1
            count = challenge.count
        cnonce = secrets.token_hex(8)
        return authorization(challenge.parts, access, method, target, cnonce, count)


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
