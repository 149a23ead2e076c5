"""A mail's form: nobody's text becomes a header, and every server can carry it."""

from __future__ import annotations

from email import message_from_bytes, policy

import pytest

from massivesms.domain import mail_account
from massivesms.mail.letter import Letter, compose
from tests.mail.letters import LETTER, WRITTEN_AT

ACCOUNT = mail_account.read(
    {"from_address": "sms@example.org", "host": "x", "security": "none",
     "from_name": "Centralita Ñandú, S.L."}, {},
)  # fmt: skip
HOSTILE = [
    "x\r\nBcc: all@example.com",
    "x\nBcc: all@example.com",
    "x\r\n\r\n<html>",
    "x\u2028Bcc: a@b.c",
    "x\x00\x0b\x0c\x1b[31m",
    "x" * 5000,
    "Ñ€😀 " * 60,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_becomes_a_header(hostile: str) -> None:
    letter = Letter("a.1", WRITTEN_AT, hostile, hostile, (hostile[:60], hostile))
    raw = compose(letter, ACCOUNT, "ana@example.com").as_bytes()
    raw.decode("ascii")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    read = message_from_bytes(raw, policy=policy.default)
    assert set(read.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "X-Auto-Response-Suppress", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert read["To"] == "ana@example.com"


def test_letters_of_all_languages_arrive() -> None:
    text = "¿Qué tal? Ñandú €5 😀\n.\n..\nFrom me"
    letter = Letter("a.1", WRITTEN_AT, "Respuesta: señor 😀", text, ("ñ.csv", "a,ñ"))
    raw = compose(letter, ACCOUNT, "ana@example.com").as_bytes()
    read = message_from_bytes(raw, policy=policy.default)
    assert read["Subject"] == "Respuesta: señor 😀"
    assert read["From"].addresses[0].display_name == "Centralita Ñandú, S.L."
    body = read.get_body()  # type: ignore[attr-defined]
    assert body.get_content().replace("\r\n", "\n").rstrip("\n") == text
    (table,) = read.iter_attachments()  # type: ignore[attr-defined]
    assert table.get_filename() == "ñ.csv"
    assert table.get_content_type() == "text/csv"
    assert table.get_content() in ("a,ñ", b"a,\xc3\xb1")


def test_machines_do_not_answer_it() -> None:
    message = compose(LETTER, ACCOUNT, "ana@example.com")
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].endswith("+0000")
