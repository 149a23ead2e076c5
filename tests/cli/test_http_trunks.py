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


def test_a_trunk_as_the_documentation_has_it_is_stored(run: Run) -> None:
    given = {
        "url": "https://api.example/send",
        "fields": "to={number}&text={text}&key={secret}",
        "secret": SECRET, "id_at": "id", "receipts": "call", "call_token": "t0ken" * 4,
        "receipt_id_at": "id", "receipt_state_at": "status", "inbox_from_at": "from",
        "inbox_text_at": "text", "inbox_id_at": "id",
    }  # fmt: skip
    pairs = [
        part for key, value in given.items() for part in ("--set", f"{key}={value}")
    ]
    run(*ADD, *pairs).done()
    shown = str(run("trunk", "show", "Web", "--json").done().json)
    assert SECRET not in shown
    assert "t0ken" not in shown


def test_a_secret_that_would_be_shown_is_refused_and_not_repeated(run: Run) -> None:
    fields = f"fields=to={{e164}}&text={{text}}&key={SECRET}"
    ran = run(*ADD, "--preset", "Twilio", *ACCESS, "--set", fields)
    ran.refused("write {secret} here")
    assert SECRET not in ran.err


def test_whatsapp_is_one_trunk_with_text_and_template(run: Run) -> None:
    run(*ADD, "--preset", "WhatsApp", *ACCESS).done()
    shown = run("trunk", "show", "Web", "--json").done().json["settings"]
    assert '"type": "text"' in shown["fields"]
    assert '"type": "template"' in shown["outside_fields"]
