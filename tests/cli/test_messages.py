"""massivesms messages: the filters of the page, and files of what they find."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest

from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.store import examples


@pytest.fixture(autouse=True)
def filled(db: Database) -> None:
    """Three queued messages of one campaign, two failed ones of another."""
    with db.transaction() as tx:
        examples.campaign(tx, "Oferta", 3)
        made = examples.campaign(tx, "Otra", 2)
        sql = "UPDATE message SET state = 'failed' WHERE campaign_id = %s"
        tx.execute(sql, (made,))
        examples.recount(tx)


def test_messages_are_shown_by_filter(run: Run) -> None:
    said = run("messages", "--state", "failed").done().out
    assert said.split() == ["+34600000000", "failed", "+34600000001", "failed"]
    assert len(run("messages").done().out.splitlines()) == 5
    assert (
        run("messages", "--campaign", "Oferta", "--number", "+34999").done().out == ""
    )


def test_a_csv_goes_to_a_file_or_to_stdout(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    run("messages", "--campaign", "Oferta", "--csv", file).done()
    assert file.stat().st_mode & 0o777 == 0o600
    _, *rows = csv.reader(io.StringIO(file.read_text("utf-8-sig")))
    assert [row[3] for row in rows] == [f"+3460000000{n}" for n in range(3)]
    shown = run("messages", "--state", "failed", "--csv", "-", "--separator", ";")
    assert shown.out.count("+3460000000") == 2 and shown.out.count(";") > 20


def test_a_workbook_goes_to_a_file(run: Run, tmp_path: Path, db: Database) -> None:
    file = tmp_path / "out.xlsx"
    assert "5 messages" in run("messages", "--xlsx", file).done().out
    assert openpyxl.load_workbook(file).active.max_row == 6
    with db.transaction() as tx:
        (change,) = tx.rows("SELECT * FROM audit WHERE action = 'message.export'")
    assert change["subject"] == "5" and change["address"] == "command line"


def test_what_makes_no_sense_is_refused(run: Run, tmp_path: Path) -> None:
    run("messages", "--from", "yesterday").refused("no date")
    run("messages", "--campaign", "Nobody").refused()
    run("messages", "--csv", tmp_path / "none" / "x.csv").refused("No file can be")
    run("messages", "--csv", "-", "--json").misused()
