"""Runs of a script wait for the pace inside the session."""

from __future__ import annotations

import time
from pathlib import Path

from massivesms.domain.outcomes import Accepted, TrunkDown
from massivesms.trunks.base import Pace
from tests.trunks.conftest import Driver, submission
from tests.trunks.paces import Granting, Steady
from tests.trunks.scripts import at, put

LONG = "largo " * 60  # 3 segments


def driver(scripts: Path, pace: Pace, **values: str) -> Driver:
    put(scripts, "echo 0")
    one = Driver.paced(at(scripts, **values), pace)
    one.open()
    return one


def test_a_run_waits_until_the_pace_grants_all_its_segments(scripts: Path) -> None:
    pace = Granting(1)
    one = driver(scripts, pace)
    one.send(submission(1, LONG))
    assert one.poll() == []
    pace.left, pace.next_s = 1, 0.0
    assert one.poll() == []
    pace.left = 1
    one.until(lambda: one.outcomes)
    assert one.outcomes == {1: Accepted((), "")}
    assert set(pace.asked) == {3, 2, 1}, "what is missing, not all of it again"


def test_the_pace_is_kept(scripts: Path) -> None:
    one = driver(scripts, Steady(20), concurrency="8")
    began_s = time.monotonic()
    one.send(*(submission(n) for n in range(9)))
    one.until(lambda: len(one.outcomes) == 9)
    assert 0.4 <= time.monotonic() - began_s < 1.0


def test_more_than_may_run_at_once_waits_inside(scripts: Path) -> None:
    one = driver(scripts, Granting(100), concurrency="2")
    one.send(*(submission(n) for n in range(7)))
    assert len(one.session._runs) == 2  # type: ignore[attr-defined]
    one.until(lambda: len(one.outcomes) == 7)


def test_what_was_not_started_is_given_back(scripts: Path) -> None:
    one = driver(scripts, Granting(1))
    one.send(submission(1), submission(2), submission(3))
    one.close(5.0)
    assert one.outcomes == {
        1: Accepted((), ""),
        2: TrunkDown("service_stopped"),
        3: TrunkDown("service_stopped"),
    }


def test_a_pause_does_not_spin(scripts: Path) -> None:
    one = driver(scripts, Granting(0))
    one.send(submission(1))
    used_s = time.process_time()
    assert one.poll() == []
    assert time.process_time() - used_s < 0.1
    one.close(0.0)


def test_a_script_that_vanished_gives_everything_back(scripts: Path) -> None:
    one = driver(scripts, Granting(100))
    (scripts / "send").unlink()
    one.send(*(submission(n) for n in range(3)))
    one.poll()
    down = TrunkDown("script_missing", "send")
    assert one.outcomes == {0: down, 1: down, 2: down}
