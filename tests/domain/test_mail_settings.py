"""Addresses, the account and the notices: what fits and what is refused."""

from __future__ import annotations

from datetime import time

import pytest

from massivesms.domain import mail_account, mail_notices
from massivesms.domain import settings as product_settings
from massivesms.domain.mail_addresses import read_addresses
from massivesms.domain.words import Problem

GOOD = {
    "": (),
    " ana@example.com ": ("ana@example.com",),
    "a@b.c; d@e.f,\ng@h.i": ("a@b.c", "d@e.f", "g@h.i"),
    "a@b.c, a@b.c": ("a@b.c",),
    "root@localhost": ("root@localhost",),
    "ana.b+x@ñandú.es": ("ana.b+x@xn--and-6ma2c.es",),
}
BAD = [
    *("ana", "@b.c", "ana@", "a b@c@d", "señor@example.com", "a@b..c", ".a@b.c"),
    *("a@-b.c", "a@b.c\x00", "<a@b.c>", "a@" + "x" * 64 + ".c", "x" * 65 + "@b.c"),
    *("a@[127.0.0.1]", "a\r\n@b.c", ", ".join(f"a{n}@b.c" for n in range(21))),
]


@pytest.mark.parametrize("text", GOOD)
def test_addresses_are_read_as_people_write_them(text: str) -> None:
    assert read_addresses(text) == GOOD[text]


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_address_is_refused(text: str) -> None:
    assert isinstance(read_addresses(text), Problem)


ACCOUNT = {"from_address": "sms@example.org", "host": "mail.example.org"}


@pytest.mark.parametrize(
    ("security", "port"), [("none", 25), ("starttls", 587), ("tls", 465)]
)
def test_without_a_port_it_is_the_usual_one(security: str, port: int) -> None:
    checked = mail_account.check({**ACCOUNT, "security": security})
    texts = {key: str(value) for key, value in checked.items()}
    assert mail_account.read(texts, {}).port == port


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"host": ""}, "host"),
        ({"from_address": ""}, "from_address"),
        ({"from_address": "ana"}, "from_address"),
        ({"host": "mail.example.org/x"}, "host"),
        ({"port": "0"}, "port"),
        ({"port": "99999"}, "port"),
        ({"security": "ssl3"}, "security"),
        ({"user": "ana"}, "password"),
        ({"password": "x"}, "user"),
        ({"ca_file": "ca.pem"}, "ca_file"),
        ({"timeout_s": "1"}, "timeout_s"),
        ({"from_name": "x\r\ny"}, "from_name"),
        ({"hots": "x"}, "hots"),
    ],
)
def test_an_account_that_makes_no_sense_is_refused(
    given: dict[str, str], key: str
) -> None:
    checked = mail_account.check({**ACCOUNT, **given})
    assert isinstance(checked[key], Problem)


def test_the_notices_have_defaults_and_are_read() -> None:
    settings = product_settings.read({})
    assert settings.notices.forward_to == ()
    changed = {
        "forward_to": "a@b.c;d@e.f", "report_at": "7:05", "daily_report": "yes",
        "report_to": "a@b.c",
    }  # fmt: skip
    clean = product_settings.check(changed, {})
    assert clean["report_at"] == "07:05" and clean["forward_to"] == "a@b.c, d@e.f"
    notices = product_settings.read({k: str(v) for k, v in clean.items()}).notices
    assert notices.forward_to == ("a@b.c", "d@e.f")
    assert notices.report_at == time(7, 5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("forward_to", "ana"),
        ("report_at", "24:00"),
        ("report_at", ""),
        ("forward_most", "0"),
        ("forward_most", "601"),
        ("daily_report", "perhaps"),
        ("daily_report", "yes"),  # to nobody
    ],
)
def test_notices_that_make_no_sense_are_refused(name: str, value: str) -> None:
    assert isinstance(product_settings.check({name: value}, {})[name], Problem)


def test_a_report_to_nobody_is_refused_beside_what_was_changed() -> None:
    stored = {"daily_report": "yes", "report_to": "a@b.c"}
    texts = product_settings.with_defaults({**stored, "report_to": ""})
    assert "report_to" in mail_notices.check_together(texts, {"report_to": ""})
