"""Hostile and broken workbooks: one clear refusal in seconds, and nothing falls."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
import zlib
from pathlib import Path

import openpyxl
import pytest

from massivesms.errors import ImportRefused
from massivesms.intake.books import open_book
from massivesms.intake.files import read_rows

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
    'content-types"><Default Extension="xml" ContentType="application/xml"/><Default '
    'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
ODS = "application/vnd.oasis.opendocument.spreadsheet"
SECONDS = 10
MOST_SECONDS = 20
MOST_KB = 300_000


def book() -> bytes:
    made = openpyxl.Workbook()
    made.worksheets[0].append([600111222])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def archive(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def with_sheet(xml: bytes) -> bytes:
    """A workbook whose sheet is `xml`."""
    parts: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(book())) as made:
        for name in made.namelist():
            parts[name] = made.read(name)
    parts["xl/worksheets/sheet1.xml"] = xml
    return archive(parts)


def sheet(rows: bytes) -> bytes:
    space = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    start = b'<?xml version="1.0"?><worksheet xmlns="%b"><sheetData>' % space
    return start + rows + b"</sheetData></worksheet>"


def told_bomb() -> bytes:
    """Half a gigabyte of blanks, told by the directory."""
    return archive({"[Content_Types].xml": TYPES, "xl/a.xml": bytes(500_000_000)})


def lying_bomb() -> bytes:
    """The same, with a directory that tells of ten bytes."""
    packs = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = packs.compress(bytes(100_000_000)) + packs.flush()
    true = with_sheet(sheet(b""))
    name = b"xl/z.xml"
    with zipfile.ZipFile(io.BytesIO(true)) as made:
        start = made.start_dir
        count = len(made.namelist())
    head = (20, 0, 8, 0, 0, 0, len(packed), 10, len(name), 0)
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", *head) + name + packed
    central = (
        struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, *head, *(0, 0, 0, 0), start)
        + name
    )
    directory = true[start : true.rfind(b"PK\x05\x06")] + central
    place = start + len(local)
    ending = (0, 0, count + 1, count + 1, len(directory), place, 0)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", *ending)
    return true[:start] + local + directory + end


def many_entries() -> bytes:
    return archive(
        {"[Content_Types].xml": TYPES} | {f"xl/{n}": "" for n in range(6000)}
    )


def far_cells() -> bytes:
    """Two cells that are as far from each other as a sheet is large."""
    return with_sheet(
        sheet(
            b'<row r="1"><c r="A1"><v>600111222</v></c></row>'
            b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
        )
    )


def repeated_ods() -> bytes:
    """A cell that says of itself that it comes 300 million times."""
    cell = (
        '<table:table-row table:number-rows-repeated="1000000"><table:table-cell '
        'table:number-columns-repeated="300" office:value-type="float" '
        'office:value="600111222"><text:p>600111222</text:p></table:table-cell>'
        "</table:table-row>"
    )
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="A">{cell}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:'
    manifest += 'xmlns:manifest:1.0"/>'
    parts = {"mimetype": ODS, "content.xml": content}
    return archive(parts | {"META-INF/manifest.xml": manifest})


def entities() -> bytes:
    """Entities that unfold into thousands of millions of letters."""
    lines = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    start = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">{lines}]>'
    body = sheet(b'<row r="1"><c r="A1" t="str"><v>&a9;</v></c></row>')
    return with_sheet(start.encode() + body.partition(b"?>")[2])


def encrypted_ods() -> bytes:
    manifest = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    return archive({"mimetype": ODS, "META-INF/manifest.xml": manifest})


def ole(name: str) -> bytes:
    return OLE + bytes(504) + name.encode("utf-16-le") + bytes(2000)


def office(*names: str) -> bytes:
    return archive({"[Content_Types].xml": TYPES} | dict.fromkeys(names, ""))


CASES = {
    "a-bomb-that-is-told": (told_bomb, "book_too_large"),
    "a-bomb-that-lies": (lying_bomb, "book_too_large"),
    "many-entries": (many_entries, "book_too_large"),
    "far-cells": (far_cells, "book_too_large"),
    "repeated-cells": (repeated_ods, "book_damaged"),
    "xlsx-with-a-password": (lambda: ole("EncryptedPackage"), "book_password"),
    "ods-with-a-password": (encrypted_ods, "book_password"),
    "xlsb": (lambda: office("xl/workbook.bin"), "book_kind"),
    "xlsm": (lambda: office("xl/workbook.xml", "xl/vbaProject.bin"), "book_kind"),
    "docx": (lambda: office("word/document.xml"), "book_kind"),
    "pptx": (lambda: office("ppt/presentation.xml"), "book_kind"),
    "doc": (lambda: ole("WordDocument"), "book_kind"),
    "msi": (lambda: ole("Something"), "book_kind"),
    "odt": (
        lambda: archive({"mimetype": ODS.replace("spreadsheet", "text")}),
        "book_kind",
    ),
    "zip": (lambda: archive({"numbers.csv": "600111222"}), "book_kind"),
    "half-a-file": (lambda: book()[:2000], "book_damaged"),
    "no-sheet": (lambda: office("xl/workbook.xml"), "book_damaged"),
    "xls-of-nothing": (lambda: ole("Workbook"), "book_damaged"),
    "xml-cut": (lambda: with_sheet(sheet(b"<row")[:60]), "book_damaged"),
    "pdf": (lambda: b"%PDF-1.7\n600111222", "file_binary"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_read_is_refused_within_seconds(case: str) -> None:
    make, code = CASES[case]
    content = make()
    began = time.monotonic()
    with pytest.raises(ImportRefused) as refused:
        list(read_rows(io.BytesIO(content)))
    assert time.monotonic() - began < SECONDS
    assert refused.value.problem.code == code
    assert str(refused.value).endswith(".")


def test_entities_that_unfold_endlessly_harm_nobody() -> None:
    began = time.monotonic()
    with pytest.raises(ImportRefused):
        list(read_rows(io.BytesIO(entities())))
    assert time.monotonic() - began < SECONDS


@pytest.mark.parametrize("every", [7, 61, 509])
def test_a_file_with_bytes_changed_is_read_or_refused_and_nothing_else(
    every: int,
) -> None:
    content = bytearray(book())
    for at in range(40, len(content), every):
        content[at] ^= 0x55
    try:
        list(read_rows(io.BytesIO(content)))
    except ImportRefused as refused:
        assert refused.problem.code in ("book_damaged", "book_too_large", "book_kind")


def test_no_process_and_no_file_is_left_behind() -> None:
    before = (set(os.listdir("/proc/self/fd")), children())
    rows = read_rows(io.BytesIO(book()))
    assert next(rows).raw_number == "600111222"
    rows.close()
    opened = open_book(io.BytesIO(book()))
    opened.close()
    opened.close()
    assert (set(os.listdir("/proc/self/fd")), children()) == before


def children() -> list[str]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    return path.read_text().split() if path.exists() else []


def test_a_hundred_thousand_rows_take_little_time_and_memory() -> None:
    text = b'<c t="inlineStr"><is><t>Texto %d</t></is></c>'
    row = b"<row><c><v>%d</v></c>" + text * 5 + b"<c><v>%d.5</v></c></row>"
    made = (row % (600_000_000 + n, n, n, n, n, n, n) for n in range(100_000))
    content = with_sheet(sheet(b"".join(made)))
    before = children()
    began = time.monotonic()
    with open_book(io.BytesIO(content)) as opened:
        (name, _), count = opened.sheets[0], 0
        for _record in opened.rows(name):
            count += 1
        took_s = time.monotonic() - began
        (reader,) = set(children()) - set(before)
        status = Path(f"/proc/{reader}/status").read_text()
    assert count == 100_000
    assert took_s < MOST_SECONDS
    assert int(status.partition("VmHWM:")[2].split()[0]) < MOST_KB
