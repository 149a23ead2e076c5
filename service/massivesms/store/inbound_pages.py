"""Incoming messages for people: pages by key, newest first, and what was sent before.

A page reads one index in its order. What no index answers (a text, a day, a trunk)
is looked for among so many messages at a time, so that no page reads millions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from . import like
from .db import Database, Row, Transaction

LOOKED_THROUGH = 10_000  # messages, for one page
SLACK = timedelta(hours=1)  # ids and times of two connections are not in one order

COLUMNS = """
i.id, i.trunk_id, i.number, i.sender, i.recipient, i.text, i.parts, i.incomplete,
i.unreadable, i.kind, i.message_id, i.handled, i.received_at, m.state AS sent_state,
m.campaign_id AS sent_campaign_id, m.number AS sent_number,
COALESCE(m.text, c.text) AS sent_text,
COALESCE(m.submitted_at, m.created_at) AS sent_at,
c.name AS sent_campaign, c.removed AS sent_campaign_removed"""
JOINS = """
LEFT JOIN message m ON m.id = i.message_id
LEFT JOIN campaign c ON c.id = m.campaign_id"""
BY_ID = f"""
SELECT {COLUMNS} FROM inbound_message i {JOINS} WHERE i.id = %(id)s"""  # noqa: S608


def by_id(tx: Transaction, inbound_id: int) -> Row | None:
    """One message with the last one that was sent to its sender (sent_...), or None."""
    return tx.row(BY_ID, {"id": inbound_id})


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages of a page.

    Numbers are beginnings in E.164 such as +3460, `sender` the beginning of a name
    or of a short code; both moments have their time zone.
    """

    number_starts: Sequence[str] = ()
    sender: str = ""
    trunk_id: int | None = None
    text: str = ""
    start: datetime | None = None
    end: datetime | None = None
    handled: str | None = None
    kind: str | None = None  # message or call

    @property
    def is_slow(self) -> bool:
        """Whether there is something that no index answers."""
        others = (self.trunk_id, self.start, self.end, self.handled, self.kind)
        return bool(self.text) or any(one is not None for one in others)


@dataclass(frozen=True, slots=True)
class Page:
    """Some messages, and where the next ones begin (None: there are no others).

    `is_cut`: not all were looked through; there may be others further back.
    """

    rows: list[Row]
    next_before: int | None = None
    is_cut: bool = False


BY_NUMBER = ("number", ("number", "id"))
BY_SENDER = ("sender", ("sender", "id"))
BY_KEY = ("PRIMARY", ("id",))
AFTER = "SELECT id, number, sender FROM inbound_message WHERE id = %(before)s"


def page(
    tx: Transaction, wanted: Filter, *, before: int | None = None, limit: int = 50
) -> Page:
    """Messages before the one with an id, newest first."""
    index, keys = _way(wanted)
    clauses, values = _near(tx, wanted)
    if before:
        last = tx.row(AFTER, {"before": before})
        if last is None:
            return Page([])
        clauses.append(_beyond(keys))
        values.update({f"last_{key}": last[key] for key in keys})
    order = ", ".join(f"i.{key} DESC" for key in keys)
    where = "WHERE " + " AND ".join(clauses) if clauses else ""
    values["limit"] = limit + 1
    near = f"""
        SELECT i.id FROM inbound_message i FORCE INDEX ({index})
        {where} ORDER BY {order} LIMIT"""  # noqa: S608
    if not wanted.is_slow:
        found = f"{near} %(limit)s"
        return _cut(_rows(tx, found, order, values), limit)
    others = " AND ".join(_others(wanted, values))
    # Read in the order of the index: a sort of a few thousand ids at most.
    found = f"""
        SELECT i.id FROM ({near} {LOOKED_THROUGH}) near
        JOIN inbound_message i ON i.id = near.id
        WHERE {others} ORDER BY {order} LIMIT %(limit)s"""  # noqa: S608
    done = _cut(_rows(tx, found, order, values), limit)
    if done.next_before is not None:
        return done
    border = tx.value(f"{near} 1 OFFSET {LOOKED_THROUGH - 1}", values)
    return Page(done.rows, border, is_cut=border is not None)


def _rows(
    tx: Transaction, found: str, order: str, values: dict[str, object]
) -> list[Row]:
    sql = f"""
        SELECT {COLUMNS} FROM ({found}) found
        JOIN inbound_message i ON i.id = found.id {JOINS} ORDER BY {order}"""  # noqa: S608
    return tx.rows(sql, values)


def _cut(rows: list[Row], limit: int) -> Page:
    more = len(rows) > limit
    return Page(rows[:limit], rows[limit - 1]["id"] if more else None)


def _way(wanted: Filter) -> tuple[str, tuple[str, ...]]:
    if wanted.number_starts:
        return BY_NUMBER
    return BY_SENDER if wanted.sender else BY_KEY


def _beyond(keys: Sequence[str]) -> str:
    """The rows after the last one, spelt as an index can use it."""
    ways = []
    for n, key in enumerate(keys):
        same = [f"i.{k} = %(last_{k})s" for k in keys[:n]]
        ways.append(" AND ".join([*same, f"i.{key} < %(last_{key})s"]))
    return "(" + " OR ".join(ways) + ")"


FIRST_SINCE = """
SELECT id FROM inbound_message WHERE received_at >= %(at)s
ORDER BY received_at LIMIT 1"""
LAST_BEFORE = """
SELECT id FROM inbound_message WHERE received_at < %(at)s
ORDER BY received_at DESC LIMIT 1"""
NEVER = 2**63 - 1


def _near(tx: Transaction, wanted: Filter) -> tuple[list[str], dict[str, object]]:
    """What an index answers; where all are read, days as the ids of about then."""
    clauses: list[str] = []
    values: dict[str, object] = {}
    if wanted.number_starts:
        clauses.append(_starts("number", wanted.number_starts, values))
        return clauses, values
    if wanted.sender:
        clauses.append(_starts("sender", [wanted.sender], values))
        return clauses, values
    if wanted.start:
        at = {"at": _utc(wanted.start) - SLACK}
        clauses.append("i.id >= %(first)s")
        values["first"] = tx.value(FIRST_SINCE, at) or NEVER
    if wanted.end:
        at = {"at": _utc(wanted.end) + SLACK}
        clauses.append("i.id <= %(last)s")
        values["last"] = tx.value(LAST_BEFORE, at) or 0
    return clauses, values


def _starts(column: str, starts: Sequence[str], values: dict[str, object]) -> str:
    parts = []
    for n, start in enumerate(starts):
        parts.append(f"i.{column} LIKE %(start{n})s")
        values[f"start{n}"] = like.begins(start)
    return "(" + " OR ".join(parts) + ")"


def _others(wanted: Filter, values: dict[str, object]) -> list[str]:
    """What each message has to be looked at for."""
    clauses = []
    if wanted.trunk_id is not None:
        clauses.append("i.trunk_id = %(trunk_id)s")
        values["trunk_id"] = wanted.trunk_id
    if wanted.text:
        clauses.append("i.text LIKE %(text)s")
        values["text"] = like.holds(wanted.text)
    if wanted.start:
        clauses.append("i.received_at >= %(start)s")
        values["start"] = _utc(wanted.start)
    if wanted.end:
        clauses.append("i.received_at < %(end)s")
        values["end"] = _utc(wanted.end)
    if wanted.handled is not None:
        clauses.append("i.handled = %(handled)s")
        values["handled"] = wanted.handled
    if wanted.kind is not None:
        clauses.append("i.kind = %(kind)s")
        values["kind"] = wanted.kind
    return clauses


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def every(db: Database, wanted: Filter, *, batch: int = 1000) -> Iterator[Row]:
    """All of them, newest first, each batch in a transaction of its own."""
    before = None
    while True:
        with db.transaction() as tx:
            found = page(tx, wanted, before=before, limit=batch)
        yield from found.rows
        before = found.next_before
        if before is None:
            return


LAST_OF_ALL = "SELECT id FROM inbound_message ORDER BY id DESC LIMIT 1"


def is_empty(tx: Transaction) -> bool:
    """Whether nothing has ever come in."""
    return tx.value(LAST_OF_ALL) is None
