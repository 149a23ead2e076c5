"""The simulator's links: framing and binds."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    BIND_RECEIVER,
    BIND_TRANSCEIVER,
    BIND_TRANSMITTER,
    ENQUIRE_LINK,
    ENQUIRE_LINK_RESP,
    GENERIC_NACK,
    SUBMIT_SM,
    SUBMIT_SM_RESP,
    UNBIND,
    UNBIND_RESP,
    BareEsme,
    pdu,
    submit_body,
)
from tests.fakes.smsc import Behaviour, Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


# Framing


def test_a_pdu_that_comes_octet_by_octet_is_answered(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        esme.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in pdu(SUBMIT_SM, 7, submit_body()):
            esme.sock.sendall(bytes((octet,)))
        assert esme.read() == (SUBMIT_SM_RESP, 0, 7, b"1\0")


def test_many_pdus_in_one_write_are_all_answered_in_order(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        esme.sock.sendall(
            b"".join(pdu(SUBMIT_SM, sequence, submit_body()) for sequence in range(500))
        )
        answers = esme.read_many(500)
    assert [answer.sequence for answer in answers] == list(range(500))
    assert [answer.body for answer in answers] == [
        b"%x\0" % number for number in range(1, 501)
    ]


@pytest.mark.parametrize("length", [0, 15, 65537, 0xFFFFFFFF])
def test_a_bad_command_length_is_nacked_and_the_link_closed(
    smsc: Smsc, length: int
) -> None:
    with BareEsme(smsc) as esme:
        esme.sock.sendall(struct.pack(">IIII", length, SUBMIT_SM, 0, 99))
        assert esme.read() == (GENERIC_NACK, 0x02, 99, b"")
        with pytest.raises(EOFError):
            esme.read()
    assert len(smsc.refused) == 1


def test_an_unknown_command_is_nacked_and_the_link_lives(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        assert esme.ask(0x0999) == (GENERIC_NACK, 0x03, esme.sequence, b"")
        assert esme.ask(ENQUIRE_LINK).command == ENQUIRE_LINK_RESP
    assert [refused.command for refused in smsc.refused] == [0x0999]


# Binds


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (BIND_RECEIVER, "receiver"),
        (BIND_TRANSMITTER, "transmitter"),
        (BIND_TRANSCEIVER, "transceiver"),
    ],
)
def test_a_bind_is_recorded_with_all_it_carries(
    smsc: Smsc, command: int, word: str
) -> None:
    with BareEsme(smsc, bind=None) as esme:
        answer = esme.ask(command, esme.bind_body("acme", "pw"))
    assert answer.body == b"SMSC\0" + b"\x02\x10\x00\x01\x34"
    bind = smsc.binds[0]
    assert (bind.command, bind.system_id, bind.password) == (word, "acme", "pw")
    assert (bind.system_type, bind.interface_version) == ("bulk", 0x34)
    assert bind.status == 0


@pytest.mark.parametrize(
    ("behaviour", "status"),
    [
        (Behaviour(system_id="other"), 0x0F),
        (Behaviour(system_id="tester", password="other"), 0x0E),
        (Behaviour(refuse_bind=0x05), 0x05),
    ],
    ids=["system_id", "password", "told to"],
)
def test_a_refused_bind_gets_its_status_and_no_body(
    behaviour: Behaviour, status: int
) -> None:
    with Smsc(behaviour) as smsc, BareEsme(smsc, bind=None) as esme:
        answer = esme.ask(BIND_TRANSCEIVER, esme.bind_body())
        assert (answer.status, answer.body) == (status, b"")
        assert esme.ask(SUBMIT_SM, submit_body()).status == 0x04


def test_the_right_credentials_are_let_in() -> None:
    behaviour = Behaviour(system_id="tester", password="secret")
    with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
        assert esme.ask(SUBMIT_SM, submit_body()).status == 0


def test_an_overlong_password_is_no_bind(smsc: Smsc) -> None:
    with BareEsme(smsc, bind=None) as esme:
        body = esme.bind_body(password="123456789")
        assert esme.ask(BIND_TRANSCEIVER, body).status == 0x0D
    assert smsc.binds == []


def test_a_second_bind_on_a_link_is_already_bound(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        assert esme.ask(BIND_TRANSCEIVER, esme.bind_body()).status == 0x05


def test_a_bind_can_stay_without_answer(smsc: Smsc) -> None:
    smsc.behaviour = Behaviour(answer_binds=False)
    with BareEsme(smsc, bind=None) as esme:
        esme.send(BIND_TRANSCEIVER, esme.bind_body())
        assert smsc.wait_until(lambda: smsc.binds)
        smsc.behaviour = Behaviour()
        esme.ask(BIND_TRANSCEIVER, esme.bind_body())
    assert [bind.status for bind in smsc.binds] == [None, 0]


@pytest.mark.parametrize("bind", [None, BIND_RECEIVER], ids=["unbound", "receiver"])
def test_submitting_needs_a_transmitter(smsc: Smsc, bind: int | None) -> None:
    with BareEsme(smsc, bind=bind) as esme:
        answer = esme.ask(SUBMIT_SM, submit_body())
    assert (answer.command, answer.status) == (SUBMIT_SM_RESP, 0x04)
    assert smsc.submissions == []
    assert len(smsc.refused) == 1


def test_unbind_is_answered_and_the_link_closed(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        assert esme.ask(UNBIND).command == UNBIND_RESP
        with pytest.raises(EOFError):
            esme.read()
