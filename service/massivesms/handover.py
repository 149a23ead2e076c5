"""Whom the PBX hands over: the signed words of its menu, read and checked.

The PBX's page and this room share a key and nothing else. A token is a query
string; its signature is HMAC-SHA256 of exactly these bytes. Nothing in it is
believed before the signature is right. That a token is used only once is the
database's business (store/pbx_users.py).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import parse_qsl

from .domain.pbx_groups import MAX_GROUP, all_groups

VERSION = "1"
AUDIENCE = "massivesms"
MAX_TOKEN = 8192
MAX_LIFETIME_S = 60
SKEW_S = 10  # the PBX's web server may be another machine
MAX_NAME = 56  # with @issabel behind it, what the log of changes has room for
MAX_GROUPS = 200

_FIELDS = frozenset(
    (
        *("v", "aud", "source", "user", "uid", "ext", "admin", "groups", "privs"),
        *("known", "lang", "target", "iat", "exp", "nonce"),
    )
)
_UID = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
_EXTENSION = re.compile(r"[0-9*#+]{0,20}")
_PRIVILEGE = re.compile(r"[a-z_]{1,40}")
_WORD = re.compile(r"[A-Za-z_-]{0,20}")
_NONCE = re.compile(r"[0-9a-f]{32}")
_TIME = re.compile(r"[0-9]{1,12}")


class Refusal(StrEnum):
    """Why a token opens nothing; only the log says which."""

    SHAPE = "shape"
    SIGNATURE = "signature"
    AUDIENCE = "audience"
    SOURCE = "source"
    EXPIRED = "expired"
    USED = "used"
    ORIGIN = "origin"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody whom the PBX vouches for."""

    source: str
    name: str
    pbx_id: str
    extension: str
    groups: tuple[str, ...]  # by the names of the list: domain/pbx_groups.py
    known_groups: tuple[str, ...]  # of the PBX, when an administrator comes
    language: str
    target: str
    nonce_hash: bytes


def sign(token: bytes, key: bytes) -> str:
    """The signature of a token, in hexadecimal digits."""
    return hmac.new(key, token, hashlib.sha256).hexdigest()


def read(
    token: str, signature: str, key: bytes, source: str, now: float
) -> Visitor | Refusal:
    """The visitor of a token that `source` has signed and that holds now."""
    raw = token.encode("utf-8", "replace")
    if not raw or len(raw) > MAX_TOKEN:
        return Refusal.SHAPE
    given = signature.encode("utf-8", "replace")
    if not hmac.compare_digest(sign(raw, key).encode(), given):
        return Refusal.SIGNATURE
    words = _words(token)
    if words is None:
        return Refusal.SHAPE
    if (words["v"], words["aud"]) != (VERSION, AUDIENCE):
        return Refusal.AUDIENCE
    if not source or words["source"] != source:
        return Refusal.SOURCE
    issued, expires = int(words["iat"]), int(words["exp"])
    is_young = issued - SKEW_S <= now <= expires + SKEW_S
    if not is_young or not 0 < expires - issued <= MAX_LIFETIME_S:
        return Refusal.EXPIRED
    return _visitor(words)


def _words(token: str) -> dict[str, str] | None:
    """The fields of a token, each there once and of its form; None otherwise."""
    try:
        pairs = parse_qsl(
            token,
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=len(_FIELDS),
        )
    except ValueError:  # of this form or of this encoding it is not
        return None
    words = dict(pairs)
    if len(pairs) != len(_FIELDS) or set(words) != _FIELDS:
        return None
    name = words["user"]
    forms = (
        *((_UID, "uid"), (_EXTENSION, "ext"), (_WORD, "lang"), (_WORD, "target")),
        *((_TIME, "iat"), (_TIME, "exp"), (_NONCE, "nonce")),
    )
    is_well = (
        all(form.fullmatch(words[field]) for form, field in forms)
        and words["admin"] in ("0", "1")
        and 0 < len(name) <= MAX_NAME
        and name == name.strip()
        and name.isprintable()
    )
    return words if is_well else None


def _visitor(words: dict[str, str]) -> Visitor:
    privileges = [p for p in _lines(words["privs"]) if _PRIVILEGE.fullmatch(p)]
    return Visitor(
        source=words["source"],
        name=words["user"],
        pbx_id=words["uid"],
        extension=words["ext"],
        groups=all_groups(_lines(words["groups"]), privileges, words["admin"] == "1"),
        known_groups=all_groups(_lines(words["known"]), (), False),
        language=words["lang"].replace("-", "_").partition("_")[0].lower(),
        target=words["target"],
        nonce_hash=hashlib.sha256(words["nonce"].encode()).digest(),
    )


def _lines(text: str) -> list[str]:
    """The names of a list that are written one on a line, as far as they hold."""
    names = [line.strip() for line in text.split("\n")[:MAX_GROUPS]]
    return [n for n in names if 0 < len(n) <= MAX_GROUP and n.isprintable()]
