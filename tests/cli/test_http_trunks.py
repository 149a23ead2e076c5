"""HTTP trunks from the command line: presets, problems, a trial, no secret shown."""

from __future__ import annotations

from massivesms.store import settings
from massivesms.store.db import Database
from tests.cli.conftest import Run
from tests.fakes.providers import SECRET, USER, Twilio

ADD = ("trunk", "add", "Web", "--type", "http")
ACCESS = ("--set", f"user={USER}", "--set", f"secret={SECRET}")


def test_a_preset_needs_only_user_and_secret(run: Run) -> None:
    run(*ADD, "--preset", "twilio", *ACCESS).done()
    shown = run("trunk", "show", "Web", "--json").done().json
    assert shown["settings"]["id_at"] == "sid"
    assert "21211=number" in shown["settings"]["error_table"]
    assert SECRET not in str(shown)


def test_a_preset_that_is_none_and_what_is_missing_is_said(run: Run) -> None:
    ran = run(*ADD, "--preset", "Pigeon")
    assert ran.code == 2
    assert "Known are: Twilio, Dinstar" in ran.err
    run(*ADD, "--preset", "Twilio", "--set", "user=x").refused("secret is missing")
    run(*ADD, "--set", "url=api.example").refused("This is no address")


def test_a_trial_reaches_the_provider_and_sends_nothing(run: Run, db: Database) -> None:
    with Twilio() as fake:
        run(*ADD, "--preset", "Twilio", *ACCESS, "--set", f"url={fake.base}/x").done()
        run("trunk", "test", "Web").refused("webhook_hosts")
        db.atomically(lambda tx: settings.save(tx, {"webhook_hosts": "127.0.0.1"}))
        run("trunk", "test", "Web").done()
        assert not fake.got
