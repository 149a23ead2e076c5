"""Calls of providers: only theirs are believed, and what they say is read."""

from __future__ import annotations

import hashlib
import hmac
import json
from urllib.parse import urlencode

import pytest

from massivesms.webhooks.provider_calls import (
    Told,
    is_of_twilio,
    is_of_whatsapp,
    told_by_twilio,
    told_by_whatsapp,
)

# The worked example of Twilio's document on securing requests.
URL = "https://example.com/myapp.php?foo=1&bar=2"
FORM = {
    "Digits": "1234",
    "To": "+18005551212",
    "From": "+14158675310",
    "Caller": "+14158675310",
    "CallSid": "CA1234567890ABCDE",
}
TOKEN, SIGNATURE = "12345", "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_twilios_own_example_is_believed() -> None:
    assert is_of_twilio(SIGNATURE, URL, urlencode(FORM).encode(), TOKEN)


@pytest.mark.parametrize(
    ("signature", "url", "body", "token"),
    [
        ("", URL, urlencode(FORM), TOKEN),
        ("é", URL, urlencode(FORM), TOKEN),
        (SIGNATURE, URL + "&x=1", urlencode(FORM), TOKEN),
        (SIGNATURE, URL, urlencode({**FORM, "Digits": "1235"}), TOKEN),
        (SIGNATURE, URL, urlencode(FORM), "12346"),
        (SIGNATURE, URL, urlencode(FORM), ""),
    ],
)
def test_anything_else_is_not(signature: str, url: str, body: str, token: str) -> None:
    assert not is_of_twilio(signature, url, body.encode(), token)


def test_whatsapp_signs_its_body() -> None:
    body = b'{"object": "whatsapp_business_account"}'
    good = "sha256=" + hmac.new(b"app", body, hashlib.sha256).hexdigest()
    assert is_of_whatsapp(good, body, "app")
    assert not is_of_whatsapp(good, body + b" ", "app")
    assert not is_of_whatsapp(good, body, "other")
    assert not is_of_whatsapp("", body, "app")
    unsigned = "sha256=" + hmac.new(b"", body, hashlib.sha256).hexdigest()
    assert not is_of_whatsapp(unsigned, body, "")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"MessageStatus": "delivered"}, [Told("SM1", "delivered", "", "346")]),
        (
            {"MessageStatus": "undelivered", "ErrorCode": "30003"},
            [Told("SM1", "undelivered", "30003", "346")],
        ),
        ({"MessageStatus": "sent"}, []),
        ({"MessageStatus": "anything"}, []),
        ({}, []),
    ],
)
def test_twilios_states(given: dict[str, str], told: list[Told]) -> None:
    body = urlencode({"MessageSid": "SM1", "To": "+346", **given}).encode()
    assert told_by_twilio(body).receipts == tuple(told)


def test_whatsapps_states_come_several_at_once() -> None:
    statuses = [
        {"id": "wamid.A", "status": "sent", "recipient_id": "346"},
        {"id": "wamid.A", "status": "delivered", "recipient_id": "346"},
        {"id": "wamid.B", "status": "failed", "recipient_id": "347",
         "errors": [{"code": 131026, "title": "Message undeliverable"}]},
    ]  # fmt: skip
    change = {"field": "messages", "value": {"statuses": statuses}}
    body = json.dumps({"entry": [{"changes": [change]}]}).encode()
    assert told_by_whatsapp(body).receipts == (
        Told("wamid.A", "delivered", "", "346"),
        Told("wamid.B", "undelivered", "131026", "347"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b'{"entry": 1}', b'{"entry": [1, {"changes": [2]}]}',
        b'{"entry": [{"changes": [{"value": {"statuses": [7, {"id": []}]}}]}]}',
        b"[" * 100_000, b"\xff",
    ],
)  # fmt: skip
def test_nonsense_says_nothing(body: bytes) -> None:
    for found in (told_by_whatsapp(body), told_by_twilio(body)):
        assert (found.receipts, found.messages) == ((), ())
