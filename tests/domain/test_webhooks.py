"""Webhooks: when a delivery is tried again, and which addresses are public."""

from __future__ import annotations

import pytest

from massivesms.domain import own_hosts
from massivesms.domain.states import MessageState
from massivesms.domain.webhooks import (
    EVENT_LABELS,
    LONGEST_RETRY_S,
    STATES,
    check_headers,
    check_url,
    goes_aside,
    in_order,
    read_headers,
    retry_s,
)
from massivesms.domain.words import Problem

WAITING = {MessageState.QUEUED, MessageState.SUBMITTING}


def test_every_state_is_told_but_those_in_which_a_message_waits() -> None:
    assert set(STATES) == set(MessageState) - WAITING
    assert in_order(["incoming", "x", "message.delivered"]) == [
        "message.delivered", "incoming",
    ]  # fmt: skip
    assert max(map(len, EVENT_LABELS)) <= 24, "as the column has it"


def test_tries_come_ever_later_up_to_once_an_hour() -> None:
    waits = [retry_s(failures) for failures in range(1, 13)]
    assert waits[:5] == [5, 10, 20, 40, 80]
    assert waits == sorted(waits) and waits[-1] == LONGEST_RETRY_S
    assert retry_s(10_000) == LONGEST_RETRY_S


@pytest.mark.parametrize(
    ("attempts", "status", "aside"),
    [
        (4, 422, False), (5, 422, True), (5, 500, True), (9, 503, False),
        (9, 429, False), (9, 401, False), (9, None, False),
    ],
)  # fmt: skip
def test_only_what_is_refused_for_itself_stands_aside(
    attempts: int, status: int | None, aside: bool
) -> None:
    assert goes_aside(attempts, status) is aside


@pytest.mark.parametrize(
    "url",
    [
        *("https://x.example", "http://x.example:8080/a?b=c", "https://[2001:db8::1]/"),
        *("HTTPS://X.example/", "https://xn--and-6ma2c.example/"),
    ],
)
def test_an_address_is_one_of_http_with_a_host(url: str) -> None:
    assert check_url(url) is None


def test_headers_are_read_line_by_line() -> None:
    read = read_headers("A: 1\r\n\n  X-Key :  b:c  \n")
    assert read == {"A": "1", "X-Key": "b:c"}
    assert isinstance(read_headers("A:"), Problem)


@pytest.mark.parametrize("value", ["a\r\nB: c", "ñ", "x" * 501, "a\x00"])
def test_a_header_cannot_carry_another_one(value: str) -> None:
    problem = check_headers({"A": value})
    assert problem is not None and value not in str(problem)


@pytest.mark.parametrize(
    ("address", "is_public"),
    [
        ("8.8.8.8", True), ("127.0.0.1", False), ("0.0.0.0", False),
        ("10.1.1.1", False), ("169.254.169.254", False), ("100.64.0.1", False),
        ("192.0.2.1", False), ("224.0.0.1", False), ("255.255.255.255", False),
        ("2606:4700::1111", True), ("::1", False), ("::", False),
        ("::ffff:127.0.0.1", False), ("::ffff:8.8.8.8", True), ("::7f00:1", False),
        ("fe80::1%eth0", False), ("fd00::1", False), ("fec0::1", False),
        ("ff02::1", False), ("2002:7f00:1::", False), ("2002:808:808::", False),
        ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", True),
    ],
)  # fmt: skip
def test_what_is_of_the_public_internet(address: str, is_public: bool) -> None:
    assert own_hosts.is_public(own_hosts.read_address(address)) is is_public


@pytest.mark.parametrize("text", ["10.0.0.0/99", "10.0.0", "1.2.3.4.5", "a b/", "::g"])
def test_what_is_no_host_is_refused(text: str) -> None:
    assert own_hosts.check(text) is not None
