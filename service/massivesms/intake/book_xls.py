"""What an xls file hides in its sheets: rows and errors, counted in its records.

This room walks compound files (MS-CFB) and the records of workbooks (MS-XLS) far enough
for that. A file that is not as it should be has no counts; the library refuses it.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_FREE = 0xFFFFFFFA  # sectors from here on are marks, not places
_NAMES = {name.encode("utf-16-le") for name in ("Workbook\0", "Book\0")}
_SMALL_STREAM_BYTES = 4096
_ROW, _ERROR, _SHEET, _END = 0x0208, 0x0205, 0x0085, 0x000A
_IS_HIDDEN = 0x20  # fDyZero of Row, MS-XLS 2.4.221


def counts(content: bytes) -> list[tuple[int, int]]:
    """Hidden rows and cells with an error of each sheet, in their order."""
    try:
        stream = _stream(content)
        return [_of_sheet(stream, place) for place in _places(stream)]
    except (struct.error, IndexError):
        return []


def _stream(content: bytes) -> bytes:
    """The workbook's stream; empty when there is none of the usual size."""
    (shift,) = struct.unpack_from("<H", content, 30)
    size = 1 << min(shift, 12)
    fat = _allocation(content, size)
    (first,) = struct.unpack_from("<L", content, 48)
    folder = _chain(content, first, fat, size)
    for at in range(0, len(folder), 128):
        (length,) = struct.unpack_from("<H", folder, at + 64)
        if folder[at : at + length] in _NAMES:
            start, stream_bytes = struct.unpack_from("<LL", folder, at + 116)
            if stream_bytes >= _SMALL_STREAM_BYTES:
                return _chain(content, start, fat, size)[:stream_bytes]
    return b""


def _allocation(content: bytes, size: int) -> list[int]:
    """Which sector follows which; tables beyond 109 sectors (7 MB) are in a chain."""
    places = list(struct.unpack_from("<109L", content, 76))
    after, more = struct.unpack_from("<LL", content, 68)
    for _ in range(min(more, len(content) // size)):
        *further, after = struct.unpack_from(
            f"<{size // 4}L", content, size + after * size
        )
        places += further
    fat: list[int] = []
    for place in places:
        if place < _FREE and len(fat) * size < len(content) * 4:
            fat += struct.unpack_from(f"<{size // 4}L", content, size + place * size)
    return fat


def _chain(content: bytes, place: int, fat: list[int], size: int) -> bytes:
    parts: list[bytes] = []
    while place < _FREE and len(parts) <= len(fat):
        parts.append(content[size + place * size : 2 * size + place * size])
        place = fat[place]
    return b"".join(parts)


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        if kind == _END:
            return
        at += 4 + length


def _places(stream: bytes) -> list[int]:
    """Where the sheets begin, as the workbook's own records say."""
    return [
        struct.unpack_from("<L", record)[0]
        for kind, record in _records(stream, 0)
        if kind == _SHEET
    ]


def _of_sheet(stream: bytes, place: int) -> tuple[int, int]:
    hidden = errors = 0
    for kind, record in _records(stream, place):
        if kind == _ROW and len(record) >= 14:
            hidden += bool(record[12] & _IS_HIDDEN)
        elif kind == _ERROR and len(record) >= 8:
            errors += record[7] == 1
    return hidden, errors
