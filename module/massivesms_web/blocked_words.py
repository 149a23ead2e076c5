"""Blocked numbers in words: where a block came from, for which campaign it is."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from massivesms.domain.blocked_numbers import SOURCE_LABELS
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.store import campaign_names
from massivesms.store.db import Transaction

from .situation import campaign_name


def source_label(code: str) -> str:
    """Where a block came from, in words."""
    return _(SOURCE_LABELS[code]) if code in SOURCE_LABELS else code


class Names:
    """The names of campaigns as blocks show them, looked up once."""

    def __init__(self, tx: Transaction, ids: Iterable[int] = ()) -> None:
        self._tx = tx
        self._names = dict.fromkeys(ids, _("(deleted)"))
        self._names |= campaign_names.of(tx, self._names)

    def of(self, campaign_id: int) -> str:
        """A campaign's name; 0 stands for all of them. Within the transaction only,
        unless it was named before."""
        if campaign_id == 0:
            return _("All campaigns")
        if campaign_id == OUTPUT_QUEUE_ID:
            return campaign_name(campaign_id, "")
        if campaign_id not in self._names:
            found = campaign_names.of(self._tx, [campaign_id])
            self._names[campaign_id] = found.get(campaign_id, _("(deleted)"))
        return self._names[campaign_id]
