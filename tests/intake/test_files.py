"""Files that people really upload: how they are read, and which are refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from massivesms.domain.numbers import NumberPlan
from massivesms.domain.recipients import Row, Screening
from massivesms.errors import ImportRefused
from massivesms.intake.files import describe, read_rows

Pair = tuple[str, str | None]


def rows_of(content: str | bytes, encoding: str = "utf-8") -> list[Row]:
    raw = content.encode(encoding) if isinstance(content, str) else content
    return list(read_rows(io.BytesIO(raw)))


def pairs_of(content: str | bytes, encoding: str = "utf-8") -> list[Pair]:
    return [(row.raw_number, row.text) for row in rows_of(content, encoding)]


TWO_ROWS: list[Pair] = [("600111222", "Mañana ¡sí!"), ("600111223", "Peña")]
TWO_LINES = "600111222;Mañana ¡sí!\n600111223;Peña\n"


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        pytest.param("utf-8", "utf-8", id="utf-8"),
        pytest.param("utf-8-sig", "utf-8-sig", id="utf-8-with-bom"),
        pytest.param("cp1252", "cp1252", id="windows-1252"),
        pytest.param("latin-1", "cp1252", id="latin-1"),
        pytest.param("utf-16", "utf-16-le", id="utf-16-with-bom"),
        pytest.param("utf-16-le", "utf-16-le", id="utf-16-le-without-bom"),
        pytest.param("utf-16-be", "utf-16-be", id="utf-16-be-without-bom"),
        pytest.param("utf-32", "utf-32-le", id="utf-32"),
    ],
)
def test_every_usual_encoding_is_read(encoding: str, named: str) -> None:
    content = TWO_LINES.encode(encoding)
    assert pairs_of(content) == TWO_ROWS
    assert describe(io.BytesIO(content)).encoding == named


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_every_separator_and_line_break_is_read(
    separator: str, line_break: str
) -> None:
    content = TWO_LINES.replace(";", separator).replace("\n", line_break)
    assert pairs_of(content) == TWO_ROWS
    assert describe(io.BytesIO(content.encode())).separator == separator


def test_a_quoted_message_may_have_line_breaks_and_lines_still_count() -> None:
    rows = rows_of('600111222;"uno\r\ndos\r\n\r\ntres"\r\n600111223;fin\r\n')
    assert [(row.line, row.text) for row in rows] == [
        (1, "uno\ndos\n\ntres"),
        (5, "fin"),
    ]


def test_a_quote_that_nobody_closes_swallows_no_rows() -> None:
    rows = rows_of('600111222;"Hola\n' + "600111223;x\n" * 300)
    assert len(rows) == 301
    assert (rows[0].text, rows[-1].line) == ('"Hola', 301)


def test_two_stray_quotes_do_not_swallow_the_rows_between_them() -> None:
    rows = rows_of('600111222;"Hola\n600111223;x\n600111224;"Adios\n')
    assert [row.text for row in rows] == ['"Hola', "x", '"Adios']


def test_one_latin_1_byte_after_megabytes_of_utf_8_spoils_nothing() -> None:
    good = "600111222;ñandú\n".encode() * 300_000
    content = good + "600111223;peña\n".encode("latin-1") + b"600111224;a\x81\n" + good
    texts = [row.text for row in rows_of(content)]
    assert len(texts) == 600_002
    assert texts[299_999:300_003] == ["ñandú", "peña", "a\x81", "ñandú"]


@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_blocks_end_anywhere_within_characters_and_line_breaks(
    shift: int, encoding: str
) -> None:
    first = "6" * (9 + shift) + "\r\n"
    content = first + "600111222;ñ€😀\r\n" * 20_000
    rows = rows_of(content, encoding)
    assert len(rows) == 20_001
    assert {row.text for row in rows[1:]} == {"ñ€😀"}
    assert rows[-1].line == 20_001


class Trickle(io.RawIOBase):
    """A stream that cannot seek and returns a few bytes at a time."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._content.read(min(size, 1000) if size >= 0 else 1000)


def test_a_stream_that_cannot_seek_is_read_to_its_end() -> None:
    stream = Trickle(b"600111222;Hola\n" * 20_000)
    assert len(list(read_rows(stream))) == 20_000  # type: ignore[arg-type]


def test_a_path_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_bytes(b"600111222\n")
    assert [row.raw_number for row in read_rows(path)] == ["600111222"]
    assert [row.raw_number for row in read_rows(str(path))] == ["600111222"]


def test_describe_leaves_the_file_where_it_was() -> None:
    file = io.BytesIO(b"number,message\n600111222,Hola\n")
    shape = describe(file)
    assert (shape.has_header, shape.columns) == (True, 2)
    assert len(list(read_rows(file))) == 1


@pytest.mark.parametrize(
    ("content", "code", "words"),
    [
        pytest.param(b"", "file_empty", "empty", id="empty"),
        pytest.param(b" \r\n\r\n", "file_empty", "empty", id="blank"),
        pytest.param(b"PK\x03\x04\0\0a.csv", "book_damaged", "damaged", id="zip"),
        pytest.param(b"%PDF-1.7\n600111222", "file_binary", "PDF", id="pdf"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0", "file_binary", "PNG", id="png"),
        pytest.param(b"<html><table>600", "file_binary", "HTML", id="web-page"),
        pytest.param(b"600111222\0\0\0\0\1\2\n", "file_binary", "NUL", id="nul"),
        pytest.param(b"number,message\n", "file_no_numbers", "", id="only-a-header"),
        pytest.param(b"Ana;Madrid\nEva;Lugo\n", "file_no_numbers", "", id="only-names"),
        pytest.param(
            b"600111222\n" + b"a" * 3_000_000, "file_line_too_long", "Line 2", id="line"
        ),
    ],
)
def test_a_file_that_is_no_list_is_refused_with_what_to_do(
    content: bytes, code: str, words: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        rows_of(content)
    assert refused.value.problem.code == code
    assert words in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize("kind", [io.BytesIO, Trickle], ids=["file", "stream"])
@pytest.mark.parametrize("size", [200, 100_000])
def test_a_file_larger_than_the_limit_is_refused(
    kind: type[io.BytesIO], size: int
) -> None:
    limit = size * 10 - 1
    with pytest.raises(ImportRefused) as refused:
        list(read_rows(kind(b"600111222\n" * size), limit_bytes=limit))
    assert refused.value.problem.code == "file_too_large"


def test_a_file_of_exactly_the_limit_is_read() -> None:
    assert len(list(read_rows(io.BytesIO(b"600111222\n" * 20), limit_bytes=200))) == 20


cells = st.text(
    alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r\0'\ufeff"),
    max_size=40,
).filter(lambda text: text == text.strip(" "))


@given(st.lists(cells, min_size=1, max_size=20), st.sampled_from(",;\t|"))
@example(['"\n'], ";")
@example(['"\n"', 'Hola "a"\n"b', '"'], ",")
def test_what_a_csv_writer_wrote_comes_back_whole(texts: list[str], sep: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=sep, quoting=csv.QUOTE_ALL)
    writer.writerow(("number", "message"))
    writer.writerows((f"6{n:08}", text) for n, text in enumerate(texts))
    found = pairs_of(out.getvalue())
    assert found == [(f"6{n:08}", text or None) for n, text in enumerate(texts)]


@given(st.binary(max_size=300))
def test_any_bytes_are_rows_or_one_clear_refusal(content: bytes) -> None:
    try:
        rows = rows_of(content)
    except ImportRefused as refused:
        assert str(refused)
    else:
        assert all(row.line >= 1 for row in rows)


def test_every_row_of_a_large_file_gets_its_verdict() -> None:
    def lines() -> Iterator[bytes]:
        for n in range(50_000):
            yield b"6%08d;Hola\r\n" % n if n % 10 else b"12;Hola\r\n"

    screening = Screening(NumberPlan("34", ("6",), 9, 9))
    for _ in screening.screen(read_rows(io.BytesIO(b"".join(lines())))):
        pass
    assert screening.summary.rows == 50_000
    assert screening.summary.problems["too_short"].count == 5_000
