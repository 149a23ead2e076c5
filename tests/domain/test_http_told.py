"""What providers say about messages: where it stands, and what is a receipt."""

from __future__ import annotations

import json

import pytest

from massivesms.domain.http_kind import HTTP
from massivesms.domain.http_questions import Questions, read_questions
from massivesms.domain.http_secrets import check_written, hide
from massivesms.domain.http_told import (
    Found,
    Places,
    Told,
    Written,
    find_all,
    find_messages,
    find_receipts,
    read_places,
    read_told,
)
from massivesms.domain.trunk_kinds import check_settings
from massivesms.domain.words import Problem
from massivesms.webhooks.provider_calls import (
    is_of_twilio,
    told_by_twilio,
    told_by_whatsapp,
)

BASE = {
    "url": "https://api.example/send", "fields": "to={number}&text={text}",
    "id_at": "id",
    "receipt_id_at": "id", "receipt_state_at": "status", "receipt_number_at": "to",
    "receipt_error_at": "err", "inbox_from_at": "from", "inbox_text_at": "text",
    "inbox_id_at": "id", "inbox_to_at": "to",
}  # fmt: skip


def settings(**more: str) -> dict[str, str]:
    found = check_settings(HTTP, {**BASE, **more})
    assert all(isinstance(value, str) for value in found.values()), found
    return found  # type: ignore[return-value]


def places(**more: str) -> Places:
    found = read_places(settings(**more))
    assert isinstance(found, Places)
    return found


def found_in(said: object, **more: str) -> Found:
    octets = said if isinstance(said, bytes) else json.dumps(said).encode()
    return find_all(places(**more), read_told(octets))


M1 = Told("m1", "delivered", "", "34600")


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"id": "m1", "status": "DELIVRD", "to": "+34600"}, Found((M1,))),
        ([{"id": "m1", "status": "read", "to": "34600"}], Found((M1,))),
        (b"id=m1&status=delivered&to=%2B34600", Found((M1,))),
        (
            {"id": 7, "status": "failed", "err": 3},
            Found((Told("7", "undelivered", "3"),)),
        ),
        ({"id": "m1", "status": "sent"}, Found((Told("m1", "submitted"),))),
        ({"id": "m1", "status": "received"}, Found()),
        (
            {
                "id": "i1",
                "status": "received",
                "from": "600",
                "text": "Hola",
                "to": "9",
            },
            Found((), (Written("i1", "600", "9", "Hola"),)),
        ),
        # A receipt that repeats number and text is none of a person's messages.
        (
            {"id": "m1", "status": "sent", "from": "900", "text": "Hola", "to": "6"},
            Found((Told("m1", "submitted", "", "6"),)),
        ),
        (b"from=600&text=", Found((), (Written("", "600", "", ""),))),
        ({"hello": 1}, Found(unknown=1)),
        (b"", Found(unknown=1)),
        (b"\xff\xfe\x00", Found(unknown=1)),
        ([1, None, "x"], Found(unknown=3)),
        ([], Found()),
        ({"id": {"a": 1}, "status": ["x"]}, Found(unknown=1)),
    ],
    ids=str,
)
def test_what_is_said_is_found(said: object, wanted: Found) -> None:
    assert found_in(said) == wanted


def test_lists_stand_where_the_settings_say() -> None:
    body = {
        "results": [{"id": "m1", "status": "ok", "to": "34600"}, {"id": "m2"}],
        "inbox": {"items": [{"from": "600", "text": "a", "id": "1"}]},
    }
    more = {"receipt_list_at": "results", "inbox_list_at": "inbox.items"}
    more["receipt_states"] = "OK=delivered"
    known, said = places(**more), read_told(json.dumps(body).encode())
    assert find_receipts(known, said) == Found((M1,), unknown=1)
    assert find_messages(known, said).messages == (Written("1", "600", "", "a"),)
    assert find_all(known, said) == Found((M1,), (Written("1", "600", "", "a"),))
    empty = read_told(b'{"results": null, "code": 0}')
    assert find_receipts(known, empty) == Found()
    assert find_receipts(known, read_told(b"<html>")) == Found(unknown=1)


def test_bulksms_tells_states_and_messages_in_lists() -> None:
    (preset,) = (one.values for one in HTTP.presets if one.name == "BulkSMS")
    more = {"user": "u", "secret": "s3cret", "receipts": "call", "call_token": "t" * 16}
    known = read_places(settings(**{**preset, **more}))
    assert isinstance(known, Places)
    sent = {"id": "7", "type": "SENT", "from": "900", "to": "34600", "body": "Hola"}
    said = [
        {**sent, "status": {"type": "DELIVERED", "subtype": None}},
        {**sent, "id": "8", "status": {"type": "FAILED", "subtype": "EXPIRED"}},
        {"id": "9", "type": "RECEIVED", "from": "34600", "to": "900", "body": "BAJA"},
    ]
    assert find_all(known, read_told(json.dumps(said).encode())) == Found(
        (
            Told("7", "delivered", "", "34600"),
            Told("8", "undelivered", "EXPIRED", "34600"),
        ),
        (Written("9", "34600", "900", "BAJA"),),
    )


def test_patterns_are_looked_for_in_each_entry() -> None:
    more = {"receipt_id_at": r"/id:(\w+)/", "receipt_state_at": r"/stat:(\w+)/"}
    said = b"id:77 sub:001 stat:DELIVRD err:000"
    assert found_in(said, **more, receipt_number_at="").receipts == (
        Told("77", "delivered"),
    )


@pytest.mark.parametrize(
    ("more", "key", "code"),
    [
        ({"receipt_list_at": "/x(y)/"}, "receipt_list_at", "list_form"),
        ({"receipt_states": "OK"}, "receipt_states", "state_form"),
        ({"receipt_states": "OK=good"}, "receipt_states", "state_known"),
        ({"inbox_text_at": ""}, "inbox_text_at", "told_pair"),
        ({"receipts": "ask"}, "ask_url", "ask_url"),
        ({"receipts": "ask", "ask_url": "/state"}, "ask_url", "ask_ids"),
        ({"receipts": "ask", "ask_url": "/s/{number}"}, "ask_url", "token_unknown"),
        ({"receipts": "ask", "inbox_url": "/s/{id}"}, "inbox_url", "token_unknown"),
        ({"receipts": "ask", "inbox_url": "ftp://x/"}, "inbox_url", "url_form"),
        (
            {"receipts": "ask", "ask_url": "/s", "ask_fields": '{"a": '},
            "ask_fields",
            "fields_json",
        ),
        (
            {"receipts": "ask", "ask_url": "/s", "ask_fields": "a={text}"},
            "ask_fields",
            "token_unknown",
        ),
        ({"receipts": "call"}, "call_token", "setting_missing"),
        (
            {"receipts": "call", "call_token": "a" * 16, "id_at": ""},
            "id_at",
            "setting_missing",
        ),
        (
            {"receipts": "ask", "ask_url": "/{id}", "id_at": ""},
            "id_at",
            "setting_missing",
        ),
    ],
)
def test_what_cannot_be_used_is_said_beside_its_setting(
    more: dict[str, str], key: str, code: str
) -> None:
    found = check_settings(HTTP, {**BASE, **more})
    assert list(found) == [key]
    problem = found[key]
    assert isinstance(problem, Problem)
    assert (problem.code, bool(problem.text)) == (code, True)


@pytest.mark.parametrize(
    ("url", "fields", "most"),
    [
        ("/s?ids={ids}", "", 32),
        ("/s/{id}", "", 1),
        ("/s", '{"user_id": "{int:ids}"}', 32),
        ("/s", "id={id}", 1),
    ],
)
def test_a_path_is_one_of_the_same_server(url: str, fields: str, most: int) -> None:
    given = settings(receipts="ask", ask_url=url, ask_fields=fields)
    found = read_questions(given)
    assert isinstance(found, Questions)
    assert found.url == f"https://api.example{url}"
    assert (found.most_ids, found.inbox_url) == (most, "")


@pytest.mark.parametrize(
    ("key", "value", "is_secret"),
    [
        ("fields", "to={number}&text={text}&apikey=abc", True),
        ("fields", "to={number}&text={text}&apikey={secret}", False),
        ("fields", '{"auth": {"access_token": "abc"}, "text": "{text}"}', True),
        ("fields", '{"auth": [{"pin": 1234}]}', True),
        ("fields", '{"deduplication_key": "7", "template_key": "x"}', False),
        ("fields", "text=s3cret-of-ours", True),
        ("headers", "X-Api-Key: abc", True),
        ("headers", "X-Api-Key: {secret}|Accept: text/plain", False),
        ("headers", "Content-Type: application/json", False),
        ("ask_url", "https://a.example/s?id={id}&token=abc", True),
        ("url", "https://a.example/AC0123/Messages?monkey=1", False),
    ],
)
def test_secrets_are_not_written_where_all_can_read_them(
    key: str, value: str, is_secret: bool
) -> None:
    given = {"secret": "s3cret-of-ours", key: value}
    assert bool(check_written(given, [key], ["secret"])) is is_secret


def test_secrets_are_hidden_however_they_are_written() -> None:
    said = 'a b+c/é "q" a%20b%2Bc%2F%C3%A9 a+b%2Bc%2F%C3%A9 b2s='
    assert hide(said, ["a b+c/é", ""]) == 'hidden "q" hidden hidden b2s='.replace(
        "hidden", "***"
    )


def test_the_example_of_twilios_documents_is_signed_so() -> None:
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    body = (
        b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234"
        b"&From=%2B14158675309&To=%2B18005551212"
    )
    signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_of_twilio(signature, url, body, "12345")
    assert not is_of_twilio(signature, url, body + b"&Digits=1", "12345")
    assert not is_of_twilio(signature, url + "/", body, "12345")
    assert not is_of_twilio(signature, url, body, "")


def test_twilios_forms_are_read() -> None:
    came = b"MessageSid=SM1&From=whatsapp%3A%2B34600&To=whatsapp%3A%2B349&Body=Hola"
    media = b"&NumMedia=1&MediaContentType0=image%2Fjpeg"
    assert told_by_twilio(came + media).messages == (
        Written("SM1", "+34600", "+349", "Hola [image/jpeg]"),
    )
    received = came + b"&SmsStatus=received&MessageStatus=received"
    assert [one.text for one in told_by_twilio(received).messages] == ["Hola"]
    state = b"MessageSid=SM1&MessageStatus=delivered&To=%2B34600&From=%2B349"
    assert told_by_twilio(state) == Found((Told("SM1", "delivered", "", "34600"),))
    assert told_by_twilio(b"MessageSid=SM1&MessageStatus=sent") == Found()
    assert told_by_twilio(b"CallSid=CA1&From=%2B34600") == Found(unknown=1)


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "text", "text": {"body": "BAJA"}}, "BAJA"),
        ({"type": "button", "button": {"text": "Sí", "payload": "x"}}, "Sí"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"title": "No"}},
            },
            "No",
        ),
        (
            {"type": "image", "image": {"caption": "mi foto", "id": "1"}},
            "[image] mi foto",
        ),
        ({"type": "location", "location": {"latitude": 1}}, "[location]"),
        ({"type": "text", "text": "broken"}, "[text]"),
        ({"type": "reaction", "reaction": {"emoji": "👍"}}, "👍"),
    ],
    ids=str,
)
def test_messages_of_whatsapp_of_every_type_are_read(
    message: dict[str, object], text: str
) -> None:
    value = {
        "metadata": {"display_phone_number": "1555", "phone_number_id": "9"},
        "messages": [{"from": "34600", "id": "wamid.1", **message}, {"from": "1"}, 7],
    }
    body = json.dumps({"entry": [{"changes": [{"value": value}]}]}).encode()
    assert told_by_whatsapp(body) == Found(
        (), (Written("wamid.1", "+34600", "1555", text),)
    )


@pytest.mark.parametrize(
    ("sender", "number"),
    [
        ("5215512345678", "+525512345678"),
        ("525512345678", "+525512345678"),
        ("553187654321", "+5531987654321"),
        ("5531987654321", "+5531987654321"),
        ("551132654321", "+551132654321"),
        ("5491123456789", "+5491123456789"),
        ("34600111222", "+34600111222"),
    ],
)
def test_numbers_of_whatsapp_are_those_of_today(sender: str, number: str) -> None:
    """Else a wish to opt out would be kept for a number that nobody sends to."""
    message = {"from": sender, "id": "w", "type": "text", "text": {"body": "BAJA"}}
    state = {"id": "w", "status": "delivered", "recipient_id": sender}
    value = {"messages": [message], "statuses": [state]}
    body = json.dumps({"entry": [{"changes": [{"value": value}]}]}).encode()
    found = told_by_whatsapp(body)
    assert found.messages[0].sender == number
    assert f"+{found.receipts[0].number}" == number


@pytest.mark.parametrize("said", [b"", b"[]", b"\xff", b'{"entry": 7}', b'"x"'])
def test_nothing_that_whatsapp_says_raises(said: bytes) -> None:
    assert not told_by_whatsapp(said).messages


def test_all_that_was_asked_for_is_ours_and_the_rest_of_a_call_is_said() -> None:
    places = read_places(
        settings(inbox_list_at="sms", inbox_from_at="from", inbox_text_at="text",
                 receipts="ask", inbox_url="/inbox")
    )  # fmt: skip
    assert isinstance(places, Places)
    entries = [{"from": "346", "text": str(n)} for n in range(1200)]
    body = read_told(json.dumps({"sms": entries}).encode())
    found = find_messages(places, body)
    assert (len(found.messages), found.unknown) == (1200, 0)
    found = find_all(places, body)
    assert (len(found.messages), found.unknown) == (1000, 200)


def test_an_answer_that_was_cut_is_not_an_empty_list() -> None:
    places = read_places(
        settings(inbox_list_at="sms", inbox_from_at="from", inbox_text_at="text",
                 receipts="ask", inbox_url="/inbox")
    )  # fmt: skip
    assert isinstance(places, Places)
    found = find_messages(places, read_told(b'{"sms": [{"from": "346", "te'))
    assert (found.messages, found.unknown) == ((), 1)
    assert find_messages(places, read_told(b'{"ok": 1}')).unknown == 0
