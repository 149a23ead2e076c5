"""Owns how tests let somebody write to us, and look at what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from massivesms.domain import settings as product_settings
from massivesms.engine import incoming
from massivesms.store import blocked_numbers, settings
from massivesms.store.db import Database, Row
from massivesms.trunks.base import InboundCame

ANA_NUMBER = "+34600111222"
OURS = "34600999888"
#: A trunk that nobody drives.
SOMEWHERE = {"host": "smsc.example", "port": "2775", "system_id": "ana"}
#: A Wednesday at noon in Madrid.
NOON = datetime(2026, 3, 4, 11, 0, tzinfo=UTC)


class Post:
    """Where incoming messages are taken, with a clock that goes on as told."""

    def __init__(self, db: Database, trunk_id: int) -> None:
        self.db = db
        self.trunk_id = trunk_id
        self.now = NOON
        values = {
            "country_code": "34",
            "mobile_prefixes": "6,7",
            "min_mobile_length": "9",
            "max_mobile_length": "9",
        }
        self.set(**values, time_zone="Europe/Madrid")

    def set(self, **values: str) -> None:
        """Stores settings of the product."""
        self.db.atomically(lambda tx: settings.save(tx, values))

    def later(self, **by: float) -> None:
        """Lets time pass."""
        self.now += timedelta(**by)

    def write(
        self,
        text: str,
        sender: str = ANA_NUMBER[1:],
        recipient: str = OURS,
        **marks: bool,
    ) -> Row:
        """Somebody writes; the stored message, whose `handled` says what was done.

        `marks` are incomplete and unreadable.
        """
        came = InboundCame(1, sender, recipient, text, **marks)  # type: ignore[arg-type]

        def take(tx: object) -> int:
            stored = product_settings.read(settings.load(tx))  # type: ignore[arg-type]
            return incoming.take(tx, self.trunk_id, came, stored, self.now)  # type: ignore[arg-type]

        inbound_id = self.db.atomically(take)
        return self.rows("SELECT * FROM inbound_message WHERE id = %s", inbound_id)[0]

    def rows(self, sql: str, *values: object) -> list[Row]:
        """What the test looks up in the database itself."""
        return self.db.atomically(lambda tx: tx.rows(sql, values))

    @property
    def answers(self) -> list[Row]:
        """What was written of ourselves, the oldest first."""
        return self.rows("SELECT * FROM message WHERE answer > 0 ORDER BY id")

    @property
    def texts(self) -> list[str]:
        """Its texts."""
        return [str(row["text"]) for row in self.answers]

    @property
    def audited(self) -> list[Row]:
        """The log of changes, the oldest first."""
        return self.rows(
            "SELECT * FROM audit WHERE action LIKE 'blocked.%%' ORDER BY id"
        )

    def block(self, number: str = ANA_NUMBER) -> Row | None:
        """The block of a number."""
        return self.db.atomically(lambda tx: blocked_numbers.find(tx, number))


def faulty(error: Exception) -> Callable[..., None]:
    """Something that fails so."""

    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail
