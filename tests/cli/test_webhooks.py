"""massivesms webhook and metrics: as the pages do, for scripts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.store import monitor, settings
from massivesms.store.db import Database
from massivesms.vault import is_token
from tests.cli.conftest import COMMAND, Run
from tests.fakes.target import Target, status

ADD = ("webhook", "add", "CRM", "--event", "incoming", "--url")
URL = "https://crm.example/hook"


@pytest.fixture
def target(db: Database) -> Iterator[Target]:
    """A program on this machine that may be reached."""
    with db.transaction() as tx:
        settings.save(tx, {"webhook_hosts": "127.0.0.1"})
    with Target() as running:
        yield running


def test_a_webhook_is_made_shown_turned_off_and_removed(run: Run) -> None:
    made = run(*ADD, URL, "--json").done().json
    assert made["name"] == "CRM" and made["secret"].startswith("whsec_")
    (shown,) = run("webhook", "list", "--json").done().json
    assert (shown["url"], shown["events"]) == (URL, ["incoming"])
    assert (shown["state"], shown["waiting"], shown["with_texts"]) == (
        "working",
        0,
        False,
    )
    run("webhook", "disable", "CRM").done()
    assert run("webhook", "show", "CRM", "--json").done().json["state"] == "off"
    run("webhook", "enable", "CRM").done()
    other = run("webhook", "secret", "CRM", "--json").done().json["secret"]
    assert other != made["secret"]
    for words in (("show", "CRM"), ("list",)):
        assert "whsec_" not in run("webhook", *words).done().out
    run("webhook", "remove", "CRM").done()
    run("webhook", "show", "CRM").refused("no webhook called CRM")


def test_the_installed_command_says_its_secret_once(
    config: Config, db: Database
) -> None:
    command = [str(COMMAND), "--config", str(config.file), *ADD, URL]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.count("whsec_") == 1 and done.stderr == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*ADD, "crm.example"), "Write it whole"),
        (("webhook", "add", "x", "--url", URL), "at least one event"),
        (("webhook", "add", "x", "--url", URL, "--event", "boom"), "no event boom"),
        (("webhook", "test", "x"), "no webhook called x"),
    ],
)
def test_what_is_wrong_is_said(run: Run, words: tuple[str, ...], said: str) -> None:
    run(*words).refused(said)


def test_all_events_and_headers_from_standard_input(run: Run, target: Target) -> None:
    words = ("webhook", "add", "Todo", "--url", target.url, "--event", "all")
    run(*words, "--headers-stdin", input="Authorization: Bearer s3cret\n").done()
    shown = run("webhook", "show", "Todo", "--json").done()
    assert shown.json["headers"] == "Authorization" and "s3cret" not in shown.out
    assert len(shown.json["events"]) == 12
    assert "answered 200" in run("webhook", "test", "Todo").done().out
    assert target.got[0].headers["authorization"] == "Bearer s3cret"
    target.answers = [status("500 Error")]
    run("webhook", "test", "Todo").refused("The target answered 500")
    run("webhook", "add", "y", "--url", URL, "--event", "all", "--headers-stdin",
        input="nonsense").refused("one header a line")  # fmt: skip


def test_a_failing_webhook_is_named_by_the_doctor(run: Run, db: Database) -> None:
    run(*ADD, URL).done()
    with db.transaction() as tx:
        tx.execute(
            "UPDATE webhook SET failures = 3, error_code = 'timeout',"
            " error_detail = '10'"
        )
    (found,) = [f for f in run("doctor", "--json").json if f["what"] == "webhooks"]
    assert not found["good"] and "did not answer within 10 seconds" in found["said"]


def test_the_token_of_the_metrics_is_made_and_only_its_hash_is_kept(
    run: Run, db: Database
) -> None:
    token = run("metrics", "token", "--json").done().json["token"]
    stored = db.atomically(monitor.token_hash)
    assert token not in stored and is_token(token, stored)
    assert not is_token("x", stored) and not is_token("", "")
    run("metrics", "close").done()
    assert db.atomically(monitor.token_hash) == ""
