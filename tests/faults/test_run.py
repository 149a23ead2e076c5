"""The runner itself: it finds what is planted in a run, and plays a seed again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import __main__ as command
from tests.faults import report
from tests.faults.judge import Judgement, Tally
from tests.faults.kill_points import submissions_in
from tests.faults.report import Line, write_page
from tests.faults.run import WINDOW, Result, Run, Scenario
from tests.faults.session import Session


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with Session(Path(tmp_path_factory.mktemp("runs"))) as running:
        yield running


def spoilt(spoil: Callable[[list[str]], list[str]]) -> Callable[[Run], None]:
    """A run without a fault, whose receive log is spoilt before it is judged."""

    def play(run: Run) -> None:
        smsc = run.operator()
        run.trunk(smsc)
        run.load(plain=True)
        run.service()
        run.finish()
        smsc.stop()
        run.note("drawn", run.draw("n", 1, 10**9))
        lines = smsc.log.read_text().splitlines(keepends=True)
        arrived = [line for line in lines if '"body"' in line]
        smsc.log.write_text("".join(spoil(arrived)))

    return play


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (lambda lines: lines, ""),
        (lambda lines: lines[1:], "lost 1"),
        (lambda lines: [*lines, lines[0]], "duplicated 1"),
        (lambda lines: [lines[0].replace("3a33302e", "3a33312e"), *lines[1:]],
         "altered 1"),
    ],
    ids=["sound", "lost", "duplicated", "altered"],
)  # fmt: skip
def test_a_planted_fault_fails_the_run(
    session: Session, spoil: Callable[[list[str]], list[str]], found: str
) -> None:
    row = Scenario("planted", "planted", spoilt(spoil), 1, 30, reduced=30)
    (result,) = session.play(row, [7], full=False)
    assert [problem.split(" (")[0] for problem in result.problems] == [found] * bool(
        found
    )
    assert (result.directory is not None) == bool(found)


def test_a_failed_run_keeps_its_schedule_and_the_seed_plays_it_again(
    session: Session,
) -> None:
    row = Scenario("again", "again", spoilt(lambda lines: lines[1:]), 1, 20, reduced=20)
    schedules = []
    for seed in (5, 5, 6):
        (result,) = session.play(row, [seed], full=False)
        assert result.directory is not None
        schedules.append(json.loads((result.directory / "schedule.json").read_text()))
        kept = {file.name for file in result.directory.iterdir()}
        assert {"service.log", "received0.jsonl", "messages.jsonl"} <= kept
    assert schedules[0] == schedules[1]
    assert schedules[0]["drawn"] != schedules[2]["drawn"]


def test_too_many_in_doubt_and_a_broken_promise_fail_the_run(session: Session) -> None:
    def play(run: Run) -> None:
        run.finished = False
        run.load(WINDOW + 1, plain=True)
        sql = "UPDATE message SET state = 'in_doubt' WHERE state = 'queued'"
        run.world.db.atomically(lambda tx: tx.execute(sql))
        raise AssertionError("promised otherwise")

    row = Scenario("broken", "broken", play, 1, 1)
    (result,) = session.play(row, [1], full=False)
    assert result.problems[0] == "AssertionError: promised otherwise"
    assert result.problems[-1] == "21 in doubt, at most 20"
    assert "count of in_doubt: 0, really 21" in result.problems[1]


def test_only_whole_submissions_are_counted_in_what_is_written() -> None:
    submit = bytes.fromhex("00000014 00000004 00000000 00000001") + b"body"
    enquire = bytes.fromhex("00000010 00000015 00000000 00000002")
    assert list(submissions_in(submit + enquire + submit)) == [(0, 20), (36, 56)]
    assert list(submissions_in(submit[:-1])) == []
    assert list(submissions_in(b"\3\0\0\0\3SELECT 1")) == []


def line(name: str, problems: list[str]) -> Line:
    result = Result(name, 3, True, 10, 10, Judgement(lost=["a.1"] * len(problems)))
    result.problems, result.tally = problems, Tally(4, 2)
    result.noticed_s = [1.0, 2.5]
    return Line(Scenario(name, f"fault {name}", lambda run: None, 1, 10), [result])


def test_a_line_counts_its_runs_and_says_how_to_play_a_failed_one() -> None:
    assert line("x", []).cells()[1:] == (
        *("1", "10", "0", "0", "0", "4 / 20", "2", "2.5", "good"),
    )
    bad = line("x", ["lost 1"])
    assert bad.cells()[-1] == "FAILED in 1"
    assert bad.as_json()["failed"][0]["replay"] == (
        "scripts/faults --only x --runs 1 --seed 3 --messages 10"
    )
    assert "fault x" in report.as_table([bad])


def test_the_page_keeps_rows_that_did_not_run_now(tmp_path: Path) -> None:
    page = tmp_path / "guarantee.md"
    page.write_text(f"before\n\n{report.BEGIN}\n{report.END}\n\nafter\n")
    write_page([line("a", []), line("b", [])], page)
    write_page([line("b", ["lost 1"])], page)
    write_page([Line(line("a", []).scenario, [], "no such thing here")], page)
    text = page.read_text()
    rows = [row for row in text.splitlines() if row.startswith("| fault ")]
    assert [row.split(" | ")[-1] for row in rows] == [
        "verdict |",
        "good |",
        "FAILED in 1 |",
    ]
    assert text.startswith("before\n\n<!--")
    assert text.endswith("-->\n\nafter\n")


def test_an_unknown_row_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["--only", "nothing"]) == 2
    assert command.main(["--list", "--only", "kill"]) == 0
    said = capsys.readouterr()
    assert "no row is named nothing" in said.err
    assert said.out.count("kill -9") == 6
