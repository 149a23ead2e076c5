"""Sent messages go into the PBX's call records, while the setting is on.

A thread of its own, so that a PBX's database that is away or slow holds up nothing.
What waits is in the outbox; each batch is taken, looked for and written, and leaves
the outbox only then: so a message has one row, whenever this process ends.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC
from zoneinfo import ZoneInfo

from ..config import Config
from ..store import call_record_outbox, sent_call_records
from ..store.db import Database, Row, Transaction
from ..store.sent_call_records import SentRecord
from .board import Board
from .side_thread import SideThread

log = logging.getLogger(__name__)

BATCH = 500
STALE_S = 20.0  # a batch that stood still for so long is looked at again
NEVER_SENT = frozenset({None, "failed", "skipped", "cancelled"})
UNDECIDED = frozenset({"queued", "submitting", "in_doubt"})


class CallRecordWriter(SideThread):
    """Empties the outbox until told to end."""

    waits = "sent messages wait for the call records: %s"

    def __init__(self, config: Config, board: Board, owner: str) -> None:
        super().__init__("call records", config)
        self._cdr = Database(config.cdr, for_service=True)
        self._table = config.cdr.table
        self._board = board
        self._owner = owner

    def look(self) -> None:
        """Writes what waits."""
        while self._is_wanted() and self._batch():
            pass

    def close(self) -> None:
        """Lets go of both databases."""
        super().close()
        self._cdr.close()

    def _is_wanted(self) -> bool:
        settings = self._board.picture.settings
        return settings.write_call_records and not self._ending.is_set()

    def _batch(self) -> bool:
        """Writes some; whether there may be more."""
        began_s = time.monotonic()
        rows = self._db.atomically(
            lambda tx: call_record_outbox.take(tx, self._owner, BATCH)
        )
        if not rows:
            return False
        extensions = self._db.atomically(call_record_outbox.extensions)
        zone = self._board.picture.settings.time_zone
        sent = [_record(row, extensions, zone) for row in rows if _is_sent(row)]

        def write(tx: Transaction) -> bool:
            table = sent_call_records.layout(tx, self._table)
            records = sent_call_records.missing(tx, table, sent)
            if time.monotonic() - began_s > STALE_S:
                return False  # another service may have taken them over
            sent_call_records.insert(tx, table, records)
            return True

        if not self._cdr.atomically(write):
            return True
        ids = [row["message_id"] for row in rows if row["state"] not in UNDECIDED]
        self._db.atomically(lambda tx: call_record_outbox.done(tx, self._owner, ids))
        if self._is_away:
            log.info("sent messages are in the call records again")
        self._is_away = False
        return bool(ids) and len(rows) == BATCH


def _is_sent(row: Row) -> bool:
    return row["state"] not in NEVER_SENT and row["state"] not in UNDECIDED


def _record(row: Row, extensions: Mapping[str, str], zone: ZoneInfo) -> SentRecord:
    at = row["at"].replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    src = extensions.get(row["created_by"]) or row["sender_id"]
    return SentRecord(row["message_id"], at, src, row["number"], row["trunk"] or "")
