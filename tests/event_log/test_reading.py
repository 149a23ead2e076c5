"""Reading the end of the event log: in order, filtered, and never all of it."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from massivesms.event_log import reading
from massivesms.event_log.reading import Part, Wanted, read_end

Read = Callable[..., Part]


def line(n: int, kind: str = "service", level: str = "INFO", text: str = "") -> str:
    stamp = f"2026-03-04 {n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}.000+0100"
    return f"{stamp} {level:<7} {kind:<9} event {n} {text}".rstrip() + "\n"


@pytest.fixture
def read(tmp_path: Path) -> Iterator[Read]:
    file = tmp_path / "log"
    opened: list[int] = []

    def call(content: str | bytes | None = None, **wanted: str) -> Part:
        if content is not None:
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        before = wanted.pop("before", None)
        opened.append(os.open(file, os.O_RDONLY))
        place = int(before) if before else None
        return read_end(opened[-1], Wanted(**wanted), limit=10, before=place)

    yield call
    for one in opened:
        os.close(one)


def numbers(part: Part) -> list[int]:
    return [int(event.text.split()[1]) for event in part.events]


def test_the_last_events_come_in_their_order(read: Read) -> None:
    part = read("".join(line(n) for n in range(100)))
    assert numbers(part) == list(range(90, 100))


def test_all_pages_together_are_the_whole_file(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BLOCK", 97)
    part = read("".join(line(n, text="ñ" * (n % 50)) for n in range(100)))
    seen = numbers(part)
    while part.earlier is not None:
        part = read(before=str(part.earlier))
        seen = numbers(part) + seen
    assert seen == list(range(100))


def test_filters_choose_kind_level_and_text(read: Read) -> None:
    content = line(1, "trunks") + line(2, "service", "WARNING") + line(3, "trunks")
    content += line(4, "service", "ERROR", "The Database")
    assert numbers(read(content, kind="trunks")) == [1, 3]
    assert numbers(read(level="WARNING")) == [2, 4]
    assert numbers(read(level="ERROR")) == [4]
    assert numbers(read(text="the database")) == [4]
    assert numbers(read(text="%")) == []


def test_the_lines_of_a_report_belong_to_their_event(read: Read) -> None:
    content = line(1) + line(2, level="ERROR") + "  | Traceback\n  | ValueError: x\n"
    part = read(content + line(3))
    assert part.events[1].further == ["  | Traceback", "  | ValueError: x"]
    assert [event.text for event in read(text="ValueError").events] == ["event 2"]


def test_what_is_just_being_written_is_shown(read: Read) -> None:
    assert numbers(read(line(1) + line(2).rstrip("\n"))) == [1, 2]


def test_what_is_no_line_of_ours_does_no_harm(read: Read) -> None:
    part = read(b"\xff\xfe\x00rubbish\n\x1b[31m\n" + line(1).encode() + b"\x1b[2J\n")
    (event,) = part.events
    assert event.further == ["\\x1b[2J"]
    assert read(b"").events == []


def test_a_huge_file_is_not_held_in_memory(
    read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sparse gigabyte: NULs without one line's end, then a last event."""
    with (tmp_path / "log").open("wb") as file:
        file.truncate(1024**3)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + line(7).encode())
    monkeypatch.setattr(reading, "MOST_READ", 2 * 1024**2)
    tracemalloc.start()
    part = read(text="nothing like that")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * 1024**2
    assert part.events == []


def test_a_rare_event_is_searched_for_part_by_part(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_READ", 5000)
    part = read(
        line(0, text="needle") + "".join(map(line, range(1, 1000))), text="needle"
    )
    looks = 1
    while not part.events:
        assert part.earlier is not None
        part, looks = read(before=str(part.earlier), text="needle"), looks + 1
    assert numbers(part) == [0] and looks > 5
