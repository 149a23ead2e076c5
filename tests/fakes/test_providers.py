"""The fakes of providers say what the providers' documents say."""

from __future__ import annotations

import hashlib
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


def digest(path: str, count: int, method: str = "POST") -> str:
    """An answer to Dinstar's challenge, as RFC 7616 makes it."""

    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()  # noqa: S324

    first, second = md5(f"{USER}:gw:{SECRET}"), md5(f"{method}:{path}")
    middle = f"{Dinstar.nonce}:{count:08x}:c:auth"
    given = {"username": USER, "realm": "gw", "nonce": Dinstar.nonce, "uri": path}
    given |= {"cnonce": "c", "response": md5(f"{first}:{middle}:{second}")}
    said = ", ".join(f'{name}="{value}"' for name, value in given.items())
    return f"Digest {said}, qop=auth, nc={count:08x}"


def test_dinstar_challenges_and_believes_a_count_once() -> None:
    path = "/api/query_sms_result"
    with Dinstar() as fake:
        status, headers, _ = asked(fake, path, '{"user_id": [1]}')
        assert status == 401
        assert headers["WWW-Authenticate"].startswith("Digest realm=")
        for count, wanted in ((1, 200), (1, 401), (2, 200)):
            said = digest(path, count)
            found = asked(fake, path, '{"user_id": [1]}', Authorization=said)
            assert found[0] == wanted


def test_dinstar_tells_of_at_most_32_messages_at_once() -> None:
    path = "/api/query_sms_result"
    with Dinstar() as fake:
        fake.states, fake.numbers = {7: "DELIVERED"}, {7: "600111222"}
        for count, (many, code) in enumerate(((32, 200), (33, 413)), 1):
            body = json.dumps({"user_id": list(range(many))})
            found = asked(fake, path, body, Authorization=digest(path, count))
            assert json.loads(found[2])["error_code"] == code


def test_dinstar_gives_each_message_once() -> None:
    path = "/api/query_incoming_sms?flag=unread"
    with Dinstar() as fake:
        fake.inbox = [("600", "a"), ("600", "b"), ("600", "c")]
        found = []
        for count in (1, 2, 3):
            answer = asked(fake, path, "", Authorization=digest(path, count))
            found.append([one["text"] for one in json.loads(answer[2])["sms"]])
        assert found == [["a", "b"], ["c"], []]


def test_whatsapp_wants_a_template_outside_the_window() -> None:
    text = json.dumps({"to": "34600111222", "type": "text", "text": {"body": "x"}})
    with Whatsapp() as fake:
        bearer = f"Bearer {SECRET}"
        found = asked(fake, "/v23.0/1/messages", text, Authorization=bearer)
        assert json.loads(found[2])["error"]["code"] == 131047
        fake.open_windows = frozenset({"34600111222"})
        assert asked(fake, "/v23.0/1/messages", text, Authorization=bearer)[0] == 200
