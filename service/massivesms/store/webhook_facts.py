"""What is known of the subjects of events when they are told: read, never written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..domain import webhooks as rules
from ..domain.webhooks import Happened
from . import counts, messages
from .db import Row, Transaction

Facts = dict[tuple[str, int], Row]  # (kind, subject) -> what is known

MESSAGES = """
SELECT m.id, m.number, m.campaign_id, c.name AS campaign, t.name AS trunk, m.segments,
  COALESCE(m.text, c.text) AS text, m.smsc_message_id, m.result_code, m.result_detail,
  m.created_at, m.submitted_at
FROM message m JOIN campaign c ON c.id = m.campaign_id
LEFT JOIN trunk t ON t.id = m.trunk_id
WHERE m.id IN %(ids)s"""
INCOMING = """
SELECT i.id, i.number, i.sender, i.recipient, t.name AS trunk, i.parts, i.incomplete,
  i.handled, i.message_id, i.received_at, i.text, i.kind
FROM inbound_message i LEFT JOIN trunk t ON t.id = i.trunk_id WHERE i.id IN %(ids)s"""
CAMPAIGNS = "SELECT id, name FROM campaign WHERE id IN %(ids)s"
TRUNKS = "SELECT id, name FROM trunk WHERE id IN %(ids)s"


def facts(tx: Transaction, happened: Iterable[Happened]) -> Facts:
    """What is known of each event's subject; what is gone is absent."""
    wanted: dict[str, set[int]] = {}
    kinds: dict[str, set[str]] = {}
    for one in happened:
        family = one.kind.partition(".")[0]
        wanted.setdefault(family, set()).add(one.subject)
        kinds.setdefault(family, set()).add(one.kind)
    found: Facts = {}
    for family, ids in wanted.items():
        for row in _read(tx, family, sorted(ids)):
            for kind in kinds[family]:
                found[kind, row["id"]] = row
    return found


def _read(tx: Transaction, family: str, ids: Sequence[int]) -> list[Row]:
    values = {"ids": ids}
    if family == rules.MESSAGE.rstrip("."):
        return messages.with_ids(tx, tx.rows(MESSAGES, values))
    if family == rules.INCOMING:
        return tx.rows(INCOMING, values)
    if family == "trunk":
        return tx.rows(TRUNKS, values)
    by_campaign = counts.by_campaign(tx, ids)
    rows = tx.rows(CAMPAIGNS, values)
    return [{**row, "counts": by_campaign.get(row["id"], {})} for row in rows]
