"""How often somebody may guess a password.

Counted in the database, by name and by address, so that every worker sees the
same numbers and a restart forgives nobody.
"""

from __future__ import annotations

from flask_babel import gettext as _

from massivesms import passwords
from massivesms.store import users, web_sessions
from massivesms.store.db import Row

from . import current

LIMIT_S = 15 * 60
TRIES_PER_NAME = 5
TRIES_PER_ADDRESS = 20
MAX_PASSWORD = 256  # argon2 works as long as the text is


def are_used_up(name: str) -> bool:
    """Whether a name or the present address has failed too often of late."""
    with current.db().transaction() as tx:
        by_name, by_address = web_sessions.attempts(
            tx, name, current.address(), LIMIT_S
        )
    return by_name >= TRIES_PER_NAME or by_address >= TRIES_PER_ADDRESS


def user_with(name: str, password: str) -> Row | None:
    """The active user when name and password are right, else None.

    A failed try is noted before the slow check, so that many tries at once do
    not all slip through below the limit.
    """
    with current.db().transaction() as tx:
        user = users.find(tx, name)
        web_sessions.record_attempt(tx, name, current.address())
    stored = user["password_hash"] if user and user["active"] else None
    if not passwords.matches(stored, password[:MAX_PASSWORD]) or user is None:
        return None
    with current.db().transaction() as tx:
        web_sessions.forgive(tx, name)
    return user


def wait_words() -> str:
    """What somebody is told who has tried too often."""
    return _(
        "Too many failed tries. Wait %(minutes)s minutes and try again.",
        minutes=LIMIT_S // 60,
    )
