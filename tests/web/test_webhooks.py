"""The pages of webhooks: what is entered, what is shown, and what never is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from massivesms.store import settings, webhook_outbox
from massivesms.store.db import Database
from tests.fakes.target import Target, status
from tests.web.browser import Browser
from tests.web.sending import create_campaign, rows

URL = "/configuration/webhooks"
FORM = {
    "name": "CRM", "url": "https://crm.example/hook?key=1", "active": "y",
    "events": ["message.delivered", "message.undelivered"], "others": ["incoming"],
}  # fmt: skip


@pytest.fixture
def target(db: Database) -> Iterator[Target]:
    """A program on this machine that may be reached."""
    with db.transaction() as tx:
        settings.save(tx, {"webhook_hosts": "127.0.0.1"})
    with Target() as running:
        yield running


def make(client: Browser, **values: Any) -> int:
    """A webhook; its id."""
    answer = client.send(f"{URL}/new", {**FORM, **values}, follow=False)
    assert answer.status_code == 200, answer.text[:3000]
    with client.application.extensions["massivesms"].db.transaction() as tx:
        return int(tx.value("SELECT MAX(id) FROM webhook"))


def waiting(db: Database, client: Browser, count: int = 1) -> None:
    """Events that wait for every webhook that hears of finished campaigns."""
    campaign_id = create_campaign(db, "Oferta", "600111222")
    house = client.application.extensions["massivesms"].db
    for _ in range(count):
        with house.transaction() as tx:
            webhook_outbox.campaigns_finished(tx, [campaign_id])


def test_without_webhooks_the_page_says_what_they_are_for(client: Browser) -> None:
    page = client.page(f"{URL}/")
    assert "No webhook yet" in page.text
    assert "Webhooks" in client.page("/configuration/").text


def test_the_secret_is_shown_once_and_its_table_has_it_sealed(
    client: Browser, db: Database
) -> None:
    answer = client.send(f"{URL}/new", FORM, follow=False)
    (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", answer.text)
    (row,) = rows(db, "SELECT * FROM webhook")
    assert row["events"] == "message.delivered,message.undelivered,incoming"
    assert secret not in str(row) and secret[6:] not in str(row["secrets"])
    for url in (f"{URL}/", f"{URL}/{row['id']}", f"{URL}/{row['id']}/edit"):
        assert "whsec_" not in client.page(url).html
    again = client.send(f"{URL}/{row['id']}/secret", follow=False)
    (other,) = re.findall(r"whsec_[A-Za-z0-9+/=]{44}", again.text)
    assert other != secret and "For a day" in again.text


WRONG = {
    "no name": ({"name": ""}, "A name is missing"),
    "no address": ({"url": ""}, "The address is missing"),
    "no scheme": ({"url": "crm.example/x"}, "Write it whole"),
    "a file": ({"url": "file:///etc/passwd"}, "Write it whole"),
    "a bad port": ({"url": "http://x.example:port/"}, "Write it whole"),
    "a password": ({"url": "https://a:b@x.example/"}, "use a header"),
    "a fragment": ({"url": "https://x.example/#a"}, "after the #"),
    "a line break": ({"url": "https://x.example/\r\nX: y"}, "cannot be used"),
    "letters": ({"url": "https://ñandú.example/"}, "cannot be used"),
    "nothing to tell": ({"events": [], "others": []}, "at least one event"),
    "no header": ({"headers": "Bearer x"}, "one header a line"),
    "our header": ({"headers": "Host: evil"}, "is set by massivesms"),
    "our signature": ({"headers": "Webhook-Signature: x"}, "is set by massivesms"),
    "a bad header": ({"headers": "a b: c"}, "cannot be used"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_beside_its_field(client: Browser, name: str) -> None:
    values, words = WRONG[name]
    answer = client.send(f"{URL}/new", {**FORM, "headers": "", **values})
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="message.delivered"' in answer.text


def test_a_name_is_taken_once_and_there_are_twenty_at_most(client: Browser) -> None:
    make(client)
    assert "already a webhook" in client.send(f"{URL}/new", FORM).text
    for n in range(19):
        make(client, name=f"w{n}")
    answer = client.send(f"{URL}/new", {**FORM, "name": "w20"})
    assert "There are 20 webhooks already" in answer.text


def test_headers_are_kept_replaced_and_removed_and_never_shown(
    client: Browser, db: Database
) -> None:
    made = make(client, headers="Authorization: Bearer s3cret-h\nX-B: 2")
    edit = f"{URL}/{made}/edit"
    page = client.page(edit)
    assert "Authorization, X-B" in page.text and "s3cret-h" not in page.html
    names = "SELECT header_names FROM webhook"
    client.send(edit, {**FORM, "headers": "", "with_texts": "y"})
    assert rows(db, names)[0]["header_names"] == "Authorization, X-B"
    refused = client.send(edit, {**FORM, "url": "", "headers": "X-C: an0ther"})
    assert refused.status_code == 422 and "an0ther" not in refused.text
    client.send(edit, {**FORM, "headers": "X-C: 3"})
    assert rows(db, names)[0]["header_names"] == "X-C"
    client.send(edit, {**FORM, "headers": "", "forget_headers": "y"})
    assert rows(db, names)[0]["header_names"] == ""
    audit = str(rows(db, "SELECT details FROM audit"))
    assert "s3cret-h" not in audit and "key=1" not in audit


def test_the_test_says_what_the_target_answered(
    client: Browser, target: Target
) -> None:
    made = make(client, url=target.url)
    target.answers = [status("200 OK"), status("500 Error", body="no disk")]
    answer = client.send(f"{URL}/{made}/test")
    assert "The target took it and answered 200." in answer.text
    assert target.got[0].told["type"] == "test"
    assert "webhook-signature" in target.got[0].headers
    answer = client.send(f"{URL}/{made}/test")
    assert "The target answered 500: no disk." in answer.text
    page = client.page(f"{URL}/{made}")
    assert page.text.count("Test") >= 3, "both are in the log"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/", "http://169.254.169.254/latest", "http://0x7f.1/"]
)
def test_our_own_network_is_not_reached_unless_it_is_allowed(
    client: Browser, url: str
) -> None:
    made = make(client, url=url)
    answer = client.send(f"{URL}/{made}/test")
    assert "is not on the public internet" in answer.text


def test_own_hosts_are_checked_and_kept(client: Browser, db: Database) -> None:
    bad = client.send(f"{URL}/hosts", {"webhook_hosts": "crm.example, 10.0.0.0/99"})
    assert bad.status_code == 422 and "10.0.0.0/99 is no host" in bad.text
    client.send(f"{URL}/hosts", {"webhook_hosts": " CRM.example , 10.0.0.0/8 fd00::1"})
    (row,) = rows(db, "SELECT value FROM setting WHERE name = 'webhook_hosts'")
    assert row["value"] == "crm.example,10.0.0.0/8,fd00::1"
    assert "crm.example, 10.0.0.0/8, fd00::1" in client.page(f"{URL}/").html


def test_what_waits_is_shown_retried_and_discarded(
    client: Browser, db: Database
) -> None:
    made = make(client, others=["campaign.finished"])
    waiting(db, client, 3)
    assert "3 events" in client.page(f"{URL}/{made}").text
    asked = client.page(f"{URL}/{made}/discard")
    assert "3 events" in asked.text
    client.send(f"{URL}/{made}/discard")
    assert "0 events" in client.page(f"{URL}/{made}").text
    assert rows(db, "SELECT COUNT(*) AS n FROM webhook_event")[0]["n"] == 0


def test_a_failing_webhook_says_why_and_when_it_is_tried(
    client: Browser, db: Database
) -> None:
    made = make(client)
    with db.transaction() as tx:
        tx.execute(
            "UPDATE webhook SET failures = 4, error_code = 'timeout',"
            " error_detail = '10', error_at = UTC_TIMESTAMP(3)"
        )
    text = client.page(f"{URL}/{made}").text
    assert "It failed 4 times in a row" in text
    assert "did not answer within 10 seconds" in text
    client.send(f"{URL}/{made}/disable")
    assert "Turned off" in client.page(f"{URL}/").text
    client.send(f"{URL}/{made}/enable")
    assert "It failed" not in client.page(f"{URL}/{made}").text


def test_what_a_target_says_is_shown_as_text(client: Browser, target: Target) -> None:
    made = make(client, url=target.url)
    target.answers = [status("500 E", body="<script>alert(1)</script>\x1b[31m")]
    page = client.send(f"{URL}/{made}/test").text
    assert "<script>alert" not in page and "&lt;script&gt;" in page
    assert "\x1b" not in page


def test_a_webhook_is_removed_after_a_confirmation(
    client: Browser, db: Database
) -> None:
    made = make(client)
    assert "Remove the webhook CRM?" in client.page(f"{URL}/{made}/remove").text
    client.send(f"{URL}/{made}/remove")
    assert rows(db, "SELECT * FROM webhook") == []
    assert client.get(f"{URL}/{made}").status_code == 404
