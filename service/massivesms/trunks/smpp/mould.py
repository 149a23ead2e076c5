"""From submissions to the bodies of submit_sm, what they share made once.

A campaign has one text, one sender and a million numbers: everything but the
number is encoded once and kept. A long message also has its own reference.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from ...domain.segments import Split
from ..base import Submission, TrunkSettings
from . import codec
from .encoding import (
    LONG_FORMS,
    WIDE_HEADERS,
    Encoded,
    Piece,
    destination_type,
    encode_text,
    source_address,
    validity_of,
    validity_period,
)
from .pending import Message, Pending, Single

KEPT = 512  # texts, and senders, that are remembered
Key = str | tuple[str, str]  # a text, or a validity and a text
Made = TypeVar("Made")
K = TypeVar("K", str, Key)


class Moulds:
    """What a trunk's settings make of submissions."""

    def __init__(self, settings: TrunkSettings) -> None:
        values = settings.values
        self._values = values
        self._fixed = codec.Fixed(
            service_type=values["service_type"],
            protocol_id=settings.number("protocol_id"),
            priority_flag=settings.number("priority_flag"),
            validity_period=validity_period(settings.number("validity_hours")),
            registered_delivery=_registered_delivery(settings),
        )
        self._most_s = settings.number("validity_hours") * 3600
        self._form = values["long_messages"]
        self._pieces = LONG_FORMS[self._form]
        self._tails: dict[Key, bytes | str] = {}  # of one segment
        self._encoded: dict[str, Encoded | str] = {}  # by text, longer
        self._head = lru_cache(KEPT)(self._make_head)
        self._middle = lru_cache(KEPT)(self._make_middle)

    def message(self, submission: Submission) -> Message | str:
        """The message ready to be sent, or the characters that cannot be."""
        head = self._head(submission.sender_id, submission.is_international)
        number = submission.destination.encode("ascii")
        text = submission.text
        validity = self._validity(submission.validity_s)
        if len(submission.split.parts) == 1 and not submission.taken:
            key = (validity, text) if validity else text
            tail = self._tails.get(key)
            if tail is None:
                tail = self._make_tail(text, submission.split, validity)
                _keep(self._tails, key, tail)
            if isinstance(tail, str):
                return tail
            return Single(submission.message_id, head + number + tail)
        encoded = self._encoded.get(text)
        if encoded is None:
            encoded = self._encode(text, submission.split)
            _keep(self._encoded, text, encoded)
        if isinstance(encoded, str):
            return encoded
        parts, start = encoded.parts, head + number
        pieces = [Piece(0, parts[0])]
        if len(parts) > 1:
            pieces = self._pieces(parts, submission.message_id)
        bodies = [start + self._finish(encoded, piece, validity) for piece in pieces]
        # In one piece all of it goes again: what was taken was of another form.
        again = len(bodies) == 1 and len(parts) > 1
        taken = {} if again else submission.taken
        return Pending(submission.message_id, bodies, taken)

    def _make_head(self, sender_id: str, is_international: bool) -> bytes:
        values = self._values
        source = source_address(sender_id, values["source_ton"], values["source_npi"])
        ton, npi = destination_type(
            is_international, values["dest_ton"], values["dest_npi"]
        )
        return codec.submit_head(self._fixed, source, ton, npi)

    def _encode(self, text: str, split: Split) -> Encoded | str:
        alphabet, is_wide = self._values["default_alphabet"], self._form in WIDE_HEADERS
        return encode_text(text, split, alphabet, is_wide)

    def _validity(self, validity_s: int | None) -> str:
        """The validity period; '' = the trunk's own, which is shorter."""
        if validity_s is None or 0 < self._most_s <= validity_s:
            return ""
        return validity_of(validity_s)

    def _make_tail(self, text: str, split: Split, validity: str) -> bytes | str:
        """The end of a message of one segment."""
        encoded = self._encode(text, split)
        if isinstance(encoded, str):
            return encoded
        middle = self._middle(0, encoded.data_coding, validity)
        return codec.submit_tail(middle, encoded.parts[0])

    def _make_middle(self, esm_class: int, data_coding: int, validity: str) -> bytes:
        fixed = self._fixed
        if validity:
            fixed = fixed._replace(validity_period=validity)
        return codec.submit_middle(fixed, esm_class, data_coding)

    def _finish(self, encoded: Encoded, piece: Piece, validity: str) -> bytes:
        middle = self._middle(piece.esm_class, encoded.data_coding, validity)
        return codec.submit_tail(middle, piece.short_message, piece.tlvs)


def _keep(made: dict[K, Made], key: K, one: Made) -> None:
    """Remembers one; a campaign of a million texts only ever passes through."""
    if len(made) >= KEPT:
        made.clear()
    made[key] = one


def _registered_delivery(settings: TrunkSettings) -> int:
    """Which receipts are asked for (SMPP 3.4 §5.2.17)."""
    if not settings.is_on("receipts"):
        return 0
    return 2 if settings.values["receipts_for"] == "failures" else 1
