"""The script trunk with real scripts, good and bad."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Outcome,
    Rejected,
)
from massivesms.trunks.base import StopWanted, TrunkSettings
from tests.trunks.conftest import Driver, submission
from tests.trunks.scripts import TELL, at, put, told

Drive = Callable[[TrunkSettings], Driver]


def sent(drive: Drive, trunk: TrunkSettings, text: str = "Hola") -> Driver:
    one = drive(trunk)
    one.open()
    one.send(submission(1, text))
    one.until(lambda: one.outcomes)
    return one


@pytest.mark.parametrize(
    "text",
    [
        "$(touch x)",
        "`touch x`",
        '"; touch x; "',
        "' ; touch x; '",
        "a\nb",
        "-rf *",
        "%s \\0 \\n",
        "$HOME ~ *",
    ],
)
def test_no_text_is_ever_run(drive: Drive, scripts: Path, text: str) -> None:
    put(scripts, TELL)
    one = sent(drive, at(scripts), text)
    assert one.outcomes == {1: Accepted((), "OK")}
    flag = "1" if "`" in text else ""  # GSM 7-bit has no backtick
    assert told(scripts)["argv"] == ["Empresa", "34600111222", text, flag]
    assert sorted(p.name for p in scripts.iterdir()) == ["send", "send.told"]


@pytest.mark.parametrize(
    ("text", "entities", "argument", "flag"),
    [
        ("ñ", "no", "ñ", ""),
        ("ñ", "yes", "ñ", ""),
        ("Ж!", "no", "Ж!", "1"),
        ("Ж!", "yes", "&#1046;!", "1"),
    ],
)
def test_the_unicode_flag_and_legacy_entities(
    drive: Drive, scripts: Path, text: str, entities: str, argument: str, flag: str
) -> None:
    put(scripts, TELL)
    sent(drive, at(scripts, legacy_entities=entities), text)
    assert told(scripts)["argv"] == ["Empresa", "34600111222", argument, flag]


def test_the_environment_is_clean(
    drive: Drive, scripts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MASSIVESMS_CONFIG", "/secret")
    monkeypatch.setenv("LD_PRELOAD_NOT", "x")
    put(scripts, TELL)
    sent(drive, at(scripts), "ñ" * 200)
    found = told(scripts)
    environment = found["env"]
    assert isinstance(environment, dict)
    environment.pop("LC_CTYPE", None)  # Python's own
    assert set(environment) == {
        "PATH", "LANG", "HOME", "SMS_MESSAGE_ID", "SMS_CAMPAIGN", "SMS_SENDER",
        "SMS_NUMBER", "SMS_TEXT", "SMS_SEGMENTS",
    }  # fmt: skip
    assert (environment["SMS_MESSAGE_ID"], environment["SMS_SEGMENTS"]) == ("1", "2")
    assert (found["cwd"], found["stdin"], found["leader"]) == ("/", "", True)


ANSWERS: list[tuple[str, Outcome]] = [
    ("echo '0;OK;0;0'", Accepted((), "OK")),
    ("echo 0; exit 3", Accepted((), "")),
    ("echo '0;a;b;0;0'", Accepted((), "a;b")),
    ("echo '1;busy;0;0'", Rejected("script_failed", "busy", Decision.RETRY)),
    ("echo '1;bad;0;1'", Rejected("script_refused", "bad", Decision.FAIL)),
    ("echo oops", InDoubt("script_unreadable", "oops")),
    ("true", InDoubt("script_unreadable", "")),
    ("echo oops >&2; echo 0", Accepted((), "")),
    ("kill -9 $$", InDoubt("script_killed", "9")),
    ("echo 0; kill -9 $$", InDoubt("script_killed", "9")),
    ("exec >&-; exec true", InDoubt("script_unreadable", "")),
]


@pytest.mark.parametrize(("body", "outcome"), ANSWERS, ids=[a[0] for a in ANSWERS])
def test_an_answer_becomes_an_outcome(
    drive: Drive, scripts: Path, body: str, outcome: Outcome
) -> None:
    put(scripts, body)
    one = sent(drive, at(scripts))
    assert one.outcomes == {1: outcome}


def test_a_script_can_stop_its_trunk(drive: Drive, scripts: Path) -> None:
    put(scripts, "echo '1;no credit;1;0'")
    one = sent(drive, at(scripts))
    refused = Rejected("script_stopped_trunk", "no credit", Decision.STOP_TRUNK)
    assert one.outcomes == {1: refused}
    assert StopWanted("script_stopped_trunk", "no credit") in one.events


def test_a_script_that_hangs_is_killed_with_its_children(
    drive: Drive, scripts: Path
) -> None:
    put(scripts, 'trap "" TERM\nsleep 300 &\necho $! > "$0.pid"\nwait\nsleep 300')
    one = drive(at(scripts, timeout_s="1"))
    one.open()
    one.send(submission(1))
    one.until(lambda: one.outcomes)
    assert one.outcomes == {1: InDoubt("script_timeout")}
    assert is_gone(int((scripts / "send.pid").read_text()))


def test_a_child_that_keeps_the_pipe_open_does_not_hold_the_answer(
    drive: Drive, scripts: Path
) -> None:
    put(scripts, 'sleep 300 &\necho $! > "$0.pid"\necho 0')
    began_s = time.monotonic()
    one = sent(drive, at(scripts))
    assert one.outcomes == {1: Accepted((), "")}
    assert time.monotonic() - began_s < 5
    assert is_gone(int((scripts / "send.pid").read_text()))


def test_a_script_that_closes_its_output_and_goes_on_is_waited_for(
    drive: Drive, scripts: Path
) -> None:
    put(scripts, 'echo 0\nexec >&-\nsleep 0.5\ntouch "$0.done"')
    one = sent(drive, at(scripts))
    assert one.outcomes == {1: Accepted((), "")}
    assert (scripts / "send.done").exists()


def test_a_gigabyte_of_output_takes_no_memory(drive: Drive, scripts: Path) -> None:
    put(scripts, "echo '0;OK;0;0'\nexec head -c 1000000000 /dev/zero")
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    one = sent(drive, at(scripts))
    assert one.outcomes == {1: Accepted((), "OK")}
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    assert grown_kib < 20_000


def test_endless_output_ends_with_the_time_limit(drive: Drive, scripts: Path) -> None:
    put(scripts, "exec yes 0")
    one = drive(at(scripts, timeout_s="1"))
    one.open()
    one.send(submission(1))
    one.until(lambda: one.outcomes)
    assert one.outcomes == {1: InDoubt("script_timeout")}


def is_gone(pid: int) -> bool:
    """The process has ended (nobody may have reaped it yet)."""
    until_s = time.monotonic() + 3
    while time.monotonic() < until_s:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
