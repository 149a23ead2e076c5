"""`massivesms send`: by the queue, or at once while the service runs."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.cli.conftest import Run


def messages_stored(db: Database) -> int:
    with db.transaction() as tx:
        return int(tx.value("SELECT COUNT(*) FROM message"))


def test_a_queued_message_waits_in_the_output_queue(
    process: Run, run: Run, spain: None
) -> None:
    ran = process("send", "600 111 222", "Hola, ñ €", "--queue", "--json").done()
    assert {k: ran.json[k] for k in ("number", "state", "text", "segments")} == {
        "number": "+34600111222",
        "state": "queued",
        "text": "Hola, ñ €",
        "segments": 1,
    }
    said = run("send", "600111222", "Hola", "--queue").done().out
    assert said == "+34600111222: queued\n"
    [queue] = run("campaign", "list", "--json").json
    assert queue["counts"]["queued"] == 2


def test_at_once_needs_the_service_and_writes_nothing_without_it(
    run: Run, spain: None, db: Database
) -> None:
    run("send", "600111222", "Hola").refused("not running: nothing was sent", "--queue")
    assert messages_stored(db) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["910111222", "Hola"], ["number"], id="no mobile"),
        pytest.param(["hello", "Hola"], ["number"], id="no number"),
        pytest.param(["600111222", ""], ["text"], id="no text"),
        pytest.param(["600111222", "a\0b"], ["text"], id="NUL"),
        pytest.param(["600111222", "a" * 1531], ["text", "10"], id="11 segments"),
        pytest.param(["600111222", "ж" * 671], ["text", "10"], id="11 of UCS-2"),
        pytest.param(
            ["600111222", "x", "--sender", "TwelveLetter"], ["12"], id="sender"
        ),
        pytest.param(["600111222", "x", "--sender", "-n"], ["dash"], id="dash"),
        pytest.param(
            ["600111222", "x", "--trunk", "None"], ["no trunk called None"], id="trunk"
        ),
    ],
)
def test_a_bad_message_is_refused_and_nothing_is_written(
    run: Run, spain: None, db: Database, words: list[str], said: list[str]
) -> None:
    run("send", *words, "--queue").refused(*said)
    assert messages_stored(db) == 0


@pytest.mark.parametrize("text", ["a" * 1530, "ж" * 670])
def test_ten_segments_are_taken(run: Run, spain: None, text: str) -> None:
    ran = run("send", "600111222", text, "--queue", "--json").done()
    assert ran.json["segments"] == 10


def test_wrong_usage_is_exit_status_2(run: Run) -> None:
    run("send", "600111222").misused()
    run("send", "600111222", "x", "--when", "now").misused()
