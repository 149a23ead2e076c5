"""Writing the event log: the right day, the wanted kinds, and no forged line."""

from __future__ import annotations

import logging
import os
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from massivesms.event_log import files
from massivesms.event_log.writing import EventLog

MADRID = ZoneInfo("Europe/Madrid")
KINDS = frozenset({"service", "trunks"})


@pytest.fixture
def log(tmp_path: Path) -> Iterator[EventLog]:
    handler = EventLog(tmp_path / "log")
    handler.follow(MADRID, KINDS)
    yield handler
    handler.close()


def say(
    log: EventLog,
    text: str = "something",
    *,
    logger: str = "massivesms.engine.daemon",
    level: int = logging.INFO,
    at: datetime | None = None,
    error: BaseException | None = None,
) -> None:
    found = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, level, "", 0, text, (), found)
    if at is not None:
        record.created = at.timestamp()
    log.emit(record)


def text_of(tmp_path: Path) -> str:
    return "".join(f.read_text() for f in sorted((tmp_path / "log").iterdir()))


def test_a_day_ends_at_midnight_of_the_configured_zone(
    log: EventLog, tmp_path: Path
) -> None:
    say(log, "before", at=datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC))
    say(log, "after", at=datetime(2026, 7, 1, 22, 0, 0, tzinfo=UTC))
    first, second = sorted((tmp_path / "log").iterdir())
    assert first.name == "massivesms-2026-07-01.log"
    assert second.name == "massivesms-2026-07-02.log"
    assert first.read_text().startswith("2026-07-01 23:59:59.")
    assert second.read_text().endswith("+0200 INFO    service   after\n")


@pytest.mark.parametrize(
    ("logger", "level", "is_written"),
    [
        ("massivesms.engine.daemon", logging.INFO, True),
        ("massivesms.engine.trunk_worker", logging.INFO, True),
        ("massivesms.events.changes", logging.INFO, False),
        ("massivesms.events.sign_in", logging.WARNING, False),
        ("massivesms.events.changes", logging.ERROR, True),
        ("some.package", logging.INFO, False),
        ("some.package", logging.WARNING, True),
    ],
)
def test_only_the_wanted_kinds_are_written_and_errors_always(
    log: EventLog, tmp_path: Path, logger: str, level: int, is_written: bool
) -> None:
    say(log, "once", logger=logger, level=level)
    assert (tmp_path / "log").exists() is is_written


@pytest.mark.parametrize(
    "hostile",
    [
        "x\n2026-01-01 00:00:00.000+0000 ERROR   service   forged",
        "x\r2026-01-01",
        "x\x1b[2J\x1b[31mred",
        "x\u2028y",
        "x\u202eevil",
        "x\x00y",
    ],
)
def test_a_value_never_looks_like_another_line(
    log: EventLog, tmp_path: Path, hostile: str
) -> None:
    say(log, hostile)
    (line,) = text_of(tmp_path).split("\n")[:-1]
    assert line.isprintable()


def test_the_report_of_an_error_is_marked_line_by_line(
    log: EventLog, tmp_path: Path
) -> None:
    try:
        raise ValueError("first\n2026-01-01 00:00:00.000+0000 ERROR service forged")
    except ValueError as error:
        say(log, "failed", level=logging.ERROR, error=error)
    first, *others = text_of(tmp_path).splitlines()
    assert first.endswith("failed")
    assert others and all(line.startswith("  | ") for line in others)


def test_a_very_long_line_is_cut(log: EventLog, tmp_path: Path) -> None:
    say(log, "x" * 1_000_000)
    assert len(text_of(tmp_path)) < 5000


def test_a_file_that_was_taken_away_is_made_anew(log: EventLog, tmp_path: Path) -> None:
    say(log, "one")
    (file,) = (tmp_path / "log").iterdir()
    file.rename(tmp_path / "elsewhere")
    say(log, "two")
    assert (
        "two" in file.read_text() and "two" not in (tmp_path / "elsewhere").read_text()
    )


def test_an_emptied_file_goes_on_at_its_beginning(
    log: EventLog, tmp_path: Path
) -> None:
    say(log, "one")
    (found,) = files.all_files(tmp_path / "log")
    assert files.empty(tmp_path / "log", found.day) > 0
    say(log, "two")
    assert text_of(tmp_path).count("\n") == 1 and "\x00" not in text_of(tmp_path)


def test_nobody_else_reads_it(log: EventLog, tmp_path: Path) -> None:
    say(log)
    (file,) = (tmp_path / "log").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) & 0o007 == 0


def test_a_link_in_its_place_is_not_written_through(
    log: EventLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "target"
    target.write_text("")
    (tmp_path / "log").mkdir()
    today = datetime.now(MADRID).date()
    files.path_of(tmp_path / "log", today).symlink_to(target)
    say(log)
    assert target.read_text() == ""
    assert "the event log is not written" in capsys.readouterr().err


def test_a_log_that_cannot_be_written_is_said_once_and_stops_nothing(
    log: EventLog, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").write_text("a file where the directory should be")
    say(log)
    say(log)
    assert capsys.readouterr().err.count("the event log is not written") == 1
    (tmp_path / "log").unlink()
    say(log, "again")
    assert "again" in text_of(tmp_path)


def test_several_processes_write_whole_lines(tmp_path: Path) -> None:
    context = get_context("fork")
    writers = [context.Process(target=_write_many, args=(tmp_path, n)) for n in "ab"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(30)
    lines = text_of(tmp_path).splitlines()
    assert len(lines) == 1000
    assert {line[-2000:] for line in lines} == {"a" * 2000, "b" * 2000}


def _write_many(tmp_path: Path, letter: str) -> None:
    handler = EventLog(tmp_path / "log")
    for _ in range(500):
        say(handler, letter * 2000)
    sys.stdout.flush()
    os._exit(0)


def test_old_files_are_deleted_and_nothing_else(tmp_path: Path) -> None:
    names = [f"massivesms-2026-01-{day:02}.log" for day in range(1, 11)]
    others = ["massivesms-2026-01-01.log.gz", "notes.log", "massivesms-2026-99-01.log"]
    for name in [*names, *others]:
        (tmp_path / name).write_text("x")
    assert files.remove_old(tmp_path, date(2026, 1, 10), keep_days=3) == 6
    left = sorted(path.name for path in tmp_path.iterdir())
    assert left == sorted([*names[6:], *others])
