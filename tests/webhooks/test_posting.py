"""One POST: whatever a target does, it ends in time and is said in words."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from massivesms.domain import own_hosts, webhook_results
from massivesms.domain.own_hosts import OwnHosts
from massivesms.webhooks import addresses, posting
from massivesms.webhooks.posting import Answer, Post
from tests.fakes import target as fake
from tests.fakes.target import Target, status
from tests.trunks.certificates import Authority

OWN = own_hosts.read("127.0.0.1,::1")
NONE = OwnHosts()


def post(url: str, own: OwnHosts = OWN, **more: object) -> Answer:
    return posting.send(Post(url, b"{}", {"X-Own": "1"}), own, **more)  # type: ignore[arg-type]


def test_what_is_posted_arrives_as_it_was() -> None:
    with Target() as target:
        answer = post(target.url + "?key=1")
        assert (answer.is_taken, answer.status) == (True, 200)
    (got,) = target.got
    assert got.line == "POST /hook?key=1 HTTP/1.1"
    assert got.headers["host"] == f"127.0.0.1:{target.port}"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["x-own"] == "1" and got.body == b"{}"
    assert got.headers["user-agent"].startswith("massivesms/")


ANSWERS = {
    "204": (status("204 No Content"), "taken", None),
    "500 and why": (status("500 Error", body="no\n<b>disk</b>"), "status", None),
    "429 with seconds": (status("429 Slow", "Retry-After: 120"), "status", 120),
    "503 for a year": (status("503 No", "Retry-After: 31536000"), "status", 3600),
    "503 until a date": (
        status("503 No", "Retry-After: Wed, 21 Oct 2015 07:28:00 GMT"), "status", 0
    ),
    "503 until nonsense": (status("503 No", "Retry-After: soon"), "status", None),
    "410": (status("410 Gone"), "gone", None),
    "redirect": (status("302 Found", "Location: http://127.0.0.1/"), "redirect", None),
    "not HTTP": (b"220 smtp.example ESMTP\r\n", "no_http", None),
    "no head": (b"HTTP/1.1 500 Error\r\n", "status", None),
    "no answer": (fake.cut, "broken", None),
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERS)
def test_each_answer_has_its_code_and_words(name: str) -> None:
    answer, code, retry_after_s = ANSWERS[name]
    with Target([answer]) as target:
        came = post(target.url)
    assert (came.code, came.retry_after_s) == (code, retry_after_s), came
    assert webhook_results.words(came.code).template in webhook_results.RESULTS.values()
    assert "\n" not in came.detail
    assert len(target.got) == 1, "redirects are not followed"


@pytest.mark.parametrize("how", [fake.hang, fake.drip, fake.drip_head])
def test_a_target_that_never_ends_is_left_in_time(how: fake.Answer) -> None:
    with Target([how]) as target:
        began_s = time.monotonic()
        came = post(target.url, deadline_s=0.5)
        assert time.monotonic() - began_s < 3
    assert came.code == "timeout" and came.detail == "0.5"


def test_of_an_endless_body_only_the_beginning_is_read() -> None:
    with Target([fake.flood]) as target:
        came = post(target.url, deadline_s=5)
    assert (came.code, came.status) == ("status", 500)
    assert len(came.detail) < 200


def test_a_closed_port_and_an_unknown_host_are_said() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    assert post(f"http://127.0.0.1:{port}/").code == "connection_refused"
    assert post("http://no-such-host.invalid/").code == "host_unknown"


def silent(host: str, port: int) -> Sequence[str]:
    time.sleep(1)
    return ["127.0.0.1"]


def test_a_silent_name_server_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "RESOLVE_S", 0.1)
    assert post("http://slow.example/", resolver=silent).code == "host_unknown"


# --- addresses that are not of the public internet ---------------------------------

FORBIDDEN = [
    *("127.0.0.1", "127.1", "2130706433", "017700000001", "0x7f000001", "0x7f.1"),
    *("0.0.0.0", "0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "localhost"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::7f00:1]"),
    *("[fe80::1]", "[fc00::1]", "[fd12::1]", "[fec0::1]", "[ff02::1]"),
    *("[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[64:ff9b::a00:1]"),
]


@pytest.mark.parametrize("host", FORBIDDEN)
def test_an_address_of_our_own_network_is_refused(host: str) -> None:
    came = post(f"http://{host}:9/", NONE)
    assert came.code in ("host_forbidden", "host_unknown"), came
    if host not in ("[::7f00:1]",):
        assert came.code == "host_forbidden", came
    assert came.took_ms < 2000


PUBLIC = ["8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"]


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    found = addresses.allowed("x.example", 80, NONE, lambda host, port: [address])
    assert len(found) == 1


def test_a_name_that_leads_to_our_own_network_is_refused() -> None:
    came = post("http://evil.example/", NONE, resolver=lambda h, p: ["127.0.0.1"])
    assert came.code == "host_forbidden"


def test_of_several_addresses_only_the_public_ones_are_used() -> None:
    both = ["10.0.0.1", "8.8.8.8"]
    found = addresses.allowed("x.example", 80, NONE, lambda host, port: both)
    assert [str(a) for a in found] == ["8.8.8.8"]


def test_a_name_is_resolved_once_and_that_address_is_used() -> None:
    """Rebinding: the second answer, which leads elsewhere, is never asked for."""
    asked = []
    with Target() as target:

        def rebinding(host: str, port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.99"]

        own = own_hosts.read("hook.example")
        url = f"http://hook.example:{target.port}/x"
        assert post(url, own, resolver=rebinding).is_taken
    assert asked == ["hook.example"]
    assert target.got[0].headers["host"] == f"hook.example:{target.port}"


@pytest.mark.parametrize(
    "own", ["hook.example", "127.0.0.1", "127.0.0.0/8", "other.example,HOOK.example."]
)
def test_a_host_of_ones_own_is_let_through(own: str) -> None:
    with Target() as target:
        url = f"http://hook.example:{target.port}/"
        came = post(url, own_hosts.read(own_hosts.clean(own)), resolver=at_home)
    assert came.is_taken


@pytest.mark.parametrize("own", ["", "hook.example.com", "10.0.0.0/8", "example"])
def test_another_host_of_ones_own_lets_nothing_else_through(own: str) -> None:
    came = post("http://hook.example:9/", own_hosts.read(own), resolver=at_home)
    assert came.code == "host_forbidden"


def at_home(host: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


# --- certificates ----------------------------------------------------------------


@pytest.fixture
def authority(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, ssl.SSLContext]]:
    """The system trusts one authority alone; contexts of servers by their name."""
    made = Authority(tmp_path)
    names = ("hook.example", "other.example")
    monkeypatch.setenv("SSL_CERT_FILE", str(made.path))
    posting._tls.cache_clear()
    yield {name: made.server(name, n=n) for n, name in enumerate(names, start=2)}
    posting._tls.cache_clear()


def test_a_certificate_is_checked_for_the_name_that_was_entered(
    authority: dict[str, ssl.SSLContext],
) -> None:
    own = own_hosts.read("hook.example")
    for name, code in (("hook.example", "taken"), ("other.example", "certificate")):
        with Target(tls=authority[name]) as target:
            url = f"https://hook.example:{target.port}/"
            assert post(url, own, resolver=at_home).code == code


def test_a_certificate_that_nobody_vouches_for_is_refused(
    authority: dict[str, ssl.SSLContext], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    posting._tls.cache_clear()
    with Target(tls=authority["hook.example"]) as target:
        url = f"https://hook.example:{target.port}/"
        came = post(url, own_hosts.read("hook.example"), resolver=at_home)
    assert came.code == "certificate" and target.got == []


def test_a_server_without_tls_is_no_https() -> None:
    with Target() as target:
        came = post(target.url.replace("http://", "https://"), deadline_s=2)
    assert came.code in ("tls", "timeout"), came
