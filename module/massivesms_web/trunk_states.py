"""What each trunk is doing now, in one word and in a sentence.

Joins a trunk with its session; every page that shows a trunk's state asks here.
"""

from __future__ import annotations

from dataclasses import dataclass

from massivesms.store import trunk_sessions, trunks
from massivesms.store.db import Row, Transaction

from . import current


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """A trunk with its live state; `state` is a word of look.TRUNK_LABELS."""

    row: Row
    session: Row | None
    state: str
    words: str


def all_now(tx: Transaction) -> list[TrunkNow]:
    """Every trunk with its state, best priority first."""
    sessions = trunk_sessions.all_sessions(tx)
    return [now(row, sessions.get(row["id"])) for row in trunks.all_trunks(tx)]


def now(row: Row, session: Row | None) -> TrunkNow:
    """The state of one trunk and why it is so."""
    if not row["active"]:
        return TrunkNow(row, session, "off", "")
    if row["stopped_code"]:
        words = current.result_words(row["stopped_code"], row["stopped_detail"])
        return TrunkNow(row, session, "stopped", words)
    if session is None or not session["alive"]:
        return TrunkNow(row, session, "idle", "")
    words = current.result_words(session["reason_code"], session["reason_detail"])
    return TrunkNow(row, session, session["state"], words)
