"""What the event log says of campaigns: sending begins, nothing is left to send."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.event_kinds import logger_name
from ..store.db import Row

log = logging.getLogger(logger_name("campaigns"))


class CampaignEvents:
    """Remembers of which campaigns it was said that they are being sent."""

    def __init__(self) -> None:
        self._begun = {OUTPUT_QUEUE_ID}  # it always is

    def sending(self, rows: Iterable[Row]) -> None:
        """These campaigns may be sent now, with `queued` messages each."""
        for row in rows:
            if row["id"] not in self._begun:
                self._begun.add(row["id"])
                words = "campaign %d is being sent (%s), %d messages wait"
                log.info(words, row["id"], row["name"], row["queued"])

    def finished(self, campaigns: Mapping[int, str]) -> None:
        """Of these campaigns, names by id, nothing is left to send."""
        for campaign_id, name in campaigns.items():
            self._begun.discard(campaign_id)
            log.info("campaign %d is finished (%s)", campaign_id, name)
