"""The pages of HTTP trunks: presets fill the form, problems stand beside fields."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.store import trunks
from massivesms.store.db import Database
from massivesms.vault import Vault
from tests.trunks.http_world import PRESETS
from tests.web.browser import Browser

SECRET = "t0ken-of-the-shop"
TWILIO = {
    **PRESETS["Twilio"],
    "name": "Twilio",
    "priority": "1",
    "user": "AC0123",
    "secret": SECRET,
    "timeout_s": "30",
    "concurrency": "4",
}


def test_a_preset_fills_the_form_without_script(client: Browser) -> None:
    answer = client.send("/trunks/new/http", {"preset": "Twilio", "fill": "1"})
    assert "api.twilio.com" in answer.text
    assert "21211=number" in answer.text


def test_a_trunk_is_stored_shown_and_its_secret_never(
    client: Browser, db: Database, config: Config
) -> None:
    client.send("/trunks/new/http", TWILIO)
    with db.transaction() as tx:
        (row,) = trunks.all_trunks(tx)
    assert (row["kind"], row["settings"]["id_at"]) == ("http", "sid")
    assert Vault(config.secret_key()).open(row["secrets"]) == {
        "secret": SECRET,
        "app_secret": "",
        "verify_token": "",
        "call_token": "",
    }
    for path in (f"/trunks/{row['id']}", f"/trunks/{row['id']}/edit", "/trunks/"):
        text = client.get(path).text
        assert "HTTP" in text
        assert SECRET not in text


def test_what_is_wrong_stands_beside_its_field(client: Browser, db: Database) -> None:
    given = {**TWILIO, "fields": "To={e164}&Body={txt}"}
    answer = client.send("/trunks/new/http", given)
    assert answer.status_code == 422
    assert "{txt} is not known here" in answer.text
    assert SECRET not in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


def test_the_type_can_be_chosen(client: Browser) -> None:
    assert "/trunks/new/http" in client.get("/trunks/new").text


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("fields", f"To={{e164}}&Body={{text}}&key={SECRET}"),
        ("fields", "To={e164}&Body={text}&api_key=abcdef123456"),
        ("headers", "Authorization: Bearer abcdef123456"),
        ("headers", "X-Auth-Token: abcdef123456"),
        ("url", "https://api.example/send?password=abcdef123456"),
        ("url", f"https://api.example/{SECRET}/send"),
    ],
)
def test_a_secret_that_everybody_could_read_is_refused(
    client: Browser, db: Database, key: str, value: str
) -> None:
    answer = client.send("/trunks/new/http", {**TWILIO, key: value})
    assert answer.status_code == 422
    assert f'id="{key}-error"' in answer.text
    assert "write {secret} here" in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)
        assert "abcdef123456" not in str(tx.rows("SELECT * FROM audit"))


def test_long_settings_may_be_typed_in_lines(client: Browser, db: Database) -> None:
    given = {**TWILIO, "fields": "To={e164}&\r\n  Body={text}\r\n"}
    client.send("/trunks/new/http", given)
    with db.transaction() as tx:
        (row,) = trunks.all_trunks(tx)
    assert row["settings"]["fields"] == "To={e164}&Body={text}"
    assert "<textarea" in client.get(f"/trunks/{row['id']}/edit").text
