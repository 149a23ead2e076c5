"""What is asked of a provider: tokens, escaping, sign-in, nothing of secrets shown."""

from __future__ import annotations

import base64
import json
from urllib.parse import parse_qsl, urlsplit

import pytest

from massivesms.trunks.base import Submission
from massivesms.trunks.http.request import Access, Request, render, values_of
from tests.trunks.http_world import SECRET, message, preset, provider, settings

ACCESS = Access("AC1", SECRET)


def rendered(values: dict[str, str], submission: Submission, port: str = "") -> Request:
    access = Access(values["user"], values["secret"], values["auth"])
    return render(provider(values), values_of(submission, access, port), access)


def test_a_form_carries_any_text() -> None:
    text = "¿50 % & más? a=b + {number}\n€"
    found = rendered(preset("Twilio"), message(text=text, sender_id="Shop"))
    assert found.method == "POST"
    assert found.url.endswith("/Accounts/AC1/Messages.json")
    assert parse_qsl((found.body or b"").decode()) == [
        ("To", "+34600111222"), ("From", "Shop"), ("Body", text),
    ]  # fmt: skip
    basic = base64.b64encode(f"AC1:{SECRET}".encode()).decode()
    assert found.headers["Authorization"] == f"Basic {basic}"
    assert found.headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_a_field_without_its_value_is_left_out() -> None:
    found = rendered(preset("Twilio"), message())
    assert b"From" not in (found.body or b"")
    told = json.loads(rendered(preset("BulkSMS"), message()).body or b"")
    assert set(told) == {"to", "body", "encoding"}


def test_json_carries_any_text_and_numbers_as_numbers() -> None:
    text = 'a "quote" \\ {text} €'
    found = rendered(preset("Dinstar"), message(text=text), port="2")
    assert json.loads(found.body or b"") == {
        "text": "#param#", "port": [2], "request_status_report": True,
        "param": [{"number": "34600111222", "text_param": [text], "user_id": 7}],
    }  # fmt: skip
    assert "Authorization" not in found.headers  # Digest answers a challenge


def test_a_number_without_its_country_code_has_it_where_it_is_wanted() -> None:
    """A gateway with SIM cards may want it as at home, the world never."""
    own = {"destination": "600111222", "is_international": False}
    one = message(**own, e164="+34600111222")
    form = parse_qsl((rendered(preset("Twilio"), one).body or b"").decode())
    assert dict(form)["To"] == "+34600111222"
    told = json.loads(rendered(preset("WhatsApp"), one).body or b"")
    assert told["to"] == "+34600111222"
    gateway = json.loads(rendered(preset("Dinstar"), one, port="2").body or b"")
    assert gateway["param"][0]["number"] == "600111222"


def test_whatsapp_gets_its_token_and_our_id() -> None:
    found = rendered(preset("WhatsApp", secret="EAAB"), message())
    assert found.headers["Authorization"] == "Bearer EAAB"
    told = json.loads(found.body or b"")
    assert told["text"] == {"preview_url": False, "body": "Hola"}
    assert (told["to"], told["biz_opaque_callback_data"]) == ("+34600111222", "7")


def test_a_template_gets_the_text_as_its_parameter() -> None:
    values = preset("WhatsApp", secret="EAAB")
    one = message(text="Hola,\n  Ana\t")
    access = Access(values["user"], values["secret"], values["auth"])
    outside = provider(values).outside
    assert outside is not None
    found = render(outside, values_of(one, access, ""), access)
    (part,) = json.loads(found.body or b"")["template"]["components"]
    assert part["parameters"] == [{"type": "text", "text": "Hola, Ana"}]


def test_bulksms_gets_a_key_against_doubles() -> None:
    assert rendered(preset("BulkSMS"), message()).url.endswith("?deduplication-id=7")


@pytest.mark.parametrize("url", ["https://a.example/s", "https://a.example/s?v=1"])
def test_fields_may_go_in_the_address(url: str) -> None:
    fields = "n={number}&t={text}&s={segments}"
    values = settings(url=url, http_method="get", body="query", fields=fields)
    found = rendered(values, message(text="a&b=c #d"))
    assert found.body is None
    asked = dict(parse_qsl(urlsplit(found.url).query))
    assert (asked["n"], asked["t"], asked["s"]) == ("34600111222", "a&b=c #d", "1")


def test_a_local_number_gets_no_plus() -> None:
    found = rendered(preset("Twilio"), message(is_international=False))
    assert dict(parse_qsl((found.body or b"").decode()))["To"] == "34600111222"


@pytest.mark.parametrize(
    "said",
    [
        f"wrong token {SECRET}!",
        "wrong token s3cr%2Bt%2F%C3%A9!",
        "wrong token s3cr%2Bt/%C3%A9!",
        "wrong token s3cr+t/\\u00e9!",
        f"wrong token {base64.b64encode(f'AC1:{SECRET}'.encode()).decode()}!",
    ],
)
def test_a_secret_is_hidden_however_it_is_written(said: str) -> None:
    assert ACCESS.hide(said) == "wrong token ***!"


def test_what_holds_secrets_does_not_show_them() -> None:
    found = rendered(preset("Twilio"), message())
    assert SECRET not in repr(ACCESS)
    assert "Basic" not in repr(found)
