"""Delivery states that providers tell: theirs are booked, nobody else's."""

from __future__ import annotations

import base64
import hmac
import json
from urllib.parse import urlencode

import pytest

from massivesms.store import trunks
from massivesms.store.db import Database
from massivesms.store.messages import NewMessage, enqueue
from tests.store import examples
from tests.trunks.http_world import PRESETS
from tests.web.browser import Browser
from tests.web.test_http_trunks import SECRET, TWILIO

URL = "https://pbx.example/sms/provider/1"
CALLED = {**TWILIO, "receipts": "twilio", "receipts_url": URL}
WHATSAPP = {
    **TWILIO,
    **PRESETS["WhatsApp"],
    "receipts": "whatsapp",
    "app_secret": "app-s3cret",
    "verify_token": "our-t0ken",
}
DELIVERED = {"MessageSid": "SM1", "MessageStatus": "delivered", "To": "+34600111222"}


def added(client: Browser, db: Database, values: dict[str, str]) -> str:
    """A new trunk; the address where its provider calls."""
    client.send("/trunks/new/http", values)
    with db.transaction() as tx:
        return f"/provider/{trunks.by_name(tx, values['name'])['id']}"


def kept(db: Database) -> list[tuple[str, str]]:
    """(id, state) of receipts that wait for their message."""
    with db.transaction() as tx:
        return list(tx.tuples("SELECT smsc_message_id, state FROM receipt ORDER BY 1"))


def signed(values: dict[str, str], token: str = SECRET) -> dict[str, str]:
    text = URL + "".join(name + values[name] for name in sorted(values))
    digest = hmac.digest(token.encode(), text.encode(), "sha1")
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def test_a_state_of_twilios_is_booked(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, CALLED)
    answer = anonymous.post(place, data=DELIVERED, headers=signed(DELIVERED))
    assert answer.status_code == 204
    assert kept(db) == [("SM1", "delivered")]


@pytest.mark.parametrize("headers", [{}, signed(DELIVERED, "other")])
def test_nobody_else_is_believed(
    client: Browser, anonymous: Browser, db: Database, headers: dict[str, str]
) -> None:
    place = added(client, db, CALLED)
    assert anonymous.post(place, data=DELIVERED, headers=headers).status_code == 403
    assert kept(db) == []


def test_a_trunk_that_takes_no_calls_looks_like_none(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, TWILIO)
    for where in (place, "/provider/999"):
        answer = anonymous.post(where, data=DELIVERED, headers=signed(DELIVERED))
        assert answer.status_code == 404
        assert anonymous.get(where).status_code == 404


def test_whatsapp_verifies_the_address_and_tells_states(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, WHATSAPP)
    asked = {"hub.mode": "subscribe", "hub.challenge": "11582"}
    for token, status in (("our-t0ken", 200), ("other", 403), ("", 403)):
        query = urlencode({**asked, "hub.verify_token": token})
        answer = anonymous.get(f"{place}?{query}")
        assert answer.status_code == status
        assert (answer.text == "11582") is (status == 200)
    states = [{"id": "wamid.A", "status": "delivered", "recipient_id": "346"}]
    change = {"value": {"statuses": states}}
    body = json.dumps({"entry": [{"changes": [change]}]}).encode()
    digest = hmac.digest(b"app-s3cret", body, "sha256").hex()
    for signature, status in ((digest, 204), ("0" * 64, 403)):
        headers = {"X-Hub-Signature-256": f"sha256={signature}"}
        answer = anonymous.post(
            place, data=body, headers=headers, content_type="application/json"
        )
        assert answer.status_code == status
    assert kept(db) == [("wamid.A", "delivered")]


def test_a_call_that_is_too_large_is_refused(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, WHATSAPP)
    answer = anonymous.post(place, data=b"x" * 300_000)
    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("values", "key"), [(CALLED, "receipts_url"), (WHATSAPP, "app_secret")]
)
def test_what_signs_the_calls_must_be_given(
    client: Browser, db: Database, values: dict[str, str], key: str
) -> None:
    answer = client.send("/trunks/new/http", {**values, key: ""})
    assert answer.status_code == 422
    assert f'id="{key}-error"' in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


OTHER = {
    **TWILIO,
    "receipts": "call",
    "call_token": "t0ken-in-the-address",
    "receipt_id_at": "id",
    "receipt_state_at": "status",
}


def test_a_state_by_our_own_id_settles_that_message_in_doubt(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, {**OTHER, "id_at": "{message_id}"})
    with db.transaction() as tx:
        campaign_id = examples.campaign(tx)
        trunk_id = trunks.by_name(tx, OTHER["name"])["id"]
        enqueue(tx, campaign_id, [NewMessage("+34600111222", True, 1)] * 2)
        both = examples.claim(tx, campaign_id, trunk_id, 2)
        examples.settle(tx, both, trunk_id, "in_doubt", code="answer_timeout")
    told = {"id": str(both[1].message_id), "status": "delivered"}
    where = f"{place}/{OTHER['call_token']}"
    assert anonymous.post(where, data=told).status_code == 204
    with db.transaction() as tx:
        states = tx.tuples("SELECT state FROM message ORDER BY id")
    assert states == (("in_doubt",), ("delivered",))


def test_a_call_that_was_refused_is_said_on_the_trunks_page(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, CALLED)
    page = f"/trunks/{place.rpartition('/')[2]}"
    assert "Calls that were refused" not in client.get(page).text
    for _ in range(3):  # anybody may call: a flood is written once in some seconds
        answer = anonymous.post(place, data=DELIVERED, headers=signed(DELIVERED, "x"))
        assert answer.status_code == 403
    text = client.get(page).text
    assert "Calls that were refused" in text
    assert "was not signed with the trunk" in text
    assert SECRET not in text


def test_what_was_not_understood_is_said_on_the_trunks_page_without_secrets(
    client: Browser, anonymous: Browser, db: Database
) -> None:
    place = added(client, db, OTHER)
    said = f'{{"what": "<b>{SECRET}</b> t0ken-in-the-address"}}'
    url = f"{place}/t0ken-in-the-address"
    answer = anonymous.post(url, data=said, content_type="application/json")
    assert answer.status_code == 204
    page = client.get(f"/trunks/{place.rpartition('/')[2]}")
    assert "{&#34;what&#34;: &#34;&lt;b&gt;***&lt;/b&gt; ***&#34;}" in page.text
    for token in ("t0ken-in-the-addres", "x", "t0ken-in-the-address/"):
        answer = anonymous.post(f"{place}/{token}", data=said)
        assert answer.status_code in (403, 404)
    assert "The token at the end" in client.get(page.request.path).text


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"call_token": ""}, "call_token"),
        ({"call_token": "short"}, "call_token"),
        ({"call_token": "with / and spaces in it"}, "call_token"),
        ({"receipt_state_at": ""}, "receipt_state_at"),
        ({"receipt_id_at": "", "receipt_state_at": ""}, "receipt_id_at"),
        ({"receipt_states": "OK=good"}, "receipt_states"),
        ({"inbox_from_at": "from"}, "inbox_text_at"),
    ],
)
def test_what_cannot_be_found_is_said_beside_its_field(
    client: Browser, db: Database, changed: dict[str, str], key: str
) -> None:
    answer = client.send("/trunks/new/http", {**OTHER, **changed})
    assert answer.status_code == 422
    assert f'id="{key}-error"' in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


@pytest.mark.parametrize(
    ("values", "end"),
    [(WHATSAPP, "/provider/{id} "), (OTHER, "/provider/{id}/TOKEN "), (TWILIO, "")],
)
def test_the_page_says_where_the_provider_is_to_call(
    client: Browser, db: Database, values: dict[str, str], end: str
) -> None:
    number = added(client, db, values).rpartition("/")[2]
    text = client.get(f"/trunks/{number}").text
    assert ("Where the provider is to call" in text) is bool(end)
    assert f"http://localhost{end}".format(id=number) in text or not end
