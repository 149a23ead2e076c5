"""What may be written about an HTTP provider, and what is said when it is wrong."""

from __future__ import annotations

import pytest

from massivesms.domain import results
from massivesms.domain.http_kind import HTTP
from massivesms.domain.http_places import Place, read_body, read_place
from massivesms.domain.http_provider import Provider, read_provider
from massivesms.domain.http_reasons import REASONS, of_status, result_code
from massivesms.domain.trunk_kinds import check_settings
from massivesms.domain.words import Problem

GIVEN = {
    "url": "https://api.example/send",
    "fields": "to={number}&text={text}",
}


def problem(**changed: str) -> tuple[str, str]:
    """(setting, code) of the only problem."""
    found = check_settings(HTTP, {**GIVEN, **changed})
    ((key, one),) = found.items()
    assert isinstance(one, Problem)
    assert one.text  # its values fill its template
    return key, one.code


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("url", "", "setting_missing"),
        ("url", "api.example/send", "url_form"),
        ("url", "ftp://api.example/", "url_form"),
        ("url", "https://ana:x@api.example/", "url_password"),
        ("url", "https://{user}.example/", "url_token_host"),
        ("url", "https://api.example/{what}", "token_unknown"),
        ("fields", "to={number}&text", "fields_form"),
        ("fields", "to={number}&text={txt}", "token_unknown"),
        ("fields", "to={number}", "fields_text"),
        ("fields", "text={text}", "fields_number"),
        ("headers", "Authorization", "header_form"),
        ("headers", "A b: c", "header_form"),
        ("headers", "X: {text}", "token_unknown"),
        ("success", "yes", "success_form"),
        ("success", "200, a b = 3", "place_form"),
        ("id_at", "a..b", "place_form"),
        ("id_at", "/(/", "place_pattern"),
        ("id_at", "/ID/", "place_group"),
        ("error_table", "21211", "error_form"),
        ("error_table", "21211=wrong", "error_reason"),
        ("error_table", "1=number, 1=text", "error_twice"),
        ("ports", "3-0", "ports_form"),
        ("ports", "0-9999", "ports_form"),
        ("http_method", "delete", "setting_choice"),
        ("auth", "token", "setting_choice"),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_setting(
    key: str, value: str, code: str
) -> None:
    assert problem(**{key: value}) == (key, code)


def test_json_that_is_none_is_said() -> None:
    assert problem(body="json", fields="{number: 1}") == ("fields", "fields_json")
    given = '{"to": "{number}", "text": "{txt}"}'
    assert problem(body="json", fields=given) == ("fields", "token_unknown")


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"auth": "basic", "user": "ana"}, "secret"),
        ({"auth": "digest", "secret": "x"}, "user"),
        ({"headers": "Authorization: Bearer {secret}"}, "secret"),
        ({"fields": "to={number}&text={text}&port={port}"}, "ports"),
    ],
)
def test_what_is_named_must_be_given(given: dict[str, str], key: str) -> None:
    assert problem(**given) == (key, "setting_missing")


def provider(**changed: str) -> Provider:
    settings = check_settings(HTTP, {**GIVEN, **changed})
    found = read_provider(settings)  # type: ignore[arg-type]
    assert isinstance(found, Provider)
    return found


def test_ports_and_statuses_may_be_ranges() -> None:
    table = "status 5xx=busy, a.B=text"
    found = provider(ports="0-2,5", success="201", error_table=table)
    assert found.ports == ("0", "1", "2", "5")
    assert found.success.statuses == {201}
    assert found.statuses[503] == "busy"
    assert found.errors == {"a.B": "text"}


@pytest.mark.parametrize(
    ("written", "body", "found"),
    [
        ("sid", b'{"sid": "SM1"}', "SM1"),
        ("messages[0].id", b'{"messages": [{"id": "w"}]}', "w"),
        ("messages.0.id", b'{"messages": [{"id": 7}]}', "7"),
        ("[0].id", b'[{"id": "b"}]', "b"),
        ("messages[1].id", b'{"messages": [{"id": "w"}]}', None),
        ("sid", b"OK", None),
        ("sid", b'{"sid": {"a": 1}}', None),
        ("ok", b'{"ok": true}', "true"),
        (r"/ID: (\w+)/", b"OK. ID: 55ab, cost 1", "55ab"),
        (r"/ID: (\w+)/", b"ERR 104", None),
        ("sid", b"[" * 100_000, None),
        ("sid", b"\xff\xfe", None),
    ],
)
def test_a_place_finds_what_stands_there(
    written: str, body: bytes, found: str | None
) -> None:
    place = read_place(written)
    assert isinstance(place, Place)
    assert place.find(read_body(body)) == found


@pytest.mark.parametrize("name", REASONS)
def test_every_reason_has_words_of_its_own(name: str) -> None:
    assert "why" in results.text(result_code(name), "why")


@pytest.mark.parametrize("status", range(300, 600))
def test_every_http_status_that_is_no_success_has_a_reason(status: int) -> None:
    assert of_status(status) in REASONS
