"""What else Home says needs a decision: receipts, mail, webhooks."""

from __future__ import annotations

from massivesms.store import mail_accounts, mails
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from tests.web.browser import Browser
from tests.web.conftest import ClientAs
from tests.web.test_mail import ACCOUNT, EVA
from tests.web.test_mail import URL as MAIL
from tests.web.test_receipts import ORPHANS, orphan, trunk_id
from tests.web.test_webhooks import URL as WEBHOOKS
from tests.web.test_webhooks import make

__all__ = ["trunk_id"]  # the fixture
NEEDS = "Needs a decision"


def test_receipts_without_a_message_are_counted_and_led_to(
    client: Browser,
    db: Database,
    trunk_id: int,  # noqa: F811
) -> None:
    assert NEEDS not in client.page("/").text
    came = [Receipt(f"id-{n}", "delivered", "000", "") for n in range(2)]
    orphan(db, trunk_id, *came)
    page = client.page("/")
    assert "2 delivery receipts met no message" in page.text
    assert f'href="{ORPHANS}"' in page.html


def test_mail_that_does_not_leave_says_why(client: Browser, db: Database) -> None:
    client.send(MAIL, ACCOUNT)
    with db.transaction() as tx:
        ids = mails.add(tx, "report", [EVA], "Uno", "x")
        ids += mails.add(tx, "report", [EVA], "Dos", "x")
        mail_accounts.fails(tx, "mail_password", "535 Wrong")
    page = client.page("/")
    assert "Mail does not leave" in page.text and "2 mails wait." in page.text
    assert "does not accept user or password: 535 Wrong" in page.text
    assert f'href="{MAIL}"' in page.html
    with db.transaction() as tx:
        tx.execute(
            "UPDATE mail SET state = 'failed', error_code = 'mail_recipient',"
            " finished_at = UTC_TIMESTAMP(3) WHERE id = %s",
            (ids[0],),
        )
    text = client.page("/").text
    assert "1 mail waits." in text and "1 mail was given up." in text


def test_a_webhook_that_fails_again_and_again_is_named(
    client: Browser, client_as: ClientAs, db: Database
) -> None:
    made = make(client)
    with db.transaction() as tx:
        tx.execute(
            "UPDATE webhook SET failures = 4, error_code = 'timeout',"
            " error_detail = '10', error_at = UTC_TIMESTAMP(3)"
        )
    page = client.page("/")
    assert "does not arrive" in page.text
    assert "did not answer within 10 seconds" in page.text
    assert f'href="{WEBHOOKS}/{made}"' in page.html
    operator = client_as("operator").page("/")
    assert "does not arrive" in operator.text
    assert f'href="{WEBHOOKS}/{made}"' not in operator.html
