"""Owns the rows that store tests begin with, made through the store itself."""

from __future__ import annotations

from typing import Any

from massivesms.domain.campaigns import Draft
from massivesms.domain.numbers import Number
from massivesms.store import campaigns, claims, lists, messages, settlements, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row, Transaction
from massivesms.store.messages import NewMessage
from massivesms.store.settlements import Settlement
from massivesms.store.trunks import TrunkDraft

ANA = Actor("ana", "192.0.2.1")
TOKEN = 77


def number(n: int) -> Number:
    return Number(f"+34600{n:06}", True)


def new_messages(count: int, first: int = 0, segments: int = 1) -> list[NewMessage]:
    return [
        NewMessage(number(n).e164, True, segments) for n in range(first, first + count)
    ]


def campaign(tx: Transaction, name: str = "Offer", count: int = 0, **more: Any) -> int:
    """A campaign with queued messages; its id."""
    made = campaigns.create(tx, Draft(name, "Hola", **more), ANA)
    messages.enqueue(tx, made, new_messages(count))
    return made


def contacts(tx: Transaction, name: str = "Customers", count: int = 0) -> int:
    """A list with contacts; its id."""
    made = lists.create(tx, name, "", ANA)
    lists.lock(tx, made)
    lists.add_contacts(tx, made, [number(n) for n in range(count)])
    return made


def trunk(tx: Transaction, name: str = "Exit", **more: Any) -> int:
    draft = TrunkDraft(name, "script", settings={"script": "send.sh"}, **more)
    return trunks.create(tx, draft, ANA)


def claim(
    tx: Transaction, campaign_id: int, trunk_id: int, count: int = 1
) -> list[claims.Claimed]:
    found = claims.candidates(tx, campaign_id, 0, count)
    return claims.claim(tx, found, trunk_id, TOKEN)


def settle(
    tx: Transaction, ours: list[claims.Claimed], trunk_id: int, state: str, **more: Any
) -> None:
    settled = [
        Settlement(c.message_id, c.campaign_id, c.segments, state, **more) for c in ours
    ]
    settlements.settle(tx, settled, trunk_id, TOKEN)


def one(db: Database, sql: str, **values: object) -> Any:
    with db.transaction() as tx:
        return tx.value(sql, values)


def audited(db: Database) -> list[str]:
    """What was done, oldest first."""
    with db.transaction() as tx:
        rows: list[Row] = tx.rows("SELECT action FROM audit ORDER BY id")
    return [row["action"] for row in rows]


RECOUNT = """
INSERT INTO campaign_count (campaign_id, state, trunk_id, messages, segments)
SELECT campaign_id, state, COALESCE(trunk_id, 0), COUNT(*), SUM(segments)
FROM message GROUP BY campaign_id, state, COALESCE(trunk_id, 0)"""


def recount(tx: Transaction) -> None:
    """Books messages whose states a test has written itself."""
    tx.execute("DELETE FROM campaign_count")
    tx.execute(RECOUNT)
