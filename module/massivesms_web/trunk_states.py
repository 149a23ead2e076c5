"""What each trunk is doing now, in one word and in a sentence.

Joins a trunk with its connections and with what it has used of its limits; every
page that shows a trunk's state asks here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from massivesms.domain import caps, connections
from massivesms.domain.caps import Full
from massivesms.domain.waiting import used_up
from massivesms.store import trunk_sessions, trunk_usage, trunks
from massivesms.store.db import Row, Transaction

from . import current


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection (slot) of a trunk; `state` is a word of look.TRUNK_LABELS."""

    number: int  # from 1, as people count
    state: str
    words: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a trunk and how much of it is used in the present period."""

    period: str
    cap: int
    used: int


@dataclass(frozen=True, slots=True)
class TrunkNow:
    """A trunk with its live state; `state` is a word of look.TRUNK_LABELS.

    `session` is the connection that speaks for it, `error` the one that had the
    last error; `wanted` is how many connections there are to be.
    """

    row: Row
    state: str
    words: str
    session: Row | None = None
    error: Row | None = None
    connections: Sequence[Connection] = ()
    wanted: int = 1
    limits: Sequence[Limit] = ()

    @property
    def ready(self) -> int:
        """How many of its connections can send."""
        return sum(c.state == "ready" for c in self.connections)


def used(tx: Transaction) -> dict[int, dict[str, int]]:
    """trunk -> period -> segments that it has used in the present period."""
    zone = current.settings().time_zone
    return trunk_usage.used_by_all(tx, datetime.now(UTC), zone)


def all_now(tx: Transaction) -> list[TrunkNow]:
    """Every trunk with its state, best priority first."""
    slots, usage = trunk_sessions.all_sessions(tx), used(tx)
    return [
        now(row, slots.get(row["id"], []), usage.get(row["id"]))
        for row in trunks.all_trunks(tx)
    ]


def one_now(tx: Transaction, row: Row) -> TrunkNow:
    """One trunk with its state."""
    return now(
        row, trunk_sessions.all_sessions(tx).get(row["id"], []), used(tx).get(row["id"])
    )


def now(
    row: Row, sessions: list[Row], used: Mapping[str, int] | None = None
) -> TrunkNow:
    """The state of one trunk and why it is so: that of its best connection."""
    used = used or {}
    slots = connections.present(sessions, row["settings"])
    session = connections.best(slots)
    state, words = _state(row, session, full_of(row, used))
    return TrunkNow(
        row,
        state,
        words,
        session=session,
        error=connections.last_error(sessions),
        connections=[_connection(slot) for slot in slots],
        wanted=max(connections.wanted(row["settings"]), len(slots)),
        limits=[
            Limit(period, getattr(row["caps"], period), used.get(period, 0))
            for period in row["caps"].set_periods
        ],
    )


def full_of(row: Row, used: Mapping[str, int]) -> Full | None:
    """The limit that a trunk has used up, or None."""
    zone = current.settings().time_zone
    return caps.full(row["caps"], used, datetime.now(UTC), zone)


def _state(row: Row, session: Row | None, full: Full | None) -> tuple[str, str]:
    if not row["active"]:
        return "off", ""
    if row["stopped_code"]:
        words = current.result_words(row["stopped_code"], row["stopped_detail"])
        return "stopped", words
    if session is None:
        return "idle", ""
    if session["state"] == "ready" and full:
        zone = current.settings().time_zone
        problem = used_up(row["name"], full, datetime.now(UTC), zone)
        return "waiting", current.say(problem)
    words = current.result_words(session["reason_code"], session["reason_detail"])
    return session["state"], words


def _connection(slot: Row) -> Connection:
    is_ready = slot["state"] == "ready"
    words = current.result_words(slot["reason_code"], slot["reason_detail"])
    return Connection(
        number=slot["slot"] + 1,
        state=connections.state_of(slot),
        words=words if slot["alive"] and not is_ready else "",
        since=slot["since"] if slot["alive"] else None,
    )
