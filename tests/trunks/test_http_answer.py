"""What a provider's answer means: cases of the providers' documents, and of none."""

from __future__ import annotations

import json

import pytest

from massivesms.domain.http_presets import BULKSMS, DINSTAR, TWILIO, WHATSAPP, Row
from massivesms.domain.http_reasons import REASONS
from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
)
from massivesms.trunks.http.answer import Answer, judge
from massivesms.trunks.http.request import Access
from tests.trunks.http_world import SECRET, preset, provider, settings

ACCESS = Access("AC1", SECRET)


def judged(
    name: str, status: int, body: object, retry_after_s: int | None = None
) -> Outcome:
    octets = body if isinstance(body, bytes) else json.dumps(body).encode()
    values = preset(name)
    return judge(provider(values), Answer(status, octets, retry_after_s), ACCESS)


@pytest.mark.parametrize(
    ("name", "status", "body", "their_id"),
    [
        ("Twilio", 201, {"sid": "SM1", "status": "queued", "error_code": None}, "SM1"),
        ("WhatsApp", 200, {"messages": [{"id": "wamid.A"}]}, "wamid.A"),
        ("BulkSMS", 201, [{"id": "43", "status": {"type": "ACCEPTED"}}], "43"),
    ],
)
def test_a_message_that_was_taken_has_their_id(
    name: str, status: int, body: object, their_id: str
) -> None:
    assert judged(name, status, body) == Accepted((their_id,))


def meta(code: int) -> object:
    return {"error": {"message": "m", "type": "OAuthException", "code": code}}


@pytest.mark.parametrize(
    ("name", "status", "body", "code", "decision"),
    [
        ("Twilio", 400, {"code": 21211, "message": "no"}, "number", Decision.FAIL),
        ("Twilio", 400, {"code": 21610, "message": "no"}, "opted_out", Decision.FAIL),
        ("Twilio", 401, {"code": 20003}, "signin", Decision.STOP_TRUNK),
        ("Twilio", 400, {"code": 99999}, "request", Decision.NEXT_TRUNK),
        ("Dinstar", 200, {"error_code": 500}, "busy", Decision.RETRY),
        ("Dinstar", 200, {"error_code": 777}, "refused", Decision.NEXT_ONCE),
        ("Dinstar", 401, b"<html>401</html>", "signin", Decision.STOP_TRUNK),
        ("WhatsApp", 400, meta(131047), "window", Decision.NEXT_ONCE),
        ("WhatsApp", 401, meta(190), "signin", Decision.STOP_TRUNK),
        ("WhatsApp", 400, meta(131026), "number", Decision.FAIL),
        ("WhatsApp", 400, meta(131056), "busy", Decision.RETRY),
        ("BulkSMS", 403, {"type": "x", "detail": "d"}, "credit", Decision.STOP_TRUNK),
        ("BulkSMS", 503, b"", "busy", Decision.RETRY),
        ("BulkSMS", 301, b"", "request", Decision.NEXT_TRUNK),
        ("BulkSMS", 308, b"", "request", Decision.NEXT_TRUNK),
        ("Twilio", 503, {"code": 20503}, "busy", Decision.RETRY),
    ],
)  # fmt: skip
def test_a_no_has_its_reason_and_decision(
    name: str, status: int, body: object, code: str, decision: Decision
) -> None:
    found = judged(name, status, body)
    assert isinstance(found, Rejected)
    assert (found.code, found.decision) == (f"http_{code}", decision)


@pytest.mark.parametrize(
    ("name", "status", "body", "code"),
    [
        ("Twilio", 201, b"<html>Welcome</html>", "http_unreadable"),
        ("Twilio", 201, {"status": "queued"}, "http_unreadable"),
        ("Twilio", 200, {"sid": "SM1"}, "http_unreadable"),
        ("Dinstar", 200, b"", "http_unreadable"),
        ("Twilio", 500, {"code": 20500}, "http_doubt"),
        ("Twilio", 502, b"Bad Gateway", "http_doubt"),
        ("BulkSMS", 504, b"", "http_doubt"),
        ("Twilio", 503, b"Service Unavailable", "http_doubt"),
        ("BulkSMS", 302, b"", "http_doubt"),
        ("BulkSMS", 303, b"", "http_doubt"),
        ("BulkSMS", 409, b"", "http_doubt"),
        ("WhatsApp", 500, meta(131000), "http_doubt"),
    ],
)
def test_an_answer_that_does_not_say_no_leaves_it_in_doubt(
    name: str, status: int, body: object, code: str
) -> None:
    found = judged(name, status, body)
    assert isinstance(found, InDoubt)
    assert found.code == code


def test_a_wait_that_is_asked_for_is_kept() -> None:
    body = {"code": 20429, "message": "Too Many Requests"}
    assert judged("Twilio", 429, body, 12) == Deferred(
        12, "http_limit", "20429: Too Many Requests"
    )
    assert judged("WhatsApp", 400, meta(130429)) == Deferred(
        5, "http_limit", "130429: m"
    )
    found = judged("Twilio", 503, b"", 1_000_000)
    assert isinstance(found, Deferred)
    assert found.seconds == 3600
    found = judged("Twilio", 503, b"", 0)
    assert isinstance(found, Rejected)
    assert (found.code, found.decision) == ("http_busy", Decision.RETRY)


def test_what_is_shown_is_short_inert_and_without_secrets() -> None:
    said = f"bad {SECRET}\x1b[31m\n" + "x" * 500
    found = judged("Twilio", 400, {"code": 21211, "message": said})
    assert isinstance(found, Rejected)
    assert found.reason.startswith("21211: bad ***\\x1b[31m xxx")
    assert len(found.reason) == 160


def test_a_plain_text_answer_is_read_by_patterns() -> None:
    one = provider(
        settings(
            url="http://api.example/s", fields="to={number}&t={text}",
            success=r"200, /^(OK|ERR)/ = OK", id_at=r"/ID: (\w+)/",
            code_at=r"/^ERR (\d+)/", error_table="104=credit",
        )
    )  # fmt: skip
    assert judge(one, Answer(200, b"OK ID: a1"), ACCESS) == Accepted(("a1",))
    found = judge(one, Answer(200, b"ERR 104 no money"), ACCESS)
    assert isinstance(found, Rejected)
    assert found.code == "http_credit"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"status": "queued", "error": 0, "id": "77"}, InDoubt),
        ({"status": "queued", "error": 9, "id": "77"}, Rejected),  # of the table
        ({"status": "accepted", "error": 0, "id": "77"}, Accepted),
    ],
)
def test_an_unknown_word_is_no_refusal(said: object, expected: type[Outcome]) -> None:
    """A code beside the sign of success says nothing when no table knows it."""
    one = provider(
        settings(
            url="http://api.example/s", fields="to={number}&t={text}",
            success="200, status = accepted", id_at="id", code_at="error",
            error_table="9=credit",
        )
    )  # fmt: skip
    found = judge(one, Answer(200, json.dumps(said).encode()), ACCESS)
    assert isinstance(found, expected)
    assert not isinstance(found, InDoubt) or found.code == "http_unreadable"


@pytest.mark.parametrize("rows", [TWILIO, DINSTAR, WHATSAPP, BULKSMS])
def test_every_row_of_a_table_has_a_reason_and_a_meaning(rows: tuple[Row, ...]) -> None:
    assert all(row.reason in REASONS and row.meaning for row in rows)
    assert len({row.code for row in rows}) == len(rows)
