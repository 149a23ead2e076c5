"""massivesms answers: try, add, list, remove; and what send says to an opt-out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from massivesms.store import opt_outs
from massivesms.store.db import Database
from tests.cli.conftest import Run


@pytest.mark.parametrize(
    ("text", "does"),
    [("Stop. Thank you", "opt_out"), ("alta", "opt_in"), ("bus stop", "")],
)
def test_a_text_is_tried_out(run: Run, text: str, does: str) -> None:
    found = run("answers", "try", text, "--json").done().json
    assert found["does"] == does
    assert found["why"]
    assert bool(found["answer"]) == bool(does)
    run("config", "set", "automatic_answers", "no")
    assert run("answers", "try", text, "--json").done().json["answer"] == ""


def test_a_keyword_answer_is_made_listed_and_removed(process: Run, run: Run) -> None:
    said = process("answers", "add", "info; horario", "A las 9", "--days", "1").done()
    assert said.out.startswith("info, horario is answered now")
    [row] = run("answers", "list", "--json").done().json_lines
    assert (row["words"], row["days"], row["active"]) == ("info, horario", "1", True)
    assert "A las 9" in run("answers", "list").done().out
    assert "no longer" in run("answers", "remove", str(row["id"])).done().out
    run("answers", "remove", str(row["id"])).refused("no keyword answer")


def test_an_answer_that_makes_no_sense_is_refused(run: Run) -> None:
    run("answers", "add", "STOP", "No").refused("opt-outs, which come first")
    run("answers", "add", "INFO", "x", "--matching", "fuzzy").misused()


def test_an_opt_out_is_listed_and_refused_by_send(run: Run, db: Database) -> None:
    for name, value in {"country_code": "34", "mobile_prefixes": "6,7"}.items():
        run("config", "set", name, value)
    with db.transaction() as tx:
        opt_outs.leave(tx, "+34600111222", 1, "BAJA", datetime.now(UTC))
    [row] = run("blocked", "list", "--json").done().json_lines
    assert (row["source"], row["created_by"]) == ("opt_out", "(incoming)")
    assert "Opt-out of its owner" in run("blocked", "list").done().out
    run("send", "+34600111222", "Hola", "--queue").refused("has opted out")
