"""Messages as people read them: their columns, and the operator's ids."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from .db import Row, Transaction

COLUMNS = """
m.id, m.campaign_id, m.state, m.number, m.is_local, COALESCE(m.text, c.text) AS text,
COALESCE(m.sender_id, c.sender_id) AS sender_id, m.segments, m.trunk_id,
m.route_trunk_id, m.pinned, m.lane, m.due_at, m.created_at, m.submitted_at,
m.settled_at, m.attempts, m.tried_trunks, m.result_code, m.result_detail,
m.smsc_message_id, COALESCE(m.created_by, c.created_by) AS written_by,
c.name AS campaign, c.removed AS campaign_removed"""
IDS_AT_ONCE = 900  # longer lists MariaDB turns into tables
FROM = "FROM message m JOIN campaign c ON c.id = m.campaign_id"

BY_ID = f"SELECT {COLUMNS} {FROM} WHERE m.id = %(id)s"  # noqa: S608


def by_id(tx: Transaction, message_id: int) -> Row | None:
    """One message or None, with `smsc_message_ids` as a list."""
    found = with_ids(tx, tx.rows(BY_ID, {"id": message_id}))
    return found[0] if found else None


# Right after a large load the server takes a campaign for a small one, and would read
# all of its messages to find those of the ids.
BY_IDS = f"""
SELECT {COLUMNS} FROM message m FORCE INDEX (PRIMARY)
STRAIGHT_JOIN campaign c ON c.id = m.campaign_id WHERE m.id IN %(ids)s"""  # noqa: S608


def by_ids(tx: Transaction, ids: Sequence[int]) -> list[Row]:
    """Messages in the order of their ids here; without those that are gone."""
    rows: list[Row] = []
    for at in range(0, len(ids), IDS_AT_ONCE):
        some = ids[at : at + IDS_AT_ONCE]
        found = {row["id"]: row for row in tx.rows(BY_IDS, {"ids": some})}
        rows += with_ids(tx, [found[one] for one in some if one in found])
    return rows


ABOUT = "SELECT created_at FROM message WHERE id <= %(id)s ORDER BY id DESC LIMIT 1"


def created_about(tx: Transaction, message_id: int) -> datetime | None:
    """When messages about an id were created, though itself may be gone."""
    found: datetime | None = tx.value(ABOUT, {"id": message_id})
    return found


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
