"""Secrets at rest: trunk passwords, encrypted with a key from the key file.

One master key gives others by HKDF (RFC 5869): one that encrypts here, one that
hashes erased numbers, one that hashes refused PINs, one that signs the web's forms.
None is ever stored.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .domain.words import N_, Problem
from .errors import ConfigError


def derive(master: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose, from the master key."""
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(master)


def token_hash(token: str) -> str:
    """What is stored of a long random token, which needs no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_token(given: str, stored_hash: str) -> bool:
    """Whether a token is the stored one; takes the same time whatever it is."""
    return bool(stored_hash) and hmac.compare_digest(token_hash(given), stored_hash)


class NumberHash:
    """The keyed hash of a number (E.164): by it an erased one is known again.

    The key is read at the first use. Without it nobody finds out by trying which
    numbers the hashes stand for.
    """

    def __init__(self, master: Callable[[], bytes]) -> None:
        self._master = master
        self._key = b""

    def __call__(self, number: str) -> bytes:
        """32 bytes; the same for the same number as long as the key file is kept."""
        self._key = self._key or derive(self._master(), "erased numbers")
        return hmac.digest(self._key, number.encode(), "sha256")


class PinHash:
    """The keyed hash of a SIM card with a PIN that it refused.

    A PIN has few digits: without the key it could be found by trying them all.
    """

    def __init__(self, master: Callable[[], bytes]) -> None:
        self._master = master

    def __call__(self, card: str, pin: str) -> bytes:
        """32 bytes; the same for the same two as long as the key file is kept."""
        key = derive(self._master(), "refused pins")
        return hmac.digest(key, f"{card} {pin}".encode(), "sha256")


class Vault:
    """Encrypts and decrypts small dictionaries of text."""

    def __init__(self, master: bytes) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derive(master, "trunk secrets")))

    def seal(self, secrets: Mapping[str, str]) -> bytes:
        """The encrypted form, for the database."""
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode())

    def open(self, sealed: bytes | None) -> dict[str, str]:
        """The secrets again; ConfigError when the key file is another one."""
        if not sealed:
            return {}
        try:
            opened: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken as error:
            raise ConfigError(
                Problem(
                    "key_other",
                    N_(
                        "A stored password was encrypted with another key file."
                        " Put the old key file back, or enter the password again."
                    ),
                )
            ) from error
        return opened
