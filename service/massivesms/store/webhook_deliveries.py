"""Deliveries to webhooks: which is next, what came of each try, and the log of them.

The order: the oldest that waits goes first, and nothing before it, except when the
target refuses that one again and again; then it stands aside and is tried later.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..domain import webhooks as rules
from . import audit, webhook_outbox, webhooks
from .audit import Actor
from .db import Database, Row, Transaction

KEEP_DAYS = 7  # how long the log is kept, and what was given up can be sent again
BATCH = 2000

COLUMNS = """
id, webhook_id, delivery_key, kind, state, aside, events, attempts, due_at, http_status,
took_ms, result_code, result_detail, created_at, tried_at, finished_at"""
NEXT = f"""
SELECT {COLUMNS} FROM webhook_delivery
WHERE webhook_id = %(id)s AND state = 'waiting' AND aside = 0
ORDER BY id LIMIT 1"""  # noqa: S608
ASIDE = f"""
SELECT {COLUMNS} FROM webhook_delivery
WHERE webhook_id = %(id)s AND state = 'waiting' AND aside = 1
  AND due_at <= UTC_TIMESTAMP(3) ORDER BY id LIMIT 1"""  # noqa: S608


def next_one(tx: Transaction, webhook: Row) -> Row | None:
    """The delivery to try now, made up of waiting events when it must be.

    One that stands aside has its turn when the target is well, or nothing else is
    there.
    """
    values = {"id": webhook["id"]}
    aside = tx.row(ASIDE, values)
    if aside is not None and not webhook["failures"]:
        return aside
    return tx.row(NEXT, values) or _make_up(tx, webhook["id"]) or aside


INSERT = """
INSERT INTO webhook_delivery (webhook_id, delivery_key, kind, events, due_at,
                              created_at)
VALUES (%(webhook_id)s, %(delivery_key)s, %(kind)s, %(events)s, UTC_TIMESTAMP(3),
        UTC_TIMESTAMP(3))"""
BY_ID = f"SELECT {COLUMNS} FROM webhook_delivery WHERE id = %(id)s"  # noqa: S608


def _make_up(tx: Transaction, webhook_id: int) -> Row | None:
    ids, events = webhook_outbox.free(tx, webhook_id)
    if not ids:
        return None
    delivery_id = _insert(tx, webhook_id, "events", events)
    webhook_outbox.assign(tx, ids, delivery_id)
    return by_id(tx, delivery_id)


def _insert(tx: Transaction, webhook_id: int, kind: str, events: int) -> int:
    values = {
        "webhook_id": webhook_id,
        "delivery_key": f"dlv_{secrets.token_hex(10)}",
        "kind": kind,
        "events": events,
    }
    return tx.insert(INSERT, values)


def by_id(tx: Transaction, delivery_id: int) -> Row | None:
    """One delivery or None."""
    return tx.row(BY_ID, {"id": delivery_id})


AGE = "SELECT TIMESTAMPDIFF(SECOND, %(at)s, UTC_TIMESTAMP(3))"


def age_s(tx: Transaction, at: datetime) -> int:
    """How long ago a moment of the database is, by its clock."""
    return int(tx.value(AGE, {"at": at}))


@dataclass(frozen=True, slots=True)
class Try:
    """What came of one POST."""

    status: int | None
    code: str
    detail: str
    took_ms: int


DONE = """
UPDATE webhook_delivery SET state = %(state)s, aside = 0, attempts = attempts + 1,
  http_status = %(status)s, took_ms = %(took_ms)s, result_code = %(code)s,
  result_detail = %(detail)s, tried_at = UTC_TIMESTAMP(3),
  finished_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'waiting'"""


def delivered(tx: Transaction, delivery: Row, tried: Try) -> None:
    """The target has it: its events are forgotten."""
    if tx.execute(DONE, {**_tried(delivery, tried), "state": "delivered"}):
        webhook_outbox.drop(tx, delivery["webhook_id"], [delivery["id"]])
    webhooks.succeeded(tx, delivery["webhook_id"])


AGAIN = """
UPDATE webhook_delivery SET aside = %(aside)s, attempts = attempts + 1,
  due_at = UTC_TIMESTAMP(3) + INTERVAL %(retry_s)s SECOND,
  http_status = %(status)s, took_ms = %(took_ms)s, result_code = %(code)s,
  result_detail = %(detail)s, tried_at = UTC_TIMESTAMP(3)
WHERE id = %(id)s AND state = 'waiting'"""


def failed(
    tx: Transaction, webhook: Row, delivery: Row, tried: Try, retry_after_s: int = 0
) -> bool:
    """The target did not take it: tried again, or given up (True) after three days."""
    retry_s = max(rules.retry_s(webhook["failures"] + 1), retry_after_s)
    webhooks.failed(tx, webhook["id"], tried.code, tried.detail, retry_s)
    values = _tried(delivery, tried)
    if delivery["age_s"] >= rules.GIVE_UP_S:
        tx.execute(DONE, {**values, "state": "given_up"})
        return True
    attempts = delivery["attempts"] + 1
    aside = delivery["aside"] or rules.goes_aside(attempts, tried.status)
    own_s = max(rules.retry_s(attempts), retry_after_s)
    tx.execute(AGAIN, {**values, "aside": int(aside), "retry_s": own_s})
    return False


def _tried(delivery: Row, tried: Try) -> dict[str, object]:
    return {
        "id": delivery["id"],
        "status": tried.status,
        "took_ms": tried.took_ms,
        "code": tried.code,
        "detail": tried.detail[:255],
    }


def tested(tx: Transaction, webhook: Row, key: str, tried: Try, actor: Actor) -> None:
    """Somebody has sent a test: it is in the log as it came out, never again."""
    delivery_id = _insert(tx, webhook["id"], "test", 1)
    values = {**_tried({"id": delivery_id}, tried), "key": key}
    tx.execute(KEY, values)
    state = "delivered" if tried.code == "taken" else "given_up"
    tx.execute(DONE, {**values, "state": state})
    details = {"state": state, "reason": tried.detail}
    audit.record(tx, actor, "webhook.test", webhook["name"], details)


KEY = "UPDATE webhook_delivery SET delivery_key = %(key)s WHERE id = %(id)s"
PAGE = f"""
SELECT {COLUMNS}, state = 'waiting' OR EXISTS (
    SELECT 1 FROM webhook_event e WHERE e.webhook_id = d.webhook_id
      AND e.delivery_id = d.id) AS has_events
FROM webhook_delivery d
WHERE webhook_id = %(webhook_id)s AND id < %(before)s"""  # noqa: S608
IN_STATE = " AND state = %(state)s"
NEWEST = " ORDER BY id DESC LIMIT %(limit)s"


def page(
    tx: Transaction, webhook_id: int, *, state: str = "", before: int = 0, limit: int
) -> list[Row]:
    """The log of a webhook, the newest first; `has_events`: it can be sent again."""
    values = {
        "webhook_id": webhook_id,
        "state": state,
        "before": before or 2**63,
        "limit": limit,
    }
    return tx.rows(PAGE + (IN_STATE if state else "") + NEWEST, values)


OPEN = """
SELECT COALESCE(SUM(events), 0) FROM (
  SELECT events FROM webhook_delivery
  WHERE webhook_id = %(id)s AND state = %(state)s AND kind = 'events'
  LIMIT 1000) found"""


def waiting(tx: Transaction, webhook_id: int) -> tuple[int, bool]:
    """How many events wait to be told; whether there are more than that."""
    free, is_more = webhook_outbox.waiting(tx, webhook_id)
    values = {"id": webhook_id, "state": "waiting"}
    return free + int(tx.value(OPEN, values)), is_more


def given_up(tx: Transaction, webhook_id: int) -> int:
    """How many events were given up and are still in the log, up to a bound."""
    return int(tx.value(OPEN, {"id": webhook_id, "state": "given_up"}))


RETRY = """
UPDATE webhook_delivery d SET d.state = 'waiting', d.aside = 0, d.attempts = 0,
  d.due_at = UTC_TIMESTAMP(3), d.finished_at = NULL
WHERE d.webhook_id = %(webhook_id)s AND d.state IN ('waiting', 'given_up') AND EXISTS (
  SELECT 1 FROM webhook_event e
  WHERE e.webhook_id = %(webhook_id)s AND e.delivery_id = d.id)"""
ONE = " AND d.id = %(id)s"


def retry(
    tx: Transaction, webhook: Row, actor: Actor, delivery_id: int | None = None
) -> int:
    """Tries one delivery, or all that are not taken, again and at once; how many."""
    values = {"webhook_id": webhook["id"], "id": delivery_id}
    count = tx.execute(RETRY + (ONE if delivery_id else ""), values)
    webhooks.try_now(tx, webhook["id"])
    details = {"deliveries": count}
    audit.record(tx, actor, "webhook.retry", webhook["name"], details)
    return count


OPEN_IDS = """
SELECT id FROM webhook_delivery
WHERE webhook_id = %(webhook_id)s AND state IN ('waiting', 'given_up')
  AND kind = 'events'"""
ONLY = " AND id = %(id)s"
SOME = " LIMIT %(limit)s"
DISCARD = """
UPDATE webhook_delivery SET state = 'discarded', aside = 0,
  finished_at = UTC_TIMESTAMP(3)
WHERE id IN %(ids)s AND state IN ('waiting', 'given_up')"""


def discard(tx: Transaction, webhook: Row, delivery_id: int, actor: Actor) -> bool:
    """Throws one delivery away; False when it was taken meanwhile."""
    is_done = bool(_discard(tx, webhook["id"], delivery_id))
    if is_done:
        details = {"deliveries": 1}
        audit.record(tx, actor, "webhook.discard", webhook["name"], details)
    return is_done


def _discard(tx: Transaction, webhook_id: int, delivery_id: int | None = None) -> int:
    values = {"webhook_id": webhook_id, "id": delivery_id, "limit": BATCH}
    sql = OPEN_IDS + (ONLY if delivery_id else "") + SOME
    ids = [found for (found,) in tx.tuples(sql, values)]
    if ids:
        tx.execute(DISCARD, {"ids": ids})
        webhook_outbox.drop(tx, webhook_id, ids)
    return len(ids)


def discard_all(db: Database, webhook: Row, actor: Actor) -> Iterator[int]:
    """Throws away what waits now and what was given up, in batches; yields each."""
    last = db.atomically(lambda tx: webhook_outbox.last(tx, webhook["id"]))
    db.atomically(
        lambda tx: audit.record(tx, actor, "webhook.discard", webhook["name"])
    )
    while done := db.atomically(lambda tx: _discard(tx, webhook["id"])):
        yield done
    while done := db.atomically(
        lambda tx: webhook_outbox.drop_free(tx, webhook["id"], last, BATCH)
    ):
        yield done


GIVE_UP = """
INSERT INTO webhook_delivery (webhook_id, delivery_key, state, events, due_at,
                              result_code, created_at, finished_at)
VALUES (%(webhook_id)s, %(key)s, 'given_up', %(events)s, UTC_TIMESTAMP(3), 'too_old',
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))"""


def give_up_old(tx: Transaction, webhook_id: int) -> bool:
    """Gives up events that nobody could be told for three days; True: perhaps more."""
    rows, events = webhook_outbox.drop_old(tx, webhook_id, BATCH)
    if rows:
        key = f"dlv_{secrets.token_hex(10)}"
        values = {"webhook_id": webhook_id, "key": key, "events": events}
        tx.execute(GIVE_UP, values)
    return rows == BATCH


OLD = f"""
SELECT id, webhook_id FROM webhook_delivery
WHERE finished_at < UTC_TIMESTAMP(3) - INTERVAL {KEEP_DAYS} DAY
ORDER BY finished_at LIMIT {BATCH}"""  # noqa: S608
DELETE = "DELETE FROM webhook_delivery WHERE id IN %(ids)s"


def purge(tx: Transaction) -> bool:
    """Forgets what is over for a week, with the events of what was given up."""
    by_webhook: dict[int, list[int]] = {}
    for delivery_id, webhook_id in tx.tuples(OLD):
        by_webhook.setdefault(webhook_id, []).append(delivery_id)
    for webhook_id, ids in by_webhook.items():
        webhook_outbox.drop(tx, webhook_id, ids)
        tx.execute(DELETE, {"ids": ids})
    return sum(map(len, by_webhook.values())) == BATCH


SEEN = """
SELECT webhook_id FROM webhook_delivery GROUP BY webhook_id
UNION SELECT webhook_id FROM webhook_event GROUP BY webhook_id"""
FORGET = """
DELETE FROM webhook_delivery WHERE webhook_id = %(webhook_id)s LIMIT %(limit)s"""


def purge_removed(tx: Transaction) -> bool:
    """Deletes a step of what removed webhooks left behind; True: perhaps more."""
    gone = {webhook_id for (webhook_id,) in tx.tuples(SEEN)} - set(webhooks.ids(tx))
    rows = 0
    for webhook_id in sorted(gone):
        rows += webhook_outbox.forget(tx, webhook_id, BATCH)
        rows += tx.execute(FORGET, {"webhook_id": webhook_id, "limit": BATCH})
    return rows > 0
