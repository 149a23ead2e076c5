"""How often a number was answered by itself: what the limits go by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from .db import Transaction

ALL = "all"  # every answer but confirmations of opt-outs and of coming back
CONFIRMATIONS = "confirmations"
ROBOT_MESSAGES = 10
ROBOT_MINUTES = 10
PURGE_BATCH = 2000

HOLD = """
INSERT INTO answered (number, kind, day, answers, last_at)
VALUES (%(number)s, 'all', %(day)s, 0, %(now)s)
ON DUPLICATE KEY UPDATE number = VALUES(number)"""
OF_NUMBER = """
SELECT kind, day, answers, last_at FROM answered WHERE number = %(number)s"""


@dataclass(frozen=True, slots=True)
class Answered:
    """How often something was answered today, and when last (UTC)."""

    today: int = 0
    last_at: datetime | None = None


def of_number(
    tx: Transaction, number: str, day: date, now: datetime
) -> Mapping[str, Answered]:
    """kind -> what was answered; until the commit nobody else answers the number."""
    values = {"number": number, "day": day, "now": now.replace(tzinfo=None)}
    tx.execute(HOLD, values)
    return {
        kind: Answered(
            answers if on == day else 0, at.replace(tzinfo=UTC) if answers else None
        )
        for kind, on, answers, at in tx.tuples(OF_NUMBER, values)
    }


NOTE = """
INSERT INTO answered (number, kind, day, answers, last_at)
VALUES (%s, %s, %s, 1, %s)
ON DUPLICATE KEY UPDATE answers = IF(day = VALUES(day), answers, 0) + 1,
  day = VALUES(day), last_at = VALUES(last_at)"""


def note(
    tx: Transaction, number: str, kind: str, group: str, day: date, now: datetime
) -> None:
    """Counts an answer by its kind and by its group, ALL or CONFIRMATIONS."""
    at = now.replace(tzinfo=None)
    tx.many(NOTE, [(number, one, day, at) for one in sorted({kind, group})])


EARLIER = f"""
SELECT received_at > UTC_TIMESTAMP(3) - INTERVAL {ROBOT_MINUTES} MINUTE
FROM inbound_message WHERE number = %(number)s
ORDER BY id DESC LIMIT {ROBOT_MESSAGES}, 1"""  # noqa: S608


def writes_like_a_robot(tx: Transaction, number: str) -> bool:
    """Whether more came from a number within minutes than a person writes."""
    return bool(tx.value(EARLIER, {"number": number}))


FORGET = "DELETE FROM answered WHERE number = %(number)s"


def forget(tx: Transaction, number: str) -> None:
    """Takes every trace of a number away."""
    tx.execute(FORGET, {"number": number})


PURGE = f"""
DELETE FROM answered WHERE last_at < UTC_TIMESTAMP(3) - INTERVAL %(days)s DAY
LIMIT {PURGE_BATCH}"""  # noqa: S608


def purge(tx: Transaction, days: int) -> int:
    """Forgets what no limit goes by after so many days; how many rows."""
    return tx.execute(PURGE, {"days": days})
