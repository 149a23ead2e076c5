"""Scripts that may not be run, or are tried out; several at once, and closing."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from massivesms.domain.outcomes import Accepted, Decision, InDoubt, Rejected, TrunkDown
from massivesms.trunks.base import Submission, TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from tests.trunks.conftest import Driver, submission
from tests.trunks.scripts import TELL, at, put, told

Drive = Callable[[TrunkSettings], Driver]


@pytest.mark.parametrize(
    ("break_it", "code"),
    [
        (lambda p: p.unlink(), "script_missing"),
        (lambda p: p.chmod(0o644), "script_not_executable"),
        (lambda p: p.chmod(0o757), "script_writable"),
        (lambda p: p.chmod(0o775), "script_writable"),
        (
            lambda p: (p.rename(p.with_name("x")), p.symlink_to("x")),
            "script_not_a_file",
        ),
        (lambda p: (p.unlink(), p.mkdir()), "script_not_a_file"),
        (lambda p: (p.unlink(), os.mkfifo(p, 0o755)), "script_not_a_file"),
    ],
    ids=["missing", "not executable", "others", "group", "symlink", "folder", "fifo"],
)
def test_a_script_that_may_not_be_run_costs_no_message(
    drive: Drive, scripts: Path, break_it: Callable[[Path], object], code: str
) -> None:
    path = put(scripts, "echo 0")
    one = drive(at(scripts))
    one.open()
    break_it(path)
    one.send(submission(1))
    one.poll()
    assert one.outcomes == {1: TrunkDown(code, "send")}
    with pytest.raises(TrunkUnavailable, match=code):
        one.poll()
    with pytest.raises(TrunkUnavailable, match=code):
        drive(at(scripts)).open()
    assert try_out(at(scripts)) == (False, [(code, "send")])


@pytest.mark.parametrize("name", ["../send", "/bin/true", ".send", "-x", "a b", "a\n"])
def test_a_script_is_named_without_a_path(scripts: Path, name: str) -> None:
    put(scripts, "echo 0")
    passed, steps = try_out(at(scripts, script=name))
    assert (passed, steps[-1][0]) == (False, "script_name")


def test_a_script_without_its_interpreter_is_the_trunks_fault(
    drive: Drive, scripts: Path
) -> None:
    put(scripts, "#!/no/such/interpreter\n")
    one = drive(at(scripts))
    one.open()
    one.send(submission(1))
    one.poll()
    outcome = one.outcomes[1]
    assert isinstance(outcome, TrunkDown)
    assert outcome.code == "script_not_started"
    with pytest.raises(TrunkUnavailable):
        one.poll()


@pytest.mark.parametrize(
    "message",
    [submission(1, number="-rf"), submission(1, sender="-x")],
    ids=["number", "sender"],
)
def test_a_dash_in_front_is_refused(
    drive: Drive, scripts: Path, message: Submission
) -> None:
    put(scripts, TELL)
    one = drive(at(scripts))
    one.open()
    one.send(message)
    one.until(lambda: one.outcomes)
    assert one.outcomes == {1: Rejected("number_refused", "", Decision.FAIL)}
    assert not (scripts / "send.told").exists()


def test_as_many_run_at_once_as_the_trunk_allows(drive: Drive, scripts: Path) -> None:
    put(scripts, "sleep 0.5\necho 0")
    one = drive(at(scripts, concurrency="5"))
    one.open()
    assert (one.session.window, one.session.slots(7)) == (5, 1)
    began_s = time.monotonic()
    one.send(*(submission(n) for n in range(5)))
    one.until(lambda: len(one.outcomes) == 5)
    assert time.monotonic() - began_s < 2


def test_closing_waits_a_little_and_then_kills(drive: Drive, scripts: Path) -> None:
    put(scripts, '[ "$2" = 1 ] && sleep 300\nsleep 0.1\necho 0')
    one = drive(at(scripts, concurrency="2"))
    one.open()
    one.send(submission(1, number="1"), submission(2, number="2"))
    began_s = time.monotonic()
    one.close(1.0)
    assert time.monotonic() - began_s < 3
    assert one.outcomes == {1: InDoubt("service_died"), 2: Accepted((), "")}


def test_trying_out_is_a_dry_run(scripts: Path) -> None:
    put(scripts, TELL)
    passed, steps = try_out(at(scripts))
    assert passed
    assert steps == [("script_ready", "send"), ("script_said", "0;OK;0;0")]
    found = told(scripts)
    assert found["argv"] == ["", "0000000000", "massivesms", ""]
    environment = found["env"]
    assert isinstance(environment, dict)
    assert environment["SMS_DRY_RUN"] == "1"


@pytest.mark.parametrize(
    ("body", "step"),
    [
        ("sleep 300", ("script_timeout", "")),
        ("echo rubbish", ("script_unreadable", "rubbish")),
        ("kill -9 $$", ("script_killed", "9")),
    ],
)
def test_trying_out_says_what_went_wrong(
    scripts: Path, body: str, step: tuple[str, str]
) -> None:
    put(scripts, body)
    passed, steps = try_out(at(scripts, timeout_s="1"))
    assert (passed, steps[-1]) == (False, step)
