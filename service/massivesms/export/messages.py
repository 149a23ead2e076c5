"""Messages as rows of an export: the columns, and a message's cells in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..domain import results
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.states import STATE_LABELS, MessageState
from ..domain.words import N_, said
from .table import Cell, Column, Translate

TITLE = N_("Messages")
COLUMNS = (
    Column(N_("Created"), 19),
    Column(N_("Sent"), 19),
    Column(N_("Outcome"), 19),
    Column(N_("Number"), 16),
    Column(N_("State"), 13),
    Column(N_("Result"), 34),
    Column(N_("Message"), 50),
    Column(N_("Segments"), 10),
    Column(N_("Campaign"), 24),
    Column(N_("User"), 14),
    Column(N_("Trunk"), 16),
    Column(N_("Sender"), 14),
    Column(N_("Operator's id"), 24),
    Column(N_("Message id"), 12),
)
QUEUE = N_("Output queue")


class Cells:
    """Makes the cells of messages, in one language and on one clock."""

    def __init__(
        self, trunk_names: Mapping[int, str], zone: ZoneInfo, translate: Translate
    ) -> None:
        self._trunks = trunk_names
        self._zone = zone
        self._translate = translate
        self._states = {str(s): translate(STATE_LABELS[s]) for s in MessageState}
        self._results: dict[tuple[str, str], str] = {}
        self._queue = translate(QUEUE)

    def __call__(self, row: Mapping[str, Any]) -> list[Cell]:
        """One message; the order is that of COLUMNS."""
        is_single = row["campaign_id"] == OUTPUT_QUEUE_ID
        return [
            self._local(row["created_at"]),
            self._local(row["submitted_at"]),
            self._local(row["settled_at"]),
            row["number"],
            self._states[row["state"]],
            self._result(row["result_code"], row["result_detail"]),
            row["text"],
            row["segments"],
            self._queue if is_single else row["campaign"],
            row["written_by"],
            self._trunks.get(row["trunk_id"], ""),
            row["sender_id"],
            ", ".join(row["smsc_message_ids"]),
            row["id"],
        ]

    def _local(self, moment: datetime | None) -> datetime | None:
        if moment is None:
            return None
        local = moment.replace(tzinfo=UTC).astimezone(self._zone)
        return local.replace(tzinfo=None)

    def _result(self, code: str | None, detail: str | None) -> str:
        if not code:
            return ""
        key = (code, detail or "")
        if key not in self._results:
            if len(self._results) > 1000:  # details may be as many as messages
                self._results.clear()
            found = results.words(code, detail)
            self._results[key] = said(found, self._translate) if found else ""
        return self._results[key]
