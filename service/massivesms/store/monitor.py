"""What a monitor asks: each answer from small tables, none counts messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.campaigns import OUTPUT_QUEUE_ID
from . import tallies, trunk_totals, webhook_deliveries, webhooks
from .db import Row, Transaction
from .services import ALIVE_S
from .trunk_sessions import LEASE_S

MOST = 100_000  # rows that are counted of a queue


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The product at one moment."""

    in_states: dict[tuple[str, str], int]  # (queue, state) -> messages
    open_campaigns: int
    totals: dict[tuple[int, str], tuple[int, int]]
    tallies: dict[int, dict[tuple[str, int], int]]
    trunks: list[Row]
    services: list[Row]
    receipts_kept: int
    mails: dict[str, int]
    webhooks: list[Row]
    sending: bool


IN_STATES = """
SELECT IF(n.campaign_id = %(queue)s, 'output_queue', 'campaigns') AS queue, n.state,
  SUM(n.messages)
FROM campaign c JOIN campaign_count n ON n.campaign_id = c.id
WHERE c.removed = 0 AND n.state IN ('queued', 'submitting', 'in_doubt')
GROUP BY 1, 2"""
OPEN = """
SELECT COUNT(*) FROM campaign
WHERE open = 1 AND removed = 0 AND kind = 'campaign'"""
TRUNKS = """
SELECT t.id, t.name, t.active, t.removed, t.rate_per_s, t.stopped_code,
  COALESCE(SUM(s.owner <> '' AND s.state = 'ready'
    AND s.heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(lease_s)s SECOND), 0) AS ready
FROM trunk t LEFT JOIN trunk_session s ON s.trunk_id = t.id
GROUP BY t.id ORDER BY t.name"""
SERVICES = """
SELECT host, TIMESTAMPDIFF(MICROSECOND, heartbeat_at, UTC_TIMESTAMP(3)) / 1e6 AS age_s
FROM service_instance ORDER BY host, owner"""
KEPT = f"SELECT COUNT(*) FROM (SELECT 1 FROM receipt LIMIT {MOST}) kept"  # noqa: S608
MAILS = f"""
SELECT COUNT(*) FROM (
  SELECT 1 FROM mail WHERE state = %(state)s LIMIT {MOST}) found"""  # noqa: S608
SENDING = "SELECT value FROM setting WHERE name = 'sending'"


def snapshot(tx: Transaction) -> Snapshot:
    """All of it, in a dozen short queries."""
    queue = {"queue": OUTPUT_QUEUE_ID}
    hooks = []
    for row in webhooks.all_webhooks(tx):
        waiting, _is_more = webhook_deliveries.waiting(tx, row["id"])
        hooks.append({**row, "waiting": waiting})
    return Snapshot(
        in_states={(q, s): int(n) for q, s, n in tx.tuples(IN_STATES, queue)},
        open_campaigns=int(tx.value(OPEN)),
        totals=trunk_totals.totals(tx),
        tallies=tallies.by_trunk(tx),
        trunks=tx.rows(TRUNKS, {"lease_s": LEASE_S}),
        services=tx.rows(SERVICES),
        receipts_kept=int(tx.value(KEPT)),
        mails={s: int(tx.value(MAILS, {"state": s})) for s in ("waiting", "failed")},
        webhooks=hooks,
        sending=tx.value(SENDING) != "no",
    )


ALIVE = f"""
SELECT 1 FROM service_instance
WHERE heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL {ALIVE_S} SECOND LIMIT 1"""  # noqa: S608


def is_service_alive(tx: Transaction) -> bool:
    """Whether any service has given a sign of life within seconds."""
    return tx.value(ALIVE) is not None


HASH = "SELECT value FROM setting WHERE name = 'metrics_token'"  # its hash
SET_HASH = """
INSERT INTO setting (name, value, changed_at)
VALUES ('metrics_token', %(value)s, UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE value = VALUES(value), changed_at = VALUES(changed_at)"""


def token_hash(tx: Transaction) -> str:
    """The hash of the token of the metrics; '' while they are closed."""
    found: Any = tx.value(HASH)
    return str(found or "")


def set_token_hash(tx: Transaction, value: str) -> None:
    """From now on that token opens the metrics; '' closes them."""
    tx.execute(SET_HASH, {"value": value})
