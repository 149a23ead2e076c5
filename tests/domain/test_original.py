"""How texts, names, prefixes and times of the original module are read."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain import original
from massivesms.domain.schedule import SendingHours

MADRID = ZoneInfo("Europe/Madrid")


def latin1(text: str) -> bytes:
    return text.encode("cp1252")


TEXTS = [
    pytest.param(b"Hola", "latin1", "Hola", False, id="ascii"),
    pytest.param(latin1("Peñón, 5€"), "latin1", "Peñón, 5€", False, id="latin1"),
    pytest.param(
        "Peñón, 5€".encode(), "latin1", "Peñón, 5€", True, id="utf8 in latin1"
    ),
    pytest.param("Peñón".encode(), "utf8", "Peñón", False, id="utf8"),
    pytest.param(
        latin1("Peñón").decode("cp1252").encode().decode("cp1252").encode(),
        *("utf8mb4", "Peñón", True),
        id="twice",
    ),
    pytest.param("Привет".encode(), "latin1", "Привет", True, id="cyrillic"),
    pytest.param(latin1("café"), "latin1", "café", False, id="ends in an accent"),
    pytest.param("ñ niñ".encode()[:-1], "latin1", "ñ ni", True, id="cut in the middle"),
    pytest.param(b"a\x00b\tc\x7f", "latin1", "a b c ", False, id="controls"),
    pytest.param("ñ¡¡¡".encode(), "utf8", "ñ¡¡¡", False, id="only looks like utf8"),
    pytest.param(b"\x81\x8d", "latin1", " ", False, id="octets that no text has"),
]


@pytest.mark.parametrize(("raw", "charset", "text", "mended"), TEXTS)
def test_a_text_is_read_as_it_was_meant(
    raw: bytes, charset: str, text: str, mended: bool
) -> None:
    read = original.read_text(raw, charset)
    assert (read.text, read.mended) == (text, mended)


@given(st.binary(max_size=80))
def test_any_octets_are_some_text(raw: bytes) -> None:
    text = original.read_text(raw).text
    assert text.encode() is not None


@given(st.text("abc ñáéíóúüÑÇ", max_size=60), st.integers(0, 3))
def test_however_often_a_text_was_encoded_it_comes_back(text: str, times: int) -> None:
    raw = text.encode()
    for _ in range(times - 1):
        raw = raw.decode("latin-1").encode()
    assert original.read_text(raw).text == text


@pytest.mark.parametrize(
    ("text", "country", "prefixes"),
    [
        ("6\r\n346\r\n00346", "34", ["6"]),
        ("9", "56", ["9"]),
        ("569\n+569", "56", ["9"]),
        ("6, 7;8", "34", ["6", "7", "8"]),
        ("34", "34", []),
        ("", "34", []),
        ("6 346", "", ["346", "6"]),
    ],
)
def test_prefixes_are_those_after_the_country_code(
    text: str, country: str, prefixes: list[str]
) -> None:
    assert original.read_mobile_prefixes(text, country) == prefixes


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2012-07-01 10:00:00", datetime(2012, 7, 1, 8, tzinfo=UTC)),
        ("2012-01-01 10:00:00", datetime(2012, 1, 1, 9, tzinfo=UTC)),
        ("0000-00-00 00:00:00", None),
        ("", None),
        ("nonsense", None),
    ],
)
def test_a_time_is_the_wall_clocks(text: str, moment: datetime | None) -> None:
    assert original.read_time(text, MADRID) == moment


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [
        ("00:00:00", "23:59:00", None),
        ("08:00:00", "20:00:00", SendingHours(time(8), time(20))),
        ("08:00:00", "08:00:00", None),
        ("-838:59:59", "x", None),
    ],
)
def test_hours_are_left_out_when_they_are_the_whole_day_or_nonsense(
    start: str, end: str, hours: SendingHours | None
) -> None:
    assert original.read_hours(start, end) == hours


def test_a_free_name_differs_as_the_database_sees_it_and_fits() -> None:
    taken = {original.folded(n) for n in ("Navidad", "Navidad (x)", "a" * 20)}
    assert original.free_name("NAVIDÁD", "x", taken) == "NAVIDÁD (x 2)"
    assert original.free_name("a" * 30, "x", taken, 20) == "a" * 16 + " (x)"
    assert original.free_name("", "x", set()) == "x"


def test_what_waits_in_a_finished_campaign_is_never_sent() -> None:
    for status in "PNBEFIS?":
        assert original.fate(status, "F").state != "queued"
