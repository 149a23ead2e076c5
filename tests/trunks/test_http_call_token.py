"""The token of an address that providers call is sent to them and never shown."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from massivesms.domain.http_kind import HTTP
from massivesms.domain.trunk_kinds import check_settings
from massivesms.trunks.http.answer import Answer, shown
from massivesms.trunks.http.request import access_of, render, values_of
from tests.trunks.http_world import SECRET, message, provider, settings

TOKEN = "t0ken-in-the-address"
URL = "https://pbx.example/sms/provider/3"
CALLED = {
    "url": "https://api.example/send", "secret": SECRET, "id_at": "id",
    "fields": "to={number}&t={text}&key={secret}&hook={receipts_url}",
    "receipts": "call", "call_token": TOKEN, "receipt_id_at": "id",
    "receipt_state_at": "status", "receipts_url": URL,
}  # fmt: skip


@pytest.mark.parametrize("end", ["", "/"])
def test_the_token_is_put_at_the_end_of_the_address(end: str) -> None:
    values = settings(**{**CALLED, "receipts_url": URL + end})
    access = access_of(values)
    request = render(provider(values), values_of(message(), access, ""), access)
    assert dict(parse_qsl((request.body or b"").decode()))["hook"] == f"{URL}/{TOKEN}"
    assert TOKEN not in repr(access)


def test_what_the_provider_repeats_of_it_is_hidden() -> None:
    said = Answer(400, f'{{"no": "{URL}/{TOKEN} {SECRET}"}}'.encode())
    assert (
        shown(said, access_of(settings(**CALLED))) == f'400 {{"no": "{URL}/*** ***"}}'
    )


@pytest.mark.parametrize("receipts", ["none", "twilio"])
def test_without_such_calls_the_address_is_as_it_was_written(receipts: str) -> None:
    values = settings(**{**CALLED, "receipts": receipts})
    assert values_of(message(), access_of(values), "")["receipts_url"] == URL


@pytest.mark.parametrize(
    ("key", "written"),
    [
        ("receipts_url", f"{URL}/{TOKEN}"),
        ("url", f"https://api.example/send?to=a&hook={TOKEN}"),
        ("fields", f"to={{number}}&t={{text}}&hook={URL}/{TOKEN}"),
        ("headers", f"X-Hook: {TOKEN}"),
    ],
)
def test_a_token_that_everybody_could_read_is_refused(key: str, written: str) -> None:
    found = check_settings(HTTP, {**CALLED, key: written})
    assert found[key].code == (
        "token_at_end" if key == "receipts_url" else "secret_written"
    )  # type: ignore[union-attr]
