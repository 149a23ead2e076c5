"""Makes delivery receipts of submissions: bytes of SMPP 3.4 in, bytes out. No I/O.

Like what most operators send: the customary text, and the optional fields beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct

HEADER = Struct(">IIII")
DELIVER_SM = 0x00000005
IS_RECEIPT = 0x04
TLVS = Struct(">HH9sHHB")
MESSAGE_ID, MESSAGE_STATE, DELIVERED = 0x001E, 0x0427, 2
TEXT = (
    "id:%s sub:001 dlvrd:001 submit date:2611211200 done date:2611211201"
    " stat:DELIVRD err:000 text:"
)


class Run:
    """Submissions of one length that were answered together, kept as they came."""

    def __init__(self, data: bytes, length: int, number: int) -> None:
        self._data = data
        self._length = length
        self._number = number  # of the run, as in the ids of the answers

    def receipts(self, sequence: int) -> Iterator[bytes]:
        """A deliver_sm for each submission, from a sequence_number on."""
        data, length = self._data, self._length
        source_at = data.index(b"\0", 16) + 3
        source_end = data.index(b"\0", source_at)
        source = data[source_at:source_end]
        run = self._number & 0xFFFFF
        for place, at in enumerate(range(0, len(data), length)):
            number_at = at + source_end + 3
            number = data[number_at : data.index(b"\0", number_at)]
            message_id = b"%05x%03x" % (run, place)
            yield deliver_sm(sequence + place, message_id, number, source)


def deliver_sm(sequence: int, message_id: bytes, number: bytes, to: bytes) -> bytes:
    """The receipt of a message that has arrived."""
    text = (TEXT % message_id.decode()).encode()
    body = b"".join(
        (
            *(b"\0\1\1", number, b"\0\5\0", to, b"\0"),
            bytes((IS_RECEIPT, 0, 0, 0, 0, 0, 0, 0, 0, len(text))),
            text,
            TLVS.pack(MESSAGE_ID, 9, message_id, MESSAGE_STATE, 1, DELIVERED),
        )
    )
    return HEADER.pack(16 + len(body), DELIVER_SM, 0, sequence) + body
