"""Conversations: what went to one number and what came from it, in one order.

Paged back in time by the ids of both; read only.
"""

from __future__ import annotations

from dataclasses import dataclass

from .db import Row, Transaction

NEVER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ends: messages before these ids come next."""

    sent: int = NEVER
    came: int = NEVER


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a conversation, the newest last; `older` = where to go on, if at all.

    Each row has `is_ours`, `id`, `text`, `at`; of ours `state`, `campaign_id` and
    `campaign`; of theirs `incomplete`, `unreadable`, `kind` and `handled`.
    """

    rows: list[Row]
    older: Place | None


SENT = """
SELECT m.id, 1 AS is_ours, COALESCE(m.text, c.text) AS text,
  COALESCE(m.submitted_at, m.created_at) AS at, m.state, m.campaign_id,
  c.name AS campaign, m.trunk_id
FROM message m FORCE INDEX (number) JOIN campaign c ON c.id = m.campaign_id
WHERE m.number = %(number)s AND m.id < %(before)s ORDER BY m.id DESC LIMIT %(limit)s"""
FROM_NUMBER = """
SELECT id, 0 AS is_ours, text, received_at AS at, incomplete, unreadable, handled,
  kind, trunk_id
FROM inbound_message FORCE INDEX (number)
WHERE number = %(number)s AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s"""
FROM_SENDER = """
SELECT id, 0 AS is_ours, text, received_at AS at, incomplete, unreadable, handled,
  kind, trunk_id
FROM inbound_message FORCE INDEX (sender)
WHERE sender = %(sender)s AND id < %(before)s ORDER BY id DESC LIMIT %(limit)s"""


def page(
    tx: Transaction, number: str, sender: str, *, before: Place, limit: int = 30
) -> Page:
    """The last messages before a place, with a number or else with a sender.

    Nothing goes to a sender that is no number; one whose number was purged has no
    conversation.
    """
    values = {"number": number, "sender": sender, "limit": limit + 1}
    sent = tx.rows(SENT, {**values, "before": before.sent}) if number else []
    sql = FROM_NUMBER if number else FROM_SENDER
    came = tx.rows(sql, {**values, "before": before.came}) if number or sender else []
    shown = _newest_of_both(sent, came, limit)
    has_more = len(sent) + len(came) > len(shown)
    shown.reverse()
    return Page(shown, _older(shown, before) if has_more else None)


def _newest_of_both(sent: list[Row], came: list[Row], limit: int) -> list[Row]:
    """The newest first; each kind stays in the order of its ids, by which it is paged.

    A message that waited in its queue has an earlier id than its time says.
    """
    sent, came, merged = sent[::-1], came[::-1], list[Row]()
    while (sent or came) and len(merged) < limit:
        is_ours = bool(sent) and (not came or sent[-1]["at"] > came[-1]["at"])
        merged.append((sent if is_ours else came).pop())
    return merged


def _older(shown: list[Row], before: Place) -> Place:
    """Below the oldest of each kind that is shown."""
    sent = [row["id"] for row in shown if row["is_ours"]]
    came = [row["id"] for row in shown if not row["is_ours"]]
    return Place(min(sent, default=before.sent), min(came, default=before.came))
