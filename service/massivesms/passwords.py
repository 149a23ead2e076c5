"""Passwords of the web module's users: argon2id, and refusing the guessable."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from .domain.permissions import check_password
from .domain.words import Problem

COMMONEST = frozenset(FREQUENCY_LISTS["passwords"][:30_000])

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified when there is no such user, so that both cases take as long."""
    return _hasher.hash("a password that nobody has")


def refusal(password: str, user_name: str) -> Problem | None:
    """Why a password may not be used, or None."""
    return check_password(password, user_name, COMMONEST)


def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return _hasher.hash(password)


def matches(stored_hash: str | None, password: str) -> bool:
    """Whether a password is the right one; None = no such user, as slow."""
    try:
        return _hasher.verify(stored_hash or _nobody(), password) and bool(stored_hash)
    except (VerificationError, InvalidHashError):
        return False
