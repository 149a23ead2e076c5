"""Events on their way to webhooks: put here by the transaction in which they happen.

Some of one kind that happen in one transaction are one row for each webhook that
wants them, whatever their number up to AT_ONCE: so a bulk of messages costs one
INSERT of few rows, and nothing when nobody wants to know.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ..domain import webhooks as rules
from ..domain.webhooks import Happened
from .db import Transaction

AT_ONCE = 100  # events of a row, and of a POST
KNOWN_FOR_S = 1.0
WHICH = "webhooks"  # what is remembered of them

WANTED = "SELECT id, events FROM webhook WHERE active = 1 ORDER BY id"


def wanted(tx: Transaction) -> Mapping[str, Sequence[int]]:
    """kind of event -> the webhooks that are told of it, as of a second ago at most."""
    found: Mapping[str, Sequence[int]]
    found = tx.remembered(WHICH, KNOWN_FOR_S, lambda: _wanted(tx))
    return found


def _wanted(tx: Transaction) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for webhook_id, events in tx.tuples(WANTED):
        for kind in events.split(","):
            found.setdefault(kind, []).append(webhook_id)
    return found


class Moved(NamedTuple):
    """Messages that came into a state for one reason; `turn` says what came first."""

    turn: int
    state: str
    code: str
    detail: str
    ids: Sequence[int]


ADD = """
INSERT INTO webhook_event (webhook_id, kind, code, detail, subjects, events, event_key,
                           at)
VALUES (%s, %s, %s, %s, %s, %s, %s, UTC_TIMESTAMP(3))"""


def changed(tx: Transaction, moved: Sequence[Moved]) -> None:
    """Messages have changed their states: called by counts.Changes.write alone."""
    wishes = wanted(tx) if moved else {}
    if not wishes:
        return
    rows: list[tuple[object, ...]] = []
    for one in moved:
        kind = rules.MESSAGE + one.state
        for webhook_id in wishes.get(kind, ()):
            more = _rows(webhook_id, kind, one.ids, one.code, one.detail)
            rows += [(one.turn, *row) for row in more]
    tx.insert_last(ADD, rows)


def add_inbound(tx: Transaction, inbound_id: int) -> None:
    """A message from a person has come in."""
    _add(tx, rules.INCOMING, [inbound_id])


def campaigns_finished(tx: Transaction, campaign_ids: Sequence[int]) -> None:
    """Nothing is left to send of these."""
    _add(tx, rules.CAMPAIGN_FINISHED, campaign_ids)


def trunk_stopped(tx: Transaction, trunk_id: int, code: str, detail: str) -> None:
    """The service has stopped a trunk that only a person can put right."""
    _add(tx, rules.TRUNK_STOPPED, [trunk_id], code, detail)


def _add(
    tx: Transaction, kind: str, ids: Sequence[int], code: str = "", detail: str = ""
) -> None:
    rows: list[tuple[object, ...]] = []
    for webhook_id in wanted(tx).get(kind, ()):
        rows += _rows(webhook_id, kind, ids, code, detail)
    tx.many(ADD, rows)


def _rows(
    webhook_id: int, kind: str, ids: Sequence[int], code: str, detail: str
) -> Iterable[tuple[object, ...]]:
    for at in range(0, len(ids), AT_ONCE):
        some = ids[at : at + AT_ONCE]
        subjects, key = ",".join(map(str, some)), secrets.token_hex(8)
        yield webhook_id, kind, code, detail[:255], subjects, len(some), key


FREE = f"""
SELECT id, events FROM webhook_event
WHERE webhook_id = %(webhook_id)s AND delivery_id = 0
ORDER BY id LIMIT {AT_ONCE}"""  # noqa: S608
ASSIGN = "UPDATE webhook_event SET delivery_id = %(delivery_id)s WHERE id IN %(ids)s"


def free(tx: Transaction, webhook_id: int) -> tuple[list[int], int]:
    """The rows of the next delivery, the oldest first, and how many events they are."""
    ids: list[int] = []
    total = 0
    for row_id, events in tx.tuples(FREE, {"webhook_id": webhook_id}):
        if total + events > AT_ONCE:
            break
        ids.append(row_id)
        total += events
    return ids, total


def assign(tx: Transaction, ids: Sequence[int], delivery_id: int) -> None:
    """These rows are that delivery's."""
    tx.execute(ASSIGN, {"ids": list(ids), "delivery_id": delivery_id})


OF_DELIVERY = """
SELECT kind, code, detail, subjects, event_key, at FROM webhook_event
WHERE webhook_id = %(webhook_id)s AND delivery_id = %(delivery_id)s ORDER BY id"""


def of_delivery(tx: Transaction, webhook_id: int, delivery_id: int) -> list[Happened]:
    """The events of a delivery, in the order in which they happened."""
    values = {"webhook_id": webhook_id, "delivery_id": delivery_id}
    return [
        Happened(f"evt_{key}{n:02}", kind, at, int(subject), code, detail)
        for kind, code, detail, subjects, key, at in tx.tuples(OF_DELIVERY, values)
        for n, subject in enumerate(subjects.split(","))
    ]


DROP = """
DELETE FROM webhook_event
WHERE webhook_id = %(webhook_id)s AND delivery_id IN %(deliveries)s"""


def drop(tx: Transaction, webhook_id: int, deliveries: Sequence[int]) -> None:
    """The events of these deliveries are told, or nobody wants them any more."""
    if deliveries:
        values = {"webhook_id": webhook_id, "deliveries": list(deliveries)}
        tx.execute(DROP, values)


OLDEST = """
SELECT id, events FROM webhook_event
WHERE webhook_id = %(webhook_id)s AND delivery_id = 0 AND id <= %(last)s
ORDER BY id LIMIT %(limit)s"""
OLD = f"""
SELECT id, events FROM (
  SELECT id, events, at FROM webhook_event
  WHERE webhook_id = %(webhook_id)s AND delivery_id = 0
  ORDER BY id LIMIT %(limit)s) oldest
WHERE at < UTC_TIMESTAMP(3) - INTERVAL {rules.GIVE_UP_S} SECOND"""  # noqa: S608
DELETE = "DELETE FROM webhook_event WHERE id IN %(ids)s"


def drop_free(tx: Transaction, webhook_id: int, last: int, limit: int) -> int:
    """Deletes some that wait for no delivery yet, up to an id; how many rows."""
    values = {"webhook_id": webhook_id, "last": last, "limit": limit}
    return len(_delete(tx, tx.tuples(OLDEST, values)))


def drop_old(tx: Transaction, webhook_id: int, limit: int) -> tuple[int, int]:
    """Deletes some that have waited for too long; how many rows and events."""
    found = tx.tuples(OLD, {"webhook_id": webhook_id, "limit": limit})
    events = _delete(tx, found)
    return len(events), sum(events)


def _delete(tx: Transaction, found: Iterable[tuple[int, int]]) -> list[int]:
    rows = list(found)
    if rows:
        tx.execute(DELETE, {"ids": [row_id for row_id, _ in rows]})
    return [events for _, events in rows]


LAST = "SELECT MAX(id) FROM webhook_event WHERE webhook_id = %(webhook_id)s"


def last(tx: Transaction, webhook_id: int) -> int:
    """The newest row of a webhook; 0 without any."""
    return int(tx.value(LAST, {"webhook_id": webhook_id}) or 0)


SHOWN_ROWS = 10_000
WAITING = f"""
SELECT COALESCE(SUM(events), 0), COUNT(*) FROM (
  SELECT events FROM webhook_event WHERE webhook_id = %(webhook_id)s
    AND delivery_id = 0 LIMIT {SHOWN_ROWS}) waiting"""  # noqa: S608


def waiting(tx: Transaction, webhook_id: int) -> tuple[int, bool]:
    """How many events wait for no delivery yet; whether there are more than that."""
    ((events, rows),) = tx.tuples(WAITING, {"webhook_id": webhook_id})
    return int(events), rows >= SHOWN_ROWS


FORGET = "DELETE FROM webhook_event WHERE webhook_id = %(webhook_id)s LIMIT %(limit)s"


def forget(tx: Transaction, webhook_id: int, limit: int) -> int:
    """Deletes some events of a webhook that is removed; how many rows."""
    return tx.execute(FORGET, {"webhook_id": webhook_id, "limit": limit})
