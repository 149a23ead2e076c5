"""Messages: putting them in the queue, and reading them for people.

The engine's side, claim and settle, is in store/claims.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from . import counts, erased
from .db import Row, Transaction

LANE_EXPRESS = 0  # a person waits for the outcome
LANE_AGAIN = 1  # was claimed before: retried, sent back, given to the next trunk
LANE_NORMAL = 2
INSERT_BATCH = 2000
NO_ANSWER = 0
ANSWER = 1  # to an incoming message: leaves outside the sending hours too
CONFIRMATION = 2  # of an opt-out: goes out although its number has opted out


@dataclass(frozen=True, slots=True)
class NewMessage:
    """One message to enqueue; text None = the campaign's."""

    number: str
    is_local: bool
    segments: int
    text: str | None = None


INSERT = """
INSERT INTO message (campaign_id, number, is_local, text, segments, import_id,
                     created_at)
VALUES (%s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""
REOPEN = "UPDATE campaign SET open = 1 WHERE id = %(campaign_id)s"


def enqueue(
    tx: Transaction,
    campaign_id: int,
    messages: Iterable[NewMessage],
    import_id: int | None = None,
) -> int:
    """Puts messages of a campaign in the queue; how many."""
    total = segments = 0
    batch: list[tuple[object, ...]] = []
    for message in messages:
        batch.append(
            (
                campaign_id,
                message.number,
                int(message.is_local),
                message.text,
                message.segments,
                import_id,
            )
        )
        total += 1
        segments += message.segments
        if len(batch) == INSERT_BATCH:
            tx.many(INSERT, batch)
            batch.clear()
    tx.many(INSERT, batch)
    _booked(tx, campaign_id, total, segments)
    return total


FROM_LIST = """
INSERT INTO message (campaign_id, number, is_local, segments, import_id, created_at)
SELECT %(campaign_id)s, number, is_local, %(segments)s, %(import_id)s, UTC_TIMESTAMP(3)
FROM contact WHERE list_id = %(list_id)s AND excluded = 0"""
NOT_ERASED = " AND number NOT IN %(erased)s"


def enqueue_list(
    tx: Transaction, campaign_id: int, list_id: int, segments: int, import_id: int
) -> int:
    """Puts one message to each included contact of a list in the queue; how many."""
    gone = erased.in_list(tx, list_id)
    total = tx.execute(
        FROM_LIST + (NOT_ERASED if gone else ""),
        {
            "erased": gone,
            "campaign_id": campaign_id,
            "list_id": list_id,
            "segments": segments,
            "import_id": import_id,
        },
    )
    _booked(tx, campaign_id, total, total * segments)
    return total


INSERT_SINGLE = """
INSERT INTO message (campaign_id, number, is_local, text, sender_id, segments, lane,
                     route_trunk_id, pinned, created_by, answer, created_at)
VALUES (%(campaign_id)s, %(number)s, %(is_local)s, %(text)s, %(sender_id)s,
        %(segments)s, %(lane)s, %(route_trunk_id)s, %(pinned)s, %(created_by)s,
        %(answer)s, UTC_TIMESTAMP(3))"""


def enqueue_single(
    tx: Transaction,
    message: NewMessage,
    *,
    campaign_id: int,
    trunk_id: int | None = None,
    sender_id: str | None = None,
    express: bool = False,
    created_by: str | None = None,
    answer: int = NO_ANSWER,
) -> int:
    """Puts one message in the output queue or a campaign; its id.

    StoreError when the number was erased.
    """
    erased.refuse(tx, [message.number])
    message_id = tx.insert(
        INSERT_SINGLE,
        {
            "campaign_id": campaign_id,
            "number": message.number,
            "is_local": int(message.is_local),
            "text": message.text,
            "sender_id": sender_id or None,
            "segments": message.segments,
            "lane": LANE_EXPRESS if express else LANE_NORMAL,
            "route_trunk_id": trunk_id or 0,
            "pinned": int(trunk_id is not None),
            "created_by": created_by[:64] if created_by else None,
            "answer": answer,
        },
    )
    _booked(tx, campaign_id, 1, message.segments)
    return message_id


def _booked(tx: Transaction, campaign_id: int, total: int, segments: int) -> None:
    if total:
        changes = counts.Changes()
        changes.add(campaign_id, "queued", 0, total, segments)
        changes.write(tx)
        tx.execute(REOPEN, {"campaign_id": campaign_id})


COLUMNS = """
m.id, m.campaign_id, m.state, m.number, m.is_local, COALESCE(m.text, c.text) AS text,
COALESCE(m.sender_id, c.sender_id) AS sender_id, m.segments, m.trunk_id,
m.route_trunk_id, m.pinned, m.lane, m.due_at, m.created_at, m.submitted_at,
m.settled_at, m.attempts, m.tried_trunks, m.result_code, m.result_detail,
m.smsc_message_id, c.name AS campaign, c.removed AS campaign_removed"""
FROM = "FROM message m JOIN campaign c ON c.id = m.campaign_id"

BY_ID = f"SELECT {COLUMNS} {FROM} WHERE m.id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, message_id: int) -> Row | None:
    """One message or None, with `smsc_message_ids` as a list."""
    found = with_ids(tx, tx.rows(BY_ID, {"id": message_id}))
    return found[0] if found else None


SEGMENT_IDS = """
SELECT message_id, smsc_message_id FROM segment
WHERE message_id IN %(ids)s ORDER BY message_id, position"""


def with_ids(tx: Transaction, rows: list[Row]) -> list[Row]:
    """Adds `smsc_message_ids`, one id per accepted segment, to message rows."""
    by_message: dict[int, list[str]] = {row["id"]: [] for row in rows}
    several = [row["id"] for row in rows if row["segments"] > 1]
    if several:
        for message_id, smsc_message_id in tx.tuples(SEGMENT_IDS, {"ids": several}):
            by_message[message_id].append(smsc_message_id)
    for row in rows:
        own = row["smsc_message_id"]
        row["smsc_message_ids"] = by_message[row["id"]] or ([own] if own else [])
    return rows


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages of a page; numbers are beginnings in E.164 such as +3460."""

    campaign_id: int | None = None
    state: str | None = None
    number_starts: Sequence[str] = ()
    newest_first: bool = False


AFTER = """
SELECT id, number, route_trunk_id, lane, due_at FROM message WHERE id = %(after)s"""
#: Each way to page: the index that is read in its order, and that order.
BY_STATE = ("claim", ("route_trunk_id", "lane", "due_at", "id"))
BY_NUMBER = ("number", ("number", "id"))
BY_CAMPAIGN_NUMBER = ("campaign_number", ("number", "id"))
BY_CAMPAIGN = ("campaign_page", ("id",))
BY_KEY = ("PRIMARY", ("id",))
#: So few messages of a state are sorted by number; of more, one is soon found.
FEW_OF_STATE = 20_000
FEW_BY_NUMBER = ("claim", ("number", "id"))


def page(
    tx: Transaction, wanted: Filter, *, after: int | None = None, limit: int = 50
) -> list[Row]:
    """Messages, those that come after the one with an id (0 = none) for the next page.

    Read in the order of one index, so that no page of millions sorts or skips:
    by id; with numbers by number; with a state (looked for within one campaign
    only) in the order of sending, which is by id but for those tried again.
    """
    index, keys = _way(tx, wanted)
    clauses, values = _conditions(wanted)
    if after:
        last = tx.row(AFTER, {"after": after})
        if last is None:
            return []  # deleted with its campaign
        clauses.append(_beyond(keys, "<" if wanted.newest_first else ">"))
        values.update(last)
    direction = "DESC" if wanted.newest_first else "ASC"
    order = ", ".join(f"m.{key} {direction}" for key in keys)
    where = "WHERE " + " AND ".join(clauses) if clauses else ""
    found = f"""
        SELECT m.id FROM message m FORCE INDEX ({index})
        {where} ORDER BY {order} LIMIT %(limit)s"""  # noqa: S608
    sql = f"""
        SELECT {COLUMNS} FROM ({found}) found JOIN message m ON m.id = found.id
        JOIN campaign c ON c.id = m.campaign_id ORDER BY {order}"""  # noqa: S608
    return with_ids(tx, tx.rows(sql, {**values, "limit": limit}))


def _way(tx: Transaction, wanted: Filter) -> tuple[str, tuple[str, ...]]:
    if wanted.campaign_id is None:
        return BY_NUMBER if wanted.number_starts else BY_KEY
    if wanted.number_starts:
        if wanted.state is None:
            return BY_CAMPAIGN_NUMBER
        of_state = counts.by_state(tx, wanted.campaign_id).get(wanted.state, (0, 0))
        return FEW_BY_NUMBER if of_state[0] <= FEW_OF_STATE else BY_CAMPAIGN_NUMBER
    return BY_CAMPAIGN if wanted.state is None else BY_STATE


def _beyond(keys: Sequence[str], sign: str) -> str:
    """The rows after the last one: (a, b) > (x, y), spelt as an index can use it."""
    ways = []
    for n, key in enumerate(keys):
        same = [f"m.{k} = %({k})s" for k in keys[:n]]
        ways.append(" AND ".join([*same, f"m.{key} {sign} %({key})s"]))
    return "(" + " OR ".join(ways) + ")"


def _conditions(wanted: Filter) -> tuple[list[str], dict[str, object]]:
    clauses: list[str] = []
    values: dict[str, object] = {}
    if wanted.campaign_id is not None:
        clauses.append("m.campaign_id = %(campaign_id)s")
        values["campaign_id"] = wanted.campaign_id
        if wanted.state is not None:
            clauses.append("m.state = %(state)s")
            values["state"] = wanted.state
    if wanted.number_starts:
        parts = []
        for n, start in enumerate(wanted.number_starts):
            parts.append(f"m.number LIKE %(start{n})s")
            values[f"start{n}"] = start.replace("%", "").replace("_", "") + "%"
        clauses.append("(" + " OR ".join(parts) + ")")
    return clauses, values


CANCEL = """
UPDATE message SET state = 'cancelled', settled_at = UTC_TIMESTAMP(3),
  result_code = 'cancelled', result_detail = %(by)s
WHERE id = %(id)s AND state = 'queued'"""


def cancel(tx: Transaction, message: Row, by: str) -> bool:
    """Takes a waiting message out of the queue; False when it is no longer there."""
    if not tx.execute(CANCEL, {"id": message["id"], "by": by[:255]}):
        return False
    changes = counts.Changes()
    moved = (message["campaign_id"], 0, "queued", "cancelled", 1, message["segments"])
    changes.move(*moved, ids=[message["id"]], code="cancelled")
    changes.write(tx)
    return True


PURGEABLE = """
SELECT id FROM message WHERE campaign_id = %(campaign_id)s AND state <> 'submitting'
LIMIT %(limit)s"""
PURGE_SEGMENTS = "DELETE FROM segment WHERE message_id IN %(ids)s"
PURGE = "DELETE FROM message WHERE id IN %(ids)s AND state <> 'submitting'"


def purge(tx: Transaction, campaign_id: int, limit: int) -> int:
    """Deletes some messages of a removed campaign; 0 when none can be deleted."""
    found = tx.tuples(PURGEABLE, {"campaign_id": campaign_id, "limit": limit})
    ids = [message_id for (message_id,) in found]
    if ids:
        tx.execute(PURGE_SEGMENTS, {"ids": ids})
        tx.execute(PURGE, {"ids": ids})
    return len(ids)
