"""Handing over a mail to real servers: what goes wrong is said in words."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from massivesms.domain import mail_account, mail_results
from massivesms.domain.mail_account import MailAccount
from massivesms.domain.mail_results import MailOutcome, Verdict
from massivesms.mail.letter import Letter, compose
from massivesms.mail.link import Link
from massivesms.mail.trial import try_out
from tests.fakes.mail_server import CLOSE, SILENCE, Bare, MailServer, dribble, free_port
from tests.fakes.mail_server import silence as silent
from tests.mail.letters import LETTER
from tests.trunks.certificates import Authority

ANA = "ana@example.com"
PASSWORD = "s3cret-ñ-€"


def account(port: int, **more: Any) -> MailAccount:
    given = {
        "from_address": "sms@example.org", "host": "127.0.0.1", "port": str(port),
        "security": "none", "timeout_s": "2",
    } | more  # fmt: skip
    checked = mail_account.check(given)
    assert all(isinstance(v, str) for v in checked.values()), checked
    texts = {key: str(value) for key, value in checked.items()}
    return mail_account.read(texts, {"password": texts["password"]})


def sent(by: MailAccount, to: str = ANA) -> tuple[MailOutcome, list[str]]:
    """What came of a mail, and the codes of the steps that were told."""
    steps: list[str] = []
    with Link(by, lambda code, detail: steps.append(code)) as link:
        refused = link.open()
        if refused is not None:
            return refused, steps
        return link.send(compose(LETTER, by, to), to), steps


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def test_a_mail_is_taken_and_each_step_told() -> None:
    with MailServer() as server:
        outcome, steps = sent(account(server.port))
    assert (outcome.verdict, outcome.code) == (Verdict.SENT, "mail_sent")
    assert steps == [
        *("mail_connecting", "mail_connected", "mail_plain", "mail_unsigned"),
        *("mail_sender_taken", "mail_recipient_taken", "mail_sent"),
    ]
    assert server.envelopes == [("sms@example.org", [ANA])]
    assert server.subjects == [LETTER.subject]


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_over_tls_with_a_sign_in_and_an_authority_of_our_own(
    authority: Authority, security: str
) -> None:
    context = authority.server("127.0.0.1")
    how: dict[str, Any] = {security: context, "users": {"ana": PASSWORD}}
    with MailServer(**how) as server:
        by = account(
            server.port, security=security, ca_file=str(authority.path), user="ana",
            password=PASSWORD,
        )  # fmt: skip
        outcome, steps = sent(by)
    assert outcome.verdict == Verdict.SENT, outcome
    assert steps[2:4] == ["mail_encrypted", "mail_signed_in"]
    assert server.commands[0] in ("AUTH PLAIN", "AUTH LOGIN")


def test_without_a_check_any_certificate_will_do_and_it_is_said(
    authority: Authority,
) -> None:
    with MailServer(tls=authority.server("another.example", n=3)) as server:
        outcome, steps = sent(account(server.port, security="tls", verify="no"))
    assert outcome.verdict == Verdict.SENT
    assert "mail_unchecked" in steps


CERTIFICATES: dict[str, tuple[dict[str, Any], bool, str]] = {
    "another name": ({"names": ["other.example"]}, True, "mail_certificate_name"),
    "expired": (
        {"names": ["127.0.0.1"], "valid": timedelta(days=-1)}, True,
        "mail_certificate_expired",
    ),
    "nobody we trust": (
        {"names": ["127.0.0.1"]}, False, "mail_certificate_authority"
    ),
}  # fmt: skip


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("case", CERTIFICATES)
def test_a_wrong_certificate_says_what_is_wrong(
    authority: Authority, case: str, security: str
) -> None:
    shown, is_trusted, code = CERTIFICATES[case]
    names = shown["names"]
    valid = shown.get("valid", timedelta(days=1))
    context = authority.server(*names, valid=valid, n=4)
    how: dict[str, Any] = {security: context}
    ca_file = str(authority.path) if is_trusted else ""
    with MailServer(**how) as server:
        outcome, _ = sent(account(server.port, security=security, ca_file=ca_file))
    assert (outcome.verdict, outcome.code) == (Verdict.ACCOUNT, code), outcome
    assert outcome.detail
    assert server.received == []


def test_an_authority_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    bad = tmp_path / "bad.pem"
    bad.write_text("nothing")
    with MailServer() as server:
        for path in (bad, tmp_path / "missing.pem"):
            by = account(server.port, security="tls", ca_file=str(path))
            assert sent(by)[0].code == "mail_ca_file"


def test_a_wrong_password_is_said_without_it(authority: Authority) -> None:
    context = authority.server("127.0.0.1", n=5)
    with MailServer(tls=context, users={"ana": "right"}) as server:
        by = account(
            server.port, security="tls", ca_file=str(authority.path), user="ana",
            password=PASSWORD,
        )  # fmt: skip
        outcome, _ = sent(by)
    assert (outcome.verdict, outcome.code) == (Verdict.ACCOUNT, "mail_password")
    assert outcome.detail.startswith("535")
    assert PASSWORD not in repr(by)


def test_what_does_not_fit_together_is_said_in_words(authority: Authority) -> None:
    with MailServer() as plain:
        starttls = sent(account(plain.port, security="starttls"))[0]
        tls = sent(account(plain.port, security="tls"))[0]
        unknown = sent(account(plain.port, user="ana", password="x"))[0]
    assert starttls.code == "mail_no_starttls"
    assert tls.code == "mail_no_tls"
    assert unknown.code == "mail_no_sign_in"
    with MailServer(starttls=authority.server("127.0.0.1"), users={"a": "b"}) as server:
        wanted = sent(account(server.port))[0]
    assert wanted.code == "mail_sign_in_wanted"
    assert {o.verdict for o in (starttls, tls, unknown, wanted)} == {Verdict.ACCOUNT}


ANSWERS = [
    ("MAIL", "550 5.7.1 Not yours", Verdict.ACCOUNT, "mail_sender_refused"),
    ("MAIL", "451 4.3.0 Try later", Verdict.ACCOUNT, "mail_sender_refused"),
    ("RCPT", "550 5.1.1 No such user", Verdict.FAILED, "mail_recipient_refused"),
    ("RCPT", "451 4.7.1 Greylisted", Verdict.LATER, "mail_recipient_later"),
    ("RCPT", "421 4.3.2 Going down", Verdict.ACCOUNT, "mail_not_now"),
    ("DATA", "554 5.7.1 Looks like spam", Verdict.FAILED, "mail_content_refused"),
    ("DATA", "452 4.3.1 Disk full", Verdict.LATER, "mail_content_later"),
    ("MAIL", CLOSE, Verdict.BROKEN, "mail_closed"),
    ("DATA", CLOSE, Verdict.BROKEN, "mail_closed"),
    ("RCPT", SILENCE, Verdict.BROKEN, "mail_timeout"),
]


@pytest.mark.parametrize(
    ("command", "answer", "verdict", "code"), ANSWERS, ids=lambda v: str(v)[:12]
)
def test_each_answer_has_its_verdict(
    command: str, answer: str, verdict: Verdict, code: str
) -> None:
    with MailServer() as server:
        server.answers[command] = answer
        outcome, _ = sent(account(server.port))
    assert (outcome.verdict, outcome.code) == (verdict, code)
    if answer[0].isdigit():
        assert outcome.detail == answer


def test_after_a_refused_mail_the_next_one_goes_over_the_same_connection() -> None:
    with MailServer() as server:
        server.by_recipient["gone@example.com"] = "550 No such user"
        by = account(server.port)
        with Link(by) as link:
            assert link.open() is None
            for to, verdict in (("gone@example.com", "failed"), (ANA, "sent")):
                assert link.send(compose(LETTER, by, to), to).verdict == verdict
            server.answers["DATA"] = "554 No"
            assert link.send(compose(LETTER, by, ANA), ANA).verdict == "failed"
            server.answers.clear()
            assert link.send(compose(LETTER, by, ANA), ANA).verdict == "sent"
        assert server.connections == 1


def reset(made: socket.socket) -> None:
    """Hangs up at once."""


def says(text: bytes) -> Callable[[socket.socket], None]:
    def talk(made: socket.socket) -> None:
        made.sendall(text)
        made.settimeout(5)
        made.recv(1000)

    return talk


BARE = {
    "silent": (silent, "none", "mail_silent"),
    "silent where TLS is spoken": (silent, "tls", "mail_silent_tls"),
    "hangs up": (reset, "none", "mail_closed"),
    "takes no mail": (says(b"554 No mail here\r\n"), "none", "mail_not_welcome"),
    "too busy": (says(b"421 Busy\r\n"), "none", "mail_not_now"),
    "something else": (says(b"SSH-2.0-OpenSSH_9\r\n"), "none", "mail_not_smtp"),
    "silent after its greeting": (says(b"220 hello\r\n"), "none", "mail_closed"),
}


@pytest.mark.parametrize("case", BARE)
def test_what_is_no_mail_server_is_said(case: str) -> None:
    talk, security, code = BARE[case]
    with Bare(talk) as server:
        outcome, _ = sent(account(server.port, security=security))
    assert (outcome.verdict, outcome.code) == (Verdict.ACCOUNT, code)


def test_a_byte_at_a_time_is_cut_in_time() -> None:
    with Bare(dribble) as server, Link(account(server.port)) as link:
        began_s = time.monotonic()
        outcome = link.open(within_s=1.0)
        assert time.monotonic() - began_s < 5
    assert outcome is not None and outcome.code == "mail_silent"


def test_nobody_listening_and_no_such_server_are_said() -> None:
    assert sent(account(free_port()))[0].code == "mail_refused"
    nowhere = account(25, host="no-such-host.invalid")
    assert sent(nowhere)[0].code == "mail_host_unknown"


def test_a_password_that_the_server_sends_back_is_taken_out() -> None:
    def echo(made: socket.socket) -> None:
        made.sendall(b"220 x\r\n")
        file = made.makefile("rb")
        file.readline()
        made.sendall(b"250-x\r\n250 AUTH PLAIN\r\n")
        made.sendall(b"535 You said " + file.readline().strip() + b"\r\n")
        file.readline()

    with Bare(echo) as server:
        outcome, _ = sent(account(server.port, user="ana", password="hunter2hunter2"))
    assert outcome.code == "mail_password"
    assert outcome.detail == "535 You said AUTH PLAIN •••"


def test_a_trial_ends_in_time_and_tells_its_end() -> None:
    told: list[str] = []
    with Bare(silent) as server:
        by = account(server.port, timeout_s="60")
        began_s = time.monotonic()
        outcome = try_out(by, ANA, LETTER, lambda code, detail: told.append(code))
    assert time.monotonic() - began_s < 15
    assert told[-1] == outcome.code == "mail_silent"


def test_every_code_has_words() -> None:
    for code in mail_results.RESULTS:
        assert "%" not in mail_results.text(code, "x").replace("%", "", 0)
        assert mail_results.text(code, "x").endswith((".", "x", "?"))
    assert mail_results.text("new_code", "x")


def test_the_letter_is_the_same_at_every_try() -> None:
    by = account(25)
    first, second = (compose(LETTER, by, ANA) for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"]
    other = Letter("massivesms.8", LETTER.written_at, "x", "x")
    assert compose(other, by, ANA)["Message-ID"] != first["Message-ID"]


def test_tls_is_not_optional() -> None:
    """Nothing is said in the clear when the server only pretends to encrypt."""
    heard: list[bytes] = []

    def pretend(made: socket.socket) -> None:
        made.sendall(b"220 x\r\n")
        file = made.makefile("rb")
        file.readline()
        made.sendall(b"250-x\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
        file.readline()
        made.sendall(b"220 go\r\n250 x\r\n250 AUTH PLAIN\r\n")
        heard.append(made.recv(5000))

    with Bare(pretend) as server:
        by = account(server.port, security="starttls", user="ana", password="hunter2")
        outcome, _ = sent(by)
    assert outcome.verdict == Verdict.ACCOUNT
    assert outcome.code in ("mail_no_tls", "mail_tls_failed", "mail_closed")
    assert b"AUTH" not in b"".join(heard)
    assert ssl.HAS_TLSv1_3
