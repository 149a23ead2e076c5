"""The simulator's links misbehaving: unkind bytes, ends, silence, chatter."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.bare_esme import (
    ALERT_NOTIFICATION,
    BIND_TRANSCEIVER,
    DELIVER_SM_RESP,
    ENQUIRE_LINK,
    ENQUIRE_LINK_RESP,
    GENERIC_NACK,
    SUBMIT_SM_RESP,
    UNBIND,
    UNBIND_RESP,
    BareEsme,
    pdu,
)
from tests.fakes.smsc import Behaviour, Smsc


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


# Bytes


def test_answers_can_be_cut_into_pieces() -> None:
    behaviour = Behaviour(split_bytes=5, split_gap_s=0.02)
    with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
        esme.submit()
        pieces = [esme.sock.recv(100)]
        while sum(map(len, pieces)) < 18:
            pieces.append(esme.sock.recv(100))
    assert len(pieces) > 1
    assert b"".join(pieces) == pdu(SUBMIT_SM_RESP, 2, b"1\0")


def test_pieces_of_many_answers_stay_in_order() -> None:
    with Smsc(Behaviour(split_bytes=7, split_gap_s=0)) as smsc, BareEsme(smsc) as esme:
        sequences = [esme.submit() for _ in range(50)]
        assert [answer.sequence for answer in esme.read_many(50)] == sequences


def test_answers_can_be_glued_into_one_write() -> None:
    with Smsc() as smsc, BareEsme(smsc) as esme:
        smsc.behaviour = Behaviour(glue_s=0.15)
        for count in (1, 2, 3):
            esme.submit()
            smsc.wait_for(count)
        assert len(esme.sock.recv(1000)) == 3 * 18


# Ways to go


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("how", ["reset", "close", "unbind"])
def test_a_link_hangs_up_on_the_submission_it_is_told(how: str, before: bool) -> None:
    behaviour = Behaviour(
        hang_up=how,  # type: ignore[arg-type]
        hang_up_after=3,
        hang_up_before_answer=before,
    )
    with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
        for _ in range(3):
            esme.submit()
        answers = esme.read_many(2 if before else 3)
        assert {answer.command for answer in answers} == {SUBMIT_SM_RESP}
        if how == "unbind":
            assert esme.read().command == UNBIND
        else:
            with pytest.raises(EOFError if how == "close" else ConnectionResetError):
                esme.read()
        told = [submission.status for submission in smsc.submissions]
        assert told == [0, 0, None if before else 0]


def test_a_link_that_closes_writes_its_last_pieces_first() -> None:
    behaviour = Behaviour(
        hang_up="close", hang_up_after=2, split_bytes=3, split_gap_s=60
    )
    with Smsc(behaviour) as smsc, BareEsme(smsc, bind=None) as esme:
        esme.send(BIND_TRANSCEIVER, esme.bind_body())
        assert smsc.wait_until(lambda: smsc.binds)
        esme.submit()
        esme.submit()
        assert [answer.status for answer in esme.read_many(3)] == [0, 0, 0]
        with pytest.raises(EOFError):
            esme.read()


def test_after_its_unbind_the_smsc_takes_nothing_and_closes_when_answered() -> None:
    with Smsc(Behaviour(hang_up="unbind")) as smsc, BareEsme(smsc) as esme:
        esme.submit()
        esme.submit()
        answer, unbind, late = esme.read_many(3)
        assert (answer.status, unbind.command, late.status) == (0, UNBIND, 0x04)
        esme.sock.sendall(pdu(UNBIND_RESP, unbind.sequence))
        with pytest.raises(EOFError):
            esme.read()
        assert [one.accepted for one in smsc.submissions] == [True, False]
        assert smsc.refused == []


def test_fault_times_limits_how_many_links_hang_up() -> None:
    with Smsc(Behaviour(hang_up="close", fault_times=1)) as smsc:
        with BareEsme(smsc) as first:
            first.submit()
            first.read()
            with pytest.raises(EOFError):
                first.read()
        with BareEsme(smsc) as second:
            second.submit()
            second.read()
            second.assert_nothing_is_before_an_enquiry()


@pytest.mark.parametrize(
    ("way", "ending"),
    [("drop_links", EOFError), ("reset_links", ConnectionResetError)],
)
def test_links_can_be_ended_from_outside(
    smsc: Smsc, way: str, ending: type[Exception]
) -> None:
    with BareEsme(smsc) as first, BareEsme(smsc) as second:
        getattr(smsc, way)()
        for esme in (first, second):
            with pytest.raises(ending):
                esme.read()
        assert smsc.wait_until(lambda: smsc.links_open == 0)


def test_links_can_be_unbound_from_outside(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        smsc.unbind_links()
        assert esme.read().command == UNBIND


def test_a_silent_link_reads_but_answers_nothing() -> None:
    with Smsc(Behaviour(silent_after=1)) as smsc, BareEsme(smsc) as esme:
        esme.submit()
        assert esme.read().status == 0
        esme.send(ENQUIRE_LINK)
        esme.submit()
        smsc.wait_for(2)
        smsc.send_raw(pdu(ENQUIRE_LINK, 1))
        smsc.behaviour = Behaviour()
        esme.assert_nothing_is_before_an_enquiry()
        silent = smsc.submissions[1]
        assert (silent.accepted, silent.status) == (True, None)


def test_a_link_can_be_silent_from_its_bind_on() -> None:
    with Smsc(Behaviour(silent_after=0)) as smsc, BareEsme(smsc) as esme:
        esme.send(ENQUIRE_LINK)
        esme.submit()
        smsc.wait_for(1)
        smsc.behaviour = Behaviour()
        esme.assert_nothing_is_before_an_enquiry()


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("enquire_link", ENQUIRE_LINK),
        ("alert_notification", ALERT_NOTIFICATION),
        ("unknown", 0x00010FFF),
        ("generic_nack", GENERIC_NACK),
    ],
)
def test_the_smsc_speaks_unasked_again_and_again(kind: str, command: int) -> None:
    behaviour = Behaviour(unsolicited={kind: 0.02})  # type: ignore[dict-item]
    with Smsc(behaviour) as smsc, BareEsme(smsc) as esme:
        assert [one.command for one in esme.read_many(2)] == [command, command]


def test_answers_of_the_client_are_recorded_and_not_answered(smsc: Smsc) -> None:
    with BareEsme(smsc) as esme:
        esme.send(ENQUIRE_LINK_RESP)
        esme.send(DELIVER_SM_RESP, b"\0", status=0x64)
        esme.send(0x80000999)
        esme.assert_nothing_is_before_an_enquiry()
    commands = [answer.command for answer in smsc.other_answers]
    assert commands == [ENQUIRE_LINK_RESP, 0x80000999]
    assert [answer.status for answer in smsc.delivered_answers] == [0x64]


def test_raw_bytes_go_out_on_every_bound_link(smsc: Smsc) -> None:
    with (
        BareEsme(smsc) as first,
        BareEsme(smsc) as second,
        BareEsme(smsc, bind=None) as unbound,
    ):
        unbound.assert_nothing_is_before_an_enquiry()
        smsc.send_raw(b"rubbish")
        assert first.sock.recv(100) == second.sock.recv(100) == b"rubbish"
        unbound.assert_nothing_is_before_an_enquiry()
