"""The fakes of providers say what the providers' documents say."""

from __future__ import annotations

import http.client
import json
from base64 import b64encode
from urllib.parse import urlencode

import pytest

from tests.fakes.providers import SECRET, USER, Dinstar, Provider, Twilio, Whatsapp

TWILIO_PATH = f"/2010-04-01/Accounts/{USER}/Messages.json"
BASIC = "Basic " + b64encode(f"{USER}:{SECRET}".encode()).decode()


def asked(
    fake: Provider, path: str, body: str, **headers: str
) -> tuple[int, http.client.HTTPMessage, str]:
    line = http.client.HTTPConnection("127.0.0.1", fake.port, timeout=5)
    octets = {name: value.encode() for name, value in headers.items()}
    line.request("POST", path, body.encode(), octets)
    answer = line.getresponse()
    return answer.status, answer.headers, answer.read().decode()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"To": "+34600111222", "Body": "x"}, 21603),
        ({"To": "600", "From": "a", "Body": "x"}, 21211),
        ({"To": "+34600111222", "From": "a", "Body": "x" * 1601}, 21617),
    ],
)
def test_twilio_says_what_is_wrong(given: dict[str, str], code: int) -> None:
    with Twilio() as fake:
        found = asked(fake, TWILIO_PATH, urlencode(given), Authorization=BASIC)
        assert (found[0], json.loads(found[2])["code"]) == (400, code)
        assert not fake.taken


def test_twilio_has_a_limit_and_wants_a_sign_in() -> None:
    good = urlencode({"To": "+34600111222", "From": "a", "Body": "x"})
    with Twilio(limit=1) as fake:
        assert asked(fake, TWILIO_PATH, good)[0] == 401
        assert asked(fake, TWILIO_PATH, good, Authorization=BASIC)[0] == 201
        status, headers, _ = asked(fake, TWILIO_PATH, good, Authorization=BASIC)
        assert (status, headers["Retry-After"], len(fake.taken)) == (429, "2", 1)


def test_dinstar_challenges() -> None:
    with Dinstar() as fake:
        status, headers, _ = asked(fake, "/api/send_sms", "{}")
        assert status == 401
        assert headers["WWW-Authenticate"].startswith("Digest realm=")


def test_whatsapp_wants_a_template_outside_the_window() -> None:
    text = json.dumps({"to": "34600111222", "type": "text", "text": {"body": "x"}})
    with Whatsapp() as fake:
        bearer = f"Bearer {SECRET}"
        found = asked(fake, "/v23.0/1/messages", text, Authorization=bearer)
        assert json.loads(found[2])["error"]["code"] == 131047
        fake.open_windows = frozenset({"34600111222"})
        assert asked(fake, "/v23.0/1/messages", text, Authorization=bearer)[0] == 200
