"""A takeover that is killed in the middle goes on where it was: nothing twice."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

from massivesms.config import Config
from massivesms.store import taken_over
from massivesms.store.db import Database
from tests.cli.conftest import COMMAND
from tests.takeover.conftest import Original, Query, Take

ROWS = 30_000


def fill(original: Original, rows: int = ROWS) -> None:
    """A campaign and a list of many numbers."""
    original.run(
        "INSERT INTO campaign_numbers (campaign, number, status, message)"
        " SELECT 3, 610000000 + seq, IF(seq % 3, 'F', 'B'), '' FROM"
        f" seq_1_to_{rows};\n"
        "INSERT INTO list_numbers (list, number, status)"
        f" SELECT 5, 610000000 + seq, IF(seq % 5, 'I', 'E') FROM seq_1_to_{rows};\n"
    )


def count(query: Query, table: str) -> int:
    return int(query(f"SELECT COUNT(*) FROM {table} WHERE number LIKE '+3461%%'")[0][0])


def kill_when(
    config: Config,
    their_scripts: Path,
    query: Query,
    table: str,
    rows: int,
    with_signal: int = signal.SIGKILL,
) -> tuple[int, str]:
    """Starts the command and ends it once so many rows are here."""
    command = subprocess.Popen(
        [
            *(COMMAND, "--config", config.file, "takeover"),
            *("--scripts", their_scripts),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        # A shell that started these tests in the background has it ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    give_up_at = time.monotonic() + 60
    while count(query, table) < rows and command.poll() is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.005)
    assert command.poll() is None, "it ended before it was interrupted"
    os.kill(command.pid, with_signal)
    _, said = command.communicate()
    return command.returncode, said


def test_after_a_kill_it_goes_on_and_nothing_is_there_twice(
    take: Take, original: Original, query: Query, config: Config, their_scripts: Path
) -> None:
    fill(original)
    kill_when(config, their_scripts, query, "contact", 4000)
    assert 0 < count(query, "contact") < ROWS
    kill_when(config, their_scripts, query, "message", 4000)
    assert count(query, "contact") == ROWS
    here = count(query, "message")
    assert 0 < here < ROWS
    report = take("--json").done().json
    assert report["parts"]["message"]["already"] >= here
    for table in ("contact", "message"):
        distinct = f"SELECT COUNT(DISTINCT number) FROM {table} WHERE number LIKE %s"
        assert count(query, table) == query(distinct, "+3461%")[0][0] == ROWS
    assert query("SELECT included, excluded FROM list WHERE name = 'Vacía'") == (
        (ROWS * 4 // 5, ROWS // 5),
    )
    counted = query(
        "SELECT state, SUM(messages) FROM campaign_count GROUP BY state ORDER BY state"
    )
    there = query("SELECT state, COUNT(*) FROM message GROUP BY state ORDER BY state")
    assert counted == there


def test_two_takeovers_do_not_meet(take: Take, config: Config) -> None:
    other = Database(config.database)
    with other.transaction() as tx:
        assert taken_over.lock(tx)
    take().refused("Another takeover is running")
    other.close()
    take().done()


def test_interrupted_at_the_keyboard_it_says_so_and_keeps_the_report(
    take: Take, original: Original, query: Query, config: Config, their_scripts: Path
) -> None:
    fill(original)
    code, said = kill_when(config, their_scripts, query, "contact", 4000, signal.SIGINT)
    assert (code, said.count("\n")) == (1, 1), said
    assert "interrupted. What was taken until now stays" in said
    rows = query("SELECT details FROM audit WHERE action = 'takeover.run'")
    assert '"finished": false' in rows[0][0]
    assert take("--json").done().json["finished"]
    assert count(query, "message") == count(query, "contact") == ROWS
