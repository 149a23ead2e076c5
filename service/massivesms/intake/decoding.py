"""From the bytes of an uploaded file to lines of text, as a stream.

This room owns encodings, line breaks and what is no text at all (pictures, oversized
files; workbooks are read in books.py). It knows nothing of columns and numbers, and
never holds more than one block and one line.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from massivesms.domain.words import N_, problem_from
from massivesms.errors import ImportRefused

PROBLEMS = {
    "file_empty": N_("The file is empty: choose a file with one number per row."),
    "file_binary": N_(
        "This is not a text file (%(kind)s): save the numbers as CSV and load that."
    ),
    "file_too_large": N_(
        "The file is larger than %(limit_mib)s MiB: divide it and load the pieces."
    ),
    "file_line_too_long": N_(
        "Line %(line)s of the file is too long to be a row: save it as CSV again."
    ),
}

LIMIT_BYTES = 50 * 1024 * 1024
"""The largest file; a million rows of numbers with messages fit."""

BLOCK_BYTES = 64 * 1024
"""How much is read at once; the first block is the sample that decides."""

MAX_LINE_CHARACTERS = 1024 * 1024
"""A longer line is no row of numbers and would only fill the memory."""

_MIB = 1024 * 1024
_WIDE_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_BINARIES = (
    (b"PK\x03\x04", "ZIP"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh\\d", "bzip2"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!", "RAR"),
    (b"\\{\\\\rtf", "RTF"),
    (b"(?i:\\s*<(?:!doctype|html|\\?xml))", "HTML/XML"),
)


class ByteSource:
    """The bytes of one file in blocks, counted against a limit.

    The first block is read at once and is `sample`. ImportRefused: file_empty,
    file_too_large.
    """

    def __init__(self, file: BinaryIO, limit_bytes: int) -> None:
        self._file = file
        self._limit_bytes = limit_bytes
        self._refuse_size()
        self.sample = self._read_sample()
        if not self.sample.strip():
            raise ImportRefused(problem_from(PROBLEMS, "file_empty"))
        if len(self.sample) > limit_bytes:
            raise self._too_large()

    @property
    def is_whole(self) -> bool:
        """True when the sample is the whole file."""
        return len(self.sample) < BLOCK_BYTES

    def blocks(self) -> Iterator[bytes]:
        """Yield the file from its beginning; only once."""
        taken = len(self.sample)
        block = self.sample
        while block:
            yield block
            block = self._file.read(BLOCK_BYTES)
            taken += len(block)
            if taken > self._limit_bytes:
                raise self._too_large()

    def _read_sample(self) -> bytes:
        # A pipe or a socket may return less than was asked for.
        sample = b""
        while len(sample) < BLOCK_BYTES:
            block = self._file.read(BLOCK_BYTES - len(sample))
            if not block:
                break
            sample += block
        return sample

    def _refuse_size(self) -> None:
        """Refuse before reading, where the size can be known."""
        if not self._file.seekable():
            return
        here = self._file.tell()
        size = self._file.seek(0, 2) - here
        self._file.seek(here)
        if size > self._limit_bytes:
            raise self._too_large()

    def _too_large(self) -> ImportRefused:
        limit_mib = max(1, self._limit_bytes // _MIB)
        return ImportRefused(
            problem_from(PROBLEMS, "file_too_large", limit_mib=limit_mib)
        )


def detect_encoding(sample: bytes) -> str:
    """Name the encoding of a file that begins with `sample`.

    One of utf-8, utf-8-sig, cp1252, utf-16-le/be, utf-32-le/be. ImportRefused
    when it is no text: file_binary.
    """
    for bom, encoding in _WIDE_BOMS:
        if sample.startswith(bom):
            return encoding
    _refuse_known_kinds(sample)
    if b"\0" in sample:
        return _wide_without_bom(sample)
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def decode_lines(blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    """Yield the lines without their breaks (LF, CRLF or CR).

    In 8-bit files each line is UTF-8, or else Windows-1252: files are put together
    from others, and one stray byte after a million good rows must not stop them.
    ImportRefused: file_line_too_long.
    """
    if encoding.startswith(("utf-16", "utf-32")):
        pieces = _decode_wide(blocks, encoding)
    else:
        pieces = _decode_narrow(blocks)
    return _split_lines(pieces)


def _refuse_known_kinds(sample: bytes) -> None:
    for signature, kind in _BINARIES:
        if re.match(signature, sample, re.DOTALL):
            raise ImportRefused(problem_from(PROBLEMS, "file_binary", kind=kind))


def _wide_without_bom(sample: bytes) -> str:
    """Tell UTF-16 by where the zero bytes of Latin letters and digits stand."""
    half = len(sample) / 2
    first, second = sample[0::2].count(0) / half, sample[1::2].count(0) / half
    if second > 0.3 and first < 0.05:
        return "utf-16-le"
    if first > 0.3 and second < 0.05:
        return "utf-16-be"
    raise ImportRefused(problem_from(PROBLEMS, "file_binary", kind="NUL"))


def _decode_wide(blocks: Iterable[bytes], encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    is_first = True
    for block in blocks:
        text = decoder.decode(block)
        yield text.removeprefix("\ufeff") if is_first else text
        is_first = False
    yield decoder.decode(b"", final=True)


def _decode_narrow(blocks: Iterable[bytes]) -> Iterator[str]:
    """Decode up to the last line break of each block, so that lines stay whole."""
    rest = b""
    is_first = True
    for block in blocks:
        rest += block.removeprefix(codecs.BOM_UTF8) if is_first else block
        is_first = False
        end = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
        if end:
            yield _decode_block(rest[:end])
            rest = rest[end:]
        elif len(rest) > MAX_LINE_CHARACTERS:
            yield rest.decode("latin-1")  # refused by its length, one step further
    yield _decode_block(rest)


def _decode_block(block: bytes) -> str:
    try:
        return block.decode("utf-8")
    except UnicodeDecodeError:
        return "".join(map(_decode_line, block.splitlines(keepends=True)))


def _decode_line(line: bytes) -> str:
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Five bytes are nothing in Windows-1252; as C1 controls they are named to
    # the person when the row is judged, where a replacement would lose them.
    return line.decode("latin-1")


def _split_lines(pieces: Iterable[str]) -> Iterator[str]:
    rest = ""
    count = 0
    for piece in pieces:
        text = rest + piece
        held = "\r" if text.endswith("\r") else ""  # its \n may come next
        text = text.removesuffix("\r").replace("\r\n", "\n").replace("\r", "\n")
        *lines, rest = text.split("\n")
        yield from lines
        count += len(lines)
        if len(rest) > MAX_LINE_CHARACTERS:
            problem = problem_from(PROBLEMS, "file_line_too_long", line=count + 1)
            raise ImportRefused(problem)
        rest += held
    if rest:
        yield rest.removesuffix("\r")
