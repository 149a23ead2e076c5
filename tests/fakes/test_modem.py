"""The simulated modem: what a real one does upon the same octets."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.fakes.modem import pdu
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.stick import Stick, Unplugged

SUBMIT = "0011000B916407281553F80000AA0AE8329BFD4697D9EC37"
NOON = datetime(2026, 3, 4, 12, 0, 5, tzinfo=UTC)


def ready(**values: object) -> Stick:
    """A stick in PDU mode without echo."""
    stick = Stick(Behaviour(**values))  # type: ignore[arg-type]
    stick.feed(b"ATE0\rAT+CMGF=0\r")
    return stick


def test_it_echoes_until_it_is_told_not_to() -> None:
    stick = Stick(Behaviour())
    assert stick.feed(b"AT\r") == b"AT\r\r\nOK\r\n"
    stick.feed(b"ATE0\r")
    assert stick.feed(b"AT\r") == b"\r\nOK\r\n"


def test_it_prompts_takes_the_text_and_tells_the_reference() -> None:
    stick = ready()
    assert stick.feed(b"AT+CMGS=23\r") == b"\r\n> "
    assert stick.feed(SUBMIT.encode()) == b""
    assert stick.feed(b"\x1a") == b"\r\n+CMGS: 1\r\n\r\nOK\r\n"
    (sent,) = stick.sent
    assert (sent.number, sent.text, sent.validity) == (
        *("+46708251358", "hellohello", 170),
    )


def test_escape_breaks_a_text_off() -> None:
    stick = ready()
    stick.feed(b"AT+CMGS=23\r" + SUBMIT.encode()[:20])
    assert stick.feed(b"\x1b") == b"\r\nOK\r\n"
    assert stick.feed(b"AT\r") == b"\r\nOK\r\n"
    assert not stick.sent


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        pytest.param(22, SUBMIT, id="another length than told"),
        pytest.param(23, SUBMIT[:-1] + "Z", id="not hexadecimal"),
        pytest.param(23, "0004" + SUBMIT[4:], id="not a SUBMIT"),
    ],
)
def test_what_is_no_message_is_refused(octets: int, text: str) -> None:
    stick = ready()
    stick.feed(f"AT+CMGS={octets}\r{text}".encode())
    assert stick.feed(b"\x1a") == b"\r\n+CMS ERROR: 304\r\n"
    assert not stick.sent


def test_without_pdu_mode_nothing_is_taken() -> None:
    stick = Stick(Behaviour(echo=False))
    assert stick.feed(b"AT+CMGS=23\r") == b"\r\n+CMS ERROR: 304\r\n"


def test_an_unknown_command_is_an_error() -> None:
    assert ready().feed(b"AT+NONSENSE\r") == b"\r\nERROR\r\n"


def test_a_fault_is_used_up() -> None:
    stick = ready(faults=["before:+CMS ERROR: 500"])
    assert stick.feed(b"AT+CMGS=23\r") == b"\r\n+CMS ERROR: 500\r\n"
    assert stick.feed(b"AT+CMGS=23\r") == b"\r\n> "


def test_pulled_out_after_the_text_the_network_has_it() -> None:
    stick = ready(faults=["gone_after"])
    with pytest.raises(Unplugged):
        stick.feed(f"AT+CMGS=23\r{SUBMIT}\x1a".encode())
    assert len(stick.sent) == 1


def test_a_report_follows_a_message_that_wanted_one() -> None:
    stick = ready(reports=0, routing="2,1,0,1,0")
    wanting = "0031" + SUBMIT[4:]
    said = stick.feed(f"AT+CMGS=23\r{wanting}\x1a".encode()).decode()
    assert "+CDS: 25\r\n000601" in said


def test_a_message_is_stored_listed_and_deleted() -> None:
    stick = ready()
    whole = pdu.deliver("2662", "hola", NOON)
    stick.deliver(whole)
    assert stick.take_out() == b'\r\n+CMTI: "SM",0\r\n'
    assert f"+CMGL: 0,0,,{pdu.tpdu_octets(whole)}\r\n{whole}".encode() in stick.feed(
        b"AT+CMGL=4\r"
    )
    stick.feed(b"AT+CMGD=0\r")
    assert stick.feed(b"AT+CMGL=4\r") == b"\r\nOK\r\n"


def test_a_full_storage_takes_no_message() -> None:
    stick = ready(storage_size=1)
    stick.deliver(pdu.deliver("1", "a", NOON))
    stick.take_out()
    stick.deliver(pdu.deliver("2", "b", NOON))
    assert stick.take_out() == b""


def test_three_wrong_pins_block_the_card() -> None:
    stick = ready(sim="SIM PIN")
    for _ in range(3):
        assert b"+CME ERROR: 16" in stick.feed(b'AT+CPIN="0000"\r')
    assert b"SIM PUK" in stick.feed(b"AT+CPIN?\r")


@pytest.mark.parametrize(
    ("routing", "said"),
    [
        ("2,1,0,0,0", b"+CMGS: 1\r\n\r\nOK\r\n"),
        ("2,1,0,2,0", b'+CDSI: "SR",0\r\n'),
    ],
    ids=["dropped", "stored"],
)
def test_a_report_goes_where_cnmi_says(routing: str, said: bytes) -> None:
    stick = ready(reports=0, routing=routing)
    wanting = "0031" + SUBMIT[4:]
    assert stick.feed(f"AT+CMGS=23\r{wanting}\x1a".encode()).endswith(said)


def test_a_message_is_given_out_when_cnmi_says_so() -> None:
    stick = ready(routing="2,2,0,0,0")
    stick.deliver(pdu.deliver("2662", "hola", NOON))
    assert stick.take_out().startswith(b"\r\n+CMT: ,")
    assert stick.storage == {}


def test_several_commands_in_one_line_end_with_one_result() -> None:
    stick = ready()
    assert stick.feed(b"AT+CREG=2;+CREG?\r") == b"\r\n+CREG: 2,1\r\n\r\nOK\r\n"
    assert stick.feed(b"AT+NONE;+CREG?\r") == b"\r\nERROR\r\n"
