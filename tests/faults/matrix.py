"""All rows of the fault matrix that can be played, by name."""

from __future__ import annotations

from tests.faults import (
    rows_answers,
    rows_clock,
    rows_daemons,
    rows_database,
    rows_disk,
    rows_kill,
    rows_link,
    rows_script,
)
from tests.faults.run import Scenario

ROWS: list[Scenario] = [
    *rows_kill.ROWS,
    *rows_link.ROWS,
    *rows_answers.ROWS,
    *rows_database.ROWS,
    *rows_daemons.ROWS,
    *rows_clock.ROWS,
    *rows_disk.ROWS,
    *rows_script.ROWS,
]
BY_NAME = {row.name: row for row in ROWS}
