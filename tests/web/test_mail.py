"""The pages of the mail account, of what is on its way, and of notices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.store import mail_accounts, mails, settings
from massivesms.store.db import Database
from tests.engine.world import Engine, wait_until
from tests.fakes.mail_server import MailServer
from tests.web.browser import Browser
from tests.web.sending import rows

URL = "/configuration/mail/"
NOTICES = "/configuration/notices/"
EVA = "eva@example.com"
ACCOUNT = {
    "from_address": "sms@example.org", "from_name": "Centralita", "host": "127.0.0.1",
    "security": "none", "user": "", "password": "", "verify": "y", "timeout_s": "5",
}  # fmt: skip


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def stored(db: Database) -> dict[str, str]:
    with db.transaction() as tx:
        return settings.load(tx)


def test_an_account_is_saved_and_shown_without_its_password(
    client: Browser, db: Database
) -> None:
    assert "Save an account first" in client.page(URL).text
    given = {**ACCOUNT, "user": "ana", "password": "hunter2hunter2"}
    said = client.send(URL, given).text
    assert "is saved" in said and "hunter2" not in said
    assert "unencrypted" in said, "without TLS the password can be read"
    page = client.page(URL)
    assert "Empty keeps the present one" in page.text and "hunter2" not in page.html
    assert 'value="127.0.0.1"' in page.html
    client.send(URL, {**given, "password": "", "from_name": "Otra"})
    with db.transaction() as tx:
        row = mail_accounts.load(tx)
    assert row and row["settings"]["from_name"] == "Otra"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("from_address", "ana"),
        ("host", ""),
        ("port", "0"),
        ("user", "ana"),
        ("timeout_s", "x"),
        ("ca_file", "ca.pem"),
        ("security", "ssl"),
    ],
)
def test_what_makes_no_sense_is_said_beside_its_field(
    client: Browser, db: Database, name: str, value: str
) -> None:
    answer = client.send(URL, {**ACCOUNT, name: value})
    assert answer.status_code == 422 and "field-error" in answer.text
    assert not rows(db, "SELECT 1 FROM mail_account")


def test_the_account_is_removed_after_a_confirmation(
    client: Browser, db: Database
) -> None:
    client.send(URL, ACCOUNT)
    assert "Remove the mail account?" in client.page(f"{URL}remove").text
    client.send(f"{URL}remove")
    assert not rows(db, "SELECT 1 FROM mail_account")
    client.page(f"{URL}remove", status=404)


def test_a_test_mail_is_sent_by_the_service_and_each_step_shown(
    client: Browser, config: Config, server: MailServer
) -> None:
    client.send(URL, {**ACCOUNT, "port": server.port})
    answer = client.send(f"{URL}test/", {"address": EVA})
    assert "The service is not running" in answer.text
    with Engine(config):
        address = client.send(f"{URL}test/", {"address": EVA}, follow=False).location
        assert address

        def shown() -> str:
            return client.get(address, headers={"HX-Request": "true"}).text

        wait_until(lambda: "Passed" in shown(), 15, shown)
    assert "The server takes mail to eva@example.com." in shown()
    assert server.subjects[-1] == "Test of the mail account of massivesms"


def test_a_failed_test_says_why(
    client: Browser, config: Config, server: MailServer
) -> None:
    client.send(URL, {**ACCOUNT, "port": server.port, "security": "starttls"})
    assert client.send(f"{URL}test/", {"address": "x"}).status_code == 422
    with Engine(config):
        address = client.send(f"{URL}test/", {"address": EVA}, follow=False).location
        assert address
        wait_until(lambda: "Failed" in client.get(address).text, 15)
    assert "does not offer STARTTLS" in client.get(address).text


def test_what_is_on_its_way_is_shown_with_what_to_do(
    client: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        first, second = mails.add(tx, "report", [EVA, "<b>@x"], "Uno", "x")
        (third,) = mails.add(tx, "inbound", [EVA], "", "")
        for mail_id in (first, second):
            mails.take(tx, "a")
            mails.failed(tx, "a", mail_id, "mail_recipient_refused", "550 <i>No</i>")
    part = client.get(URL, headers={"HX-Request": "true"}).text
    assert "no account is set up" in part
    assert "The server refuses the recipient: 550 &lt;i&gt;No" in part
    assert "Incoming message" in part and "&lt;b&gt;@x" in part
    client.send(f"{URL}{first}/retry")
    assert rows(db, f"SELECT state FROM mail WHERE id = {first}")[0]["state"] == (
        "waiting"
    )
    client.send(f"{URL}{second}/discard")
    client.send(f"{URL}discard")
    client.send(f"{URL}retry")
    assert len(rows(db, "SELECT 1 FROM mail")) == 2
    assert "gone already" in client.send(f"{URL}{second}/discard").text
    assert third


def test_a_failing_account_is_shown_with_its_next_try(
    client: Browser, db: Database
) -> None:
    client.send(URL, ACCOUNT)
    with db.transaction() as tx:
        mails.add(tx, "report", [EVA], "Uno", "x")
        mail_accounts.fails(tx, "mail_password", "535 Wrong")
    text = client.page(URL).text
    assert "does not accept user or password: 535 Wrong" in text
    assert "Next try" in text
    client.send(URL, ACCOUNT)
    with db.transaction() as tx:
        state = mail_accounts.state(tx)
    assert not state["is_waiting"], "a changed account is tried at once"


def test_notices_are_saved_with_what_is_ticked(client: Browser, db: Database) -> None:
    assert "No mail account is set up yet" in client.page(NOTICES).text
    values = {"forward_to": f"{EVA};leo@example.com", "forward_most": "5"}
    client.send(f"{NOTICES}incoming", {**values, "forward_handled": "y"})
    found = stored(db)
    assert found["forward_to"] == f"{EVA}, leo@example.com"
    assert (found["forward_last_message"], found["forward_most"]) == ("no", "5")
    assert "forward_handled" not in found, "it is yes as long as nobody says no"
    page = client.page(NOTICES)
    assert f"{EVA}, leo@example.com" in page.html


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("incoming", {"forward_to": "ana", "forward_most": "10"}),
        ("incoming", {"forward_to": "", "forward_most": "0"}),
        ("report", {"report_to": "", "daily_report": "y", "report_at": "08:00"}),
        ("report", {"report_to": EVA, "daily_report": "y", "report_at": "25:00"}),
    ],
)
def test_notices_that_make_no_sense_are_refused(
    client: Browser, db: Database, part: str, values: dict[str, str]
) -> None:
    answer = client.send(f"{NOTICES}{part}", values)
    assert answer.status_code == 422 and "field-error" in answer.text
    assert stored(db) == {}


def test_yesterdays_report_is_shown_and_sent_once_for_each_look(
    client: Browser, db: Database
) -> None:
    page = client.page(f"{NOTICES}report")
    assert "Nobody yet" in page.text and "Daily report of" in page.text
    assert "Say first" in client.send(f"{NOTICES}report/send").text
    client.send(f"{NOTICES}report", {"report_to": EVA, "report_at": "08:00"})
    page = client.page(f"{NOTICES}report")
    once = next(f["fields"]["once"] for f in page.forms if "once" in f["fields"])
    for _ in range(2):
        said = client.send(f"{NOTICES}report/send", {"once": once}).text
        assert f"on its way to {EVA}" in said
    (row,) = rows(db, "SELECT * FROM mail")
    assert row["kind"] == "report" and row["attachment_name"].endswith(".csv")
    assert not rows(db, "SELECT 1 FROM daily_report"), "it comes by itself too"
