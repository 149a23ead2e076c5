"""Asking a provider over real HTTP: what left us, what did not, what is in doubt."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)
from massivesms.domain.own_hosts import OwnHosts, read
from massivesms.trunks.base import Submission
from massivesms.trunks.http.answer import Answer, judge
from massivesms.trunks.http.line import Line
from massivesms.trunks.http.request import Access, render, values_of
from tests.fakes.providers import SECRET, USER, BulkSms, Dinstar, Provider, Twilio
from tests.fakes.target import drip_head, flood
from tests.trunks.http_world import message, preset, provider

LOOPBACK = read("127.0.0.1")
PATHS = {
    Twilio: ("Twilio", "/2010-04-01/Accounts/{user}/Messages.json"),
    Dinstar: ("Dinstar", "/api/send_sms"),
    BulkSms: ("BulkSMS", "/v1/messages?deduplication-id={message_id}"),
}


def sent(
    fake: Provider,
    submission: Submission | None = None,
    *,
    secret: str = SECRET,
    own: OwnHosts = LOOPBACK,
    timeout_s: float = 5,
) -> Outcome:
    """What comes of a message."""
    name, path = PATHS[type(fake)]  # type: ignore[index]
    values = preset(name, url=fake.base + path, user=USER, secret=secret)
    access = Access(USER, secret, values["auth"])
    known = provider(values)
    one = submission or message(sender_id="Shop")
    request = render(known, values_of(one, access, "2"), access)
    found = Line(lambda: own, timeout_s).ask(request, access)
    return judge(known, found, access) if isinstance(found, Answer) else found


def test_a_message_is_taken_once() -> None:
    with Twilio() as fake:
        assert sent(fake) == Accepted((f"SM{1:032x}",))
        assert fake.taken == [("+34600111222", "Hola")]
        assert fake.got[0].headers["host"] == f"127.0.0.1:{fake.port}"


def test_digest_is_answered_and_a_wrong_secret_stops_the_trunk() -> None:
    with Dinstar() as fake:
        assert isinstance(sent(fake), Accepted)
        assert (fake.taken, fake.ports) == ([("34600111222", "Hola")], [[2]])
        found = sent(fake, secret="wrong")
        assert isinstance(found, Rejected)
        assert found.code == "http_signin"
        assert len(fake.got) == 4


def test_the_same_again_is_not_sent_again_where_the_provider_can_tell() -> None:
    with BulkSms() as fake:
        fake.faults = ["cut"]
        assert isinstance(sent(fake), InDoubt)
        assert sent(fake) == Accepted(("1",))
        assert len(fake.taken) == 1


def test_too_fast_waits_as_long_as_the_provider_says() -> None:
    with Twilio(limit=0, retry_after="3") as fake:
        found = sent(fake)
        assert isinstance(found, Deferred)
        assert (found.seconds, found.code) == (3, "http_limit")


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("cut", "http_no_answer"),
        ("hang", "http_no_answer"),
        ("garbage", "http_unreadable"),
        ("page", "http_unreadable"),
        ("502", "http_doubt"),
    ],
)
def test_without_an_answer_that_says_no_it_is_in_doubt(fault: str, code: str) -> None:
    with Twilio(faults=[fault]) as fake:
        found = sent(fake, timeout_s=0.5 if fault == "hang" else 5)
        assert isinstance(found, InDoubt)
        assert found.code == code
        assert len(fake.got) == 1


def test_an_answer_that_never_ends_is_cut() -> None:
    with Twilio() as fake:
        fake.reply = lambda got: drip_head  # type: ignore[assignment,method-assign,return-value]
        found = sent(fake, timeout_s=0.5)
        assert isinstance(found, InDoubt)
        fake.reply = lambda got: flood  # type: ignore[assignment,method-assign,return-value]
        found = sent(fake, timeout_s=2)
        assert isinstance(found, InDoubt)
        assert len(found.reason) <= 160


def test_no_redirect_is_followed() -> None:
    with Twilio(faults=["moved"]) as fake:
        found = sent(fake)
        assert isinstance(found, InDoubt)  # 302 is also said after it was taken
        assert found.code == "http_doubt"
        assert not fake.taken


def test_away_for_now_is_not_accepted() -> None:
    with Twilio(faults=["503"]) as fake:
        assert isinstance(sent(fake), Deferred)
        assert not fake.taken


def test_what_is_refused_before_a_request_left_is_not_sent() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/"
        found = Line(lambda: LOOPBACK, 2).reach(url)
    assert found is not None
    assert found.code == "connection_refused"


def test_a_host_of_ones_own_must_be_allowed() -> None:
    with Twilio() as fake:
        assert sent(fake, own=OwnHosts()) == TrunkDown(
            "http_host_forbidden", "127.0.0.1"
        )
        assert not fake.got
        assert Line(lambda: LOOPBACK, 2).reach(fake.base) is None


def test_a_host_that_nobody_knows_is_not_sent_to() -> None:
    def nobody(host: str, port: int) -> Sequence[str]:
        raise OSError

    line = Line(lambda: LOOPBACK, 2, nobody)
    assert line.reach("https://api.example/") == TrunkDown(
        "host_unknown", "api.example"
    )


def test_tls_that_is_none_is_not_sent() -> None:
    with Twilio() as fake:
        found = Line(lambda: LOOPBACK, 2).reach(fake.base.replace("http:", "https:"))
        assert found is not None
        assert found.code in ("tls_failed", "connection_failed")
