"""Dropped files and addresses: read whole, refused with care, moved aside when done."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from massivesms.domain import own_hosts
from massivesms.errors import ImportRefused
from massivesms.sources import files, reading
from massivesms.sources.found import Place, SourceFailed
from massivesms.sources.reading import Cells, Wanted
from tests.fakes.target import OK, Answer, Target, drip, hang, status

MakePlace = Callable[..., Place]
CSV = "nombre;celular\nAna;600111222\nEva;600111223\n"
HALF = f"HTTP/1.1 200 OK\r\nContent-Length: {len(CSV)}\r\n\r\n{CSV[:-20]}".encode()
HALF_BLOCK = (
    f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{CSV}".encode()
)


def read(place: Place, known: set[bytes] | None = None) -> list[Cells]:
    with reading.opened(place, known) as found:
        return list(reading.rows(found, Wanted("Hola <nombre>"), place.most_rows))


def drop(folder: Path, name: str, text: str | bytes, age_s: int = 60) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


def test_a_dropped_file_is_read_and_known_again(
    place: MakePlace, tmp_path: Path
) -> None:
    folder = tmp_path / "sources" / "in"
    path = drop(folder, "a.csv", CSV)
    drop(folder, "b.csv.part", CSV)
    drop(folder, "fresh.csv", CSV, age_s=0)
    given = place({"kind": "folder", "place": str(folder)})
    with reading.opened(given, set()) as found:
        (one,) = found.files
        assert len(list(found.rows)) == 2
    assert read(given, {one.digest}) == [] and not path.exists()
    assert (folder / files.DONE / "a.csv").exists()


def test_what_is_no_file_of_rows_is_moved_aside_and_said(
    place: MakePlace, tmp_path: Path
) -> None:
    folder = tmp_path / "sources" / "in"
    drop(folder, "a.csv", b"\x00\x01" * 99)
    (folder / "b.csv").symlink_to("/etc/passwd")
    given = place({"kind": "folder", "place": str(folder)})
    with pytest.raises(SourceFailed, match=r"a\.csv"):
        read(given)
    assert (folder / files.REFUSED / "a.csv").exists()
    assert read(given) == []  # a link is never followed
    with pytest.raises(SourceFailed, match="is not below"):
        read(place({"kind": "folder", "place": "/etc"}))


def test_an_address_is_asked_for_the_day(place: MakePlace) -> None:
    with Target([status("200 OK", body=CSV)]) as target:
        url = f"http://127.0.0.1:{target.port}/x?d=:date"
        key = (("X-Key", "abc"),)
        found = read(place({"kind": "url", "place": url}, headers=key))
        assert [row.number for row in found] == ["600111222", "600111223"]
        assert found[0].values == {"first_name": "Ana"}
        assert target.got[0].line == "GET /x?d=2026-07-02 HTTP/1.1"
        assert target.got[0].headers["x-key"] == "abc"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        pytest.param(hang, "longer than 1 seconds", id="hangs"),
        pytest.param(drip, "longer than 1 seconds", id="drips"),
        pytest.param(status("503 Busy"), "503 Busy", id="busy"),
        pytest.param(status("302 Found", "Location: /"), "302", id="elsewhere"),
        pytest.param(OK, "no row", id="no numbers"),
        pytest.param(HALF, "broke off: 127.0.0.1", id="half of it"),
        pytest.param(HALF_BLOCK, "broke off: 127.0.0.1", id="half a block"),
    ],
)
def test_an_address_that_does_not_answer_rows_is_said(
    answer: Answer, said: str, place: MakePlace
) -> None:
    with Target([answer]) as target:
        given = {"kind": "url", "place": f"http://127.0.0.1:{target.port}/x"}
        with pytest.raises((SourceFailed, ImportRefused), match=f"(?i){said}"):
            read(place(given, timeout_s=1))
        with pytest.raises(SourceFailed, match="Own hosts"):
            read(place(given, own_hosts=own_hosts.read("")))


def test_a_dropped_workbook_is_read_like_text(place: MakePlace, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for cells in (["nombre", "celular"], ["Ana", 600111222], ["Eva", 600111223]):
        book.worksheets[0].append(cells)
    out = io.BytesIO()
    book.save(out)
    folder = tmp_path / "sources" / "in"
    drop(folder, "a.xlsx", out.getvalue())
    found = read(place({"kind": "folder", "place": str(folder)}))
    assert [(one.number, *one.values.values()) for one in found] == [
        ("600111222", "Ana"),
        ("600111223", "Eva"),
    ]


def test_a_message_with_commas_is_whole_or_its_row_is_refused(
    place: MakePlace, tmp_path: Path
) -> None:
    folder = tmp_path / "sources" / "in"
    given = place({"kind": "folder", "place": str(folder)})
    path = drop(folder, "a.csv", "600111222,Hola Ana, a las 10, no falte\n")
    with reading.opened(given) as found:
        (row,) = reading.rows(found, Wanted(), given.most_rows)
    assert row.text == "Hola Ana, a las 10, no falte"
    path.unlink()
    cut = "600111222,Ana,Hola, a las 10"
    drop(folder, "b.csv", f"celular,nombre,mensaje\n{cut}\n600111223,Eva,Hola\n")
    with reading.opened(given) as found:
        bad, good = reading.rows(found, Wanted(), given.most_rows)
    assert bad.problem and "put its message in quotes" in str(bad.problem)
    assert (good.number, good.text, good.problem) == ("600111223", "Hola", None)


@pytest.mark.parametrize(
    ("wanted", "cell"),
    [
        pytest.param(Wanted(), " ", id="only a blank"),
        pytest.param(Wanted("Hola"), "x", id="a text of the source's own"),
    ],
)
def test_a_cell_too_many_that_cuts_no_message_is_left_out(
    wanted: Wanted, cell: str, place: MakePlace, tmp_path: Path
) -> None:
    folder = tmp_path / "sources" / "in"
    drop(folder, "a.csv", f"movil;mensaje\n600111222;Hola\n600111223;Adios;{cell}\n")
    given = place({"kind": "folder", "place": str(folder)})
    with reading.opened(given) as found:
        rows = list(reading.rows(found, wanted, given.most_rows))
    assert [row.problem for row in rows] == [None, None]
    own = ["Hola", "Adios"]
    assert [row.text for row in rows] == ([None, None] if wanted.text else own)


@pytest.mark.parametrize("named", ["number_column", "key_column"])
def test_a_named_column_of_a_file_without_header_is_refused(
    named: str, place: MakePlace, tmp_path: Path
) -> None:
    folder = tmp_path / "sources" / "in"
    given = place({"kind": "folder", "place": str(folder)})
    wanted = Wanted("Hola", **{named: "codigo"})
    folder.mkdir()
    with reading.opened(given) as found:  # no file at all is nothing wrong
        assert list(reading.rows(found, wanted, 9)) == []
    drop(folder, "a.csv", "1;600111222\n2;600111223\n")
    with (
        reading.opened(given) as found,
        pytest.raises(SourceFailed, match="no header.*codigo"),
    ):
        list(reading.rows(found, wanted, 9))
