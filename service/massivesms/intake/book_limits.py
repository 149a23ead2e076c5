"""What a workbook must be before a spreadsheet library opens it.

This room tells kinds of files by their content and unpacks an archive once to count
what it truly holds, so that no zip bomb comes further. It reads no cells. It runs in
the process of book_reader, whose memory and time are limited.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from massivesms.domain.words import N_, problem_from
from massivesms.errors import ImportRefused
from massivesms.intake import book_xls

PROBLEMS = {
    "book_kind": N_(
        "This is no workbook that can be read (%(kind)s): open it, save it as xlsx or "
        "CSV and load that."
    ),
    "book_password": N_(
        "The workbook is protected by a password: open it, save it without one and "
        "load that."
    ),
    "book_damaged": N_(
        "The workbook is damaged and cannot be read: open it, save it again and load "
        "that."
    ),
    "book_too_large": N_(
        "The workbook is too large once it is unpacked: divide it, or save its sheet "
        "as CSV and load that."
    ),
    "book_no_numbers": N_(
        "No visible sheet of the workbook has a phone number: put the numbers in one "
        "column, each in a row of its own."
    ),
    "book_sheet_unknown": N_(
        "The workbook has no sheet called %(name)s. It has: %(names)s."
    ),
    "file_no_sheets": N_("Only workbooks have sheets; this file is none."),
    "book_no_sheet": N_("The workbook has no sheet called %(name)s."),
    "book_hidden_rows": N_("Hidden rows of the sheet were read too: %(n)s."),
    "book_hidden_sheets": N_("Hidden sheets were not read: %(names)s."),
    "book_other_sheets": N_(
        "Only the sheet %(name)s was read; the workbook has others: %(names)s."
    ),
    "book_merged": N_(
        "Merged cells, of which only the first holds their value: %(n)s."
    ),
    "book_errors": N_("Cells with an error such as #N/A were read as empty: %(n)s."),
    "book_no_values": N_(
        "Formulas without a stored value were read as empty: %(n)s. Open the workbook "
        "in a spreadsheet, save it and load it again to have them."
    ),
}

MAX_ENTRIES = 5000
MAX_DIRECTORY_BYTES = 2 * 1024 * 1024
MAX_UNPACKED_BYTES = 400 * 1024 * 1024
"""A million rows of three columns take about 150 MB of XML."""

MAX_RATIO = 400
"""What repeats itself most in real sheets is packed a hundredfold at most."""

_RATIO_MATTERS_FROM_BYTES = 20 * 1024 * 1024
_BLOCK_BYTES = 256 * 1024
_LONGEST_TAIL = 4 * _BLOCK_BYTES
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_END = struct.Struct("<4s4H2LH")
_LOCAL = struct.Struct("<4s5H3L2H")
#: Begins the key of a sheet that is known by its order.
ORDERED = "content.xml#"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"

_HIDDEN_ROW = re.compile(rb'<(?:\w+:)?row\s[^>]*?\bhidden="(?:1|true)"')
_NO_VALUE = re.compile(rb"</(?:\w+:)?f>(?:<(?:\w+:)?v\s*/>|<v></v>)?</(?:\w+:)?c>")
_ERROR = re.compile(rb'<(?:\w+:)?c\s[^>]*?\bt="e"')
_ODS_HIDDEN_ROW = re.compile(
    rb'<table:table-row\s[^>]*?table:visibility="(?:collapse|filter)"'
)
_ODS_TABLE = re.compile(rb"<table:table[ >]")


@dataclass(slots=True)
class Seen:
    """What is not told by the library: counts of one sheet."""

    hidden_rows: int = 0
    errors: int = 0
    no_values: int = 0


def refused(code: str, **params: object) -> ImportRefused:
    """The refusal of a workbook."""
    return ImportRefused(problem_from(PROBLEMS, code, **params))


def inspect(content: bytes) -> dict[str, Seen]:
    """What the sheets of a workbook hide, by the paths of their parts.

    Those of an ods or xls are called by their order: content.xml#0, #1 ...
    Raises ImportRefused: book_kind, book_password, book_damaged, book_too_large.
    """
    if content.startswith(_OLE):
        _refuse_ole(content)
        found = enumerate(book_xls.counts(content))
        return {f"{ORDERED}{n}": Seen(rows, errors) for n, (rows, errors) in found}
    _refuse_directory(content)
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_kinds(archive, {entry.filename for entry in entries})
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError) as error:
        raise refused("book_damaged") from error
    _refuse_told(entries, len(content))
    return _unpacked(content, entries)


def _refuse_ole(content: bytes) -> None:
    def has(name: str) -> bool:
        return name.encode("utf-16-le") in content

    if has("EncryptedPackage"):
        raise refused("book_password")
    if has("WordDocument"):
        raise refused("book_kind", kind="Word")
    if has("PowerPoint Document"):
        raise refused("book_kind", kind="PowerPoint")
    if not has("Workbook") and not has("Book"):
        raise refused("book_kind", kind="OLE")


def _refuse_directory(content: bytes) -> None:
    """Refuses a directory whose reading alone would be too much."""
    at = content.rfind(b"PK\x05\x06")
    if at < 0 or len(content) < at + _END.size:
        raise refused("book_damaged")
    *_, here, entries, size, _offset, _comment = _END.unpack_from(content, at)
    if max(here, entries) > MAX_ENTRIES or size > MAX_DIRECTORY_BYTES:
        raise refused("book_too_large")


def _refuse_kinds(archive: zipfile.ZipFile, names: set[str]) -> None:
    if "mimetype" in names:
        kind = _small(archive, "mimetype").decode("ascii", "replace").strip()
        if kind not in (_ODS, _ODS + "-template"):
            raise refused("book_kind", kind="OpenDocument")
        manifest = "META-INF/manifest.xml"
        if manifest in names and b"encryption-data" in _small(archive, manifest):
            raise refused("book_password")
        return
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise refused("book_password")
    if "xl/workbook.bin" in names:
        raise refused("book_kind", kind="xlsb")
    if "xl/vbaProject.bin" in names:
        raise refused("book_kind", kind="xlsm")
    for folder, kind in (("word/", "Word"), ("ppt/", "PowerPoint")):
        if any(name.startswith(folder) for name in names):
            raise refused("book_kind", kind=kind)
    if "[Content_Types].xml" not in names:
        raise refused("book_kind", kind="ZIP")
    types = _small(archive, "[Content_Types].xml")
    if b"macroEnabled" in types:
        raise refused("book_kind", kind="xlsm")
    if b"spreadsheetml" not in types:
        raise refused("book_kind", kind="Office")


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as part:
        return part.read(_BLOCK_BYTES)


def _refuse_told(entries: list[zipfile.ZipInfo], packed_bytes: int) -> None:
    told = sum(entry.file_size for entry in entries)
    is_bomb = told > _RATIO_MATTERS_FROM_BYTES and told > MAX_RATIO * packed_bytes
    if told > MAX_UNPACKED_BYTES or is_bomb:
        raise refused("book_too_large")


def _unpacked(content: bytes, entries: list[zipfile.ZipInfo]) -> dict[str, Seen]:
    """Unpacks all of it, never keeping it, and counts what the sheets hide."""
    found: dict[str, Seen] = {}
    budget = MAX_UNPACKED_BYTES
    for entry in entries:
        blocks = _counted(content, entry)
        if entry.filename == "content.xml":
            for number, seen in enumerate(_scan_ods(blocks)):
                found[f"{ORDERED}{number}"] = seen
        elif "/worksheets/" in entry.filename:
            found[entry.filename] = _scan_sheet(blocks)
        else:
            for _ in blocks:
                pass
        budget -= entry.file_size
        if budget < 0:
            raise refused("book_too_large")
    return found


def _counted(content: bytes, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The blocks of an entry; refused when there is more in it than was told."""
    if entry.header_offset + _LOCAL.size > len(content):
        raise refused("book_damaged")
    head = _LOCAL.unpack_from(content, entry.header_offset)
    start = entry.header_offset + _LOCAL.size + head[-2] + head[-1]
    packed = memoryview(content)[start : start + entry.compress_size]
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise refused("book_damaged")
    unpacks = zlib.decompressobj(-15) if entry.compress_type else None
    taken = 0
    for at in range(0, len(packed), _BLOCK_BYTES):
        block = bytes(packed[at : at + _BLOCK_BYTES])
        for piece in _inflated(unpacks, block) if unpacks else (block,):
            taken += len(piece)
            if taken > entry.file_size:
                raise refused("book_too_large")
            yield piece


def _inflated(unpacks: zlib._Decompress, block: bytes) -> Iterator[bytes]:
    while block:
        try:
            piece = unpacks.decompress(block, _BLOCK_BYTES)
        except zlib.error as error:
            raise refused("book_damaged") from error
        if not piece:
            return
        yield piece
        block = unpacks.unconsumed_tail


def _rows(blocks: Iterator[bytes], ending: bytes) -> Iterator[bytes]:
    """The blocks cut at the ends of rows, so that no tag is cut in two."""
    rest = b""
    for block in blocks:
        rest += block
        end = rest.rfind(ending) + len(ending)
        if end >= len(ending):
            yield rest[:end]
            rest = rest[end:]
        elif len(rest) > _LONGEST_TAIL:
            yield rest
            rest = b""
    yield rest


def _scan_sheet(blocks: Iterator[bytes]) -> Seen:
    seen = Seen()
    for part in _rows(blocks, b"</row>"):
        if b"hidden=" in part:
            seen.hidden_rows += len(_HIDDEN_ROW.findall(part))
        if b't="e"' in part:
            seen.errors += len(_ERROR.findall(part))
        seen.no_values += len(_NO_VALUE.findall(part))
    return seen


def _scan_ods(blocks: Iterator[bytes]) -> list[Seen]:
    tables: list[Seen] = []
    for part in _rows(blocks, b"</table:table-row>"):
        before, *pieces = _ODS_TABLE.split(part)
        if tables:
            tables[-1].hidden_rows += len(_ODS_HIDDEN_ROW.findall(before))
        for piece in pieces:
            tables.append(Seen(len(_ODS_HIDDEN_ROW.findall(piece))))
    return tables
