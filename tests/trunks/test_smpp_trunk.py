"""The SMPP trunk over a real socket against an SMSC that misbehaves."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import pytest

from massivesms.domain.outcomes import Accepted, Deferred, InDoubt, Rejected, TrunkDown
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.trunks.conftest import Driver, settings, submission
from tests.trunks.test_smpp_connecting import has_ipv6

Drive = Callable[[TrunkSettings], Driver]
LONG = "ñandú " * 40


def at(smsc: Smsc, **values: str) -> TrunkSettings:
    own = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
    return settings("smpp", **{**own, "password": "secret", **values})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_binds_sends_and_signs_out(drive: Drive, host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no ::1")
    with Smsc(host=host) as smsc:
        one = drive(at(smsc, system_type="SMS"))
        one.open()
        codes = [code for code, _ in one.steps]
        assert codes == ["connecting", "connected", "bound"]
        one.send(submission(1, "¿Qué tal?"), submission(2, LONG))
        one.until(lambda: len(one.outcomes) == 2)
        assert [m.text for m in smsc.messages()] == ["¿Qué tal?", LONG]
        assert all(type(o) is Accepted for o in one.outcomes.values())
        assert one.close() == []
        assert smsc.wait_until(lambda: smsc.links_open == 0)
        (bind,) = smsc.binds
        assert (bind.command, bind.system_id, bind.password, bind.system_type) == (
            "transceiver", "ana", "secret", "SMS")  # fmt: skip
        assert smsc.refused == []


def test_a_transmitter_binds_as_one(drive: Drive) -> None:
    with Smsc() as smsc:
        drive(at(smsc, bind_mode="transmitter")).open()
        assert smsc.binds[0].command == "transmitter"


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(shuffle_answers=7),
        Behaviour(double_answer_share=1.0),
        Behaviour(answer_delay_s=(0.0, 0.2)),
        Behaviour(split_bytes=1, split_gap_s=0.0),
        Behaviour(glue_s=0.1),
        Behaviour(message_id_nul=False),
        Behaviour(answer_tlvs={0x0428: b"\1", 0x1234: b"?"}),
        Behaviour(
            unsolicited={
                "enquire_link": 0.02,
                "alert_notification": 0.02,
                "unknown": 0.02,
            },
            answer_delay_s=0.2,
        ),
    ],
    ids=["shuffled", "doubled", "delayed", "split", "glued", "no NUL", "TLVs", "noise"],
)
def test_every_message_gets_its_own_id(drive: Drive, behaviour: Behaviour) -> None:
    with Smsc(behaviour) as smsc:
        one = drive(at(smsc, window="20"))
        one.open()
        numbers = {n: f"346001112{n:02}" for n in range(20)}
        one.send(*(submission(n, number=number) for n, number in numbers.items()))
        one.until(lambda: len(one.outcomes) == 20)
        ids = {s.number: s.message_id for s in smsc.submissions}
        wanted = {n: Accepted((ids[number] or "",)) for n, number in numbers.items()}
        assert one.outcomes == wanted
        assert len(smsc.submissions) == 20


def test_an_error_with_a_body_is_a_refusal(drive: Drive) -> None:
    with Smsc(Behaviour(reject={".": 0x0B}, error_body=True)) as smsc:
        one = drive(at(smsc))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert isinstance(one.outcomes[1], Rejected)


def test_a_throttled_message_is_deferred(drive: Drive) -> None:
    with Smsc(Behaviour(throttle_share=1.0)) as smsc:
        one = drive(at(smsc))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert one.outcomes[1] == Deferred(
            1.0, "smpp_00000058", "RTHROTTLED 0x00000058"
        )


def test_after_a_partial_refusal_only_the_rest_is_sent(drive: Drive) -> None:
    with Smsc(Behaviour(throttle_above_per_s=1)) as smsc:
        one = drive(at(smsc))
        one.open()
        one.send(submission(1, LONG))
        one.until(lambda: one.outcomes)
        outcome = one.outcomes[1]
        assert isinstance(outcome, Deferred)
        (taken,) = outcome.accepted.items()
        smsc.behaviour = Behaviour()
        before = len(smsc.submissions)
        one.send(submission(1, LONG, taken=dict(outcome.accepted)))
        one.until(lambda: isinstance(one.outcomes[1], Accepted))
        assert len(smsc.submissions) == 2 * before - 1
        (message,) = smsc.messages()
        assert (message.text, message.complete) == (LONG, True)
        assert taken[1] in one.outcomes[1].ids  # type: ignore[union-attr]


@pytest.mark.parametrize("how", ["reset_links", "drop_links", "unbind_links"])
def test_a_broken_link_is_doubt_for_what_left_and_none_for_the_rest(
    drive: Drive, how: str
) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        one = drive(at(smsc, window="2"))
        one.open()
        one.send(*(submission(n) for n in range(1, 5)))
        smsc_has = lambda: len(smsc.submissions) == 2  # noqa: E731
        one.until(smsc_has)
        getattr(smsc, how)()
        with pytest.raises(TrunkUnavailable):
            one.until(lambda: False)
        kinds = [type(one.outcomes[n]) for n in range(1, 5)]
        assert kinds == [InDoubt, InDoubt, TrunkDown, TrunkDown]


def test_a_dropped_answer_is_doubt_after_the_time_out(drive: Drive) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        one = drive(at(smsc, answer_timeout_s="1"))
        one.open()
        one.send(submission(1))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: InDoubt("answer_timeout")}


def test_a_late_answer_is_told_as_well(drive: Drive) -> None:
    with Smsc(Behaviour(answer_delay_s=1.5)) as smsc:
        one = drive(at(smsc, answer_timeout_s="1"))
        one.open()
        one.send(submission(1))
        one.until(lambda: isinstance(one.outcomes.get(1), Accepted))
        assert [type(e.outcome) for e in one.events] == [InDoubt, Accepted]  # type: ignore[union-attr]


def test_closing_waits_for_answers(drive: Drive) -> None:
    with Smsc(Behaviour(answer_delay_s=0.3)) as smsc:
        one = drive(at(smsc, window="2"))
        one.open()
        one.send(*(submission(n) for n in range(1, 4)))
        one.until(lambda: len(smsc.submissions) == 2)
        one.close(5.0)
        kinds = [type(one.outcomes[n]) for n in range(1, 4)]
        assert kinds == [Accepted, Accepted, TrunkDown]


def test_closing_in_vain_still_says_goodbye(drive: Drive) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        one = drive(at(smsc))
        one.open()
        one.send(submission(1))
        one.until(lambda: smsc.submissions)
        one.close(0.2)
        assert isinstance(one.outcomes[1], InDoubt)
        assert smsc.wait_until(lambda: smsc.links_open == 0)


@pytest.mark.parametrize("stored", [True, False])
def test_a_receipt_is_answered_when_it_is_stored(drive: Drive, stored: bool) -> None:
    with Smsc(Behaviour(receipts=Receipts())) as smsc:
        one = drive(at(smsc))
        one.answers_receipts = False
        one.open()
        one.send(submission(1))
        one.until(lambda: one.receipts)
        assert smsc.delivered_answers == []
        assert one.receipts[0].state == "delivered"
        assert one.receipts[0].smsc_message_id == smsc.submissions[0].message_id
        assert (one.receipts[0].number, one.receipts[0].text_start) == (
            "34600111222",
            "Hola",
        )
        one.session.acknowledge(one.receipts[0], stored)
        assert smsc.wait_until(lambda: smsc.delivered_answers)
        assert smsc.delivered_answers[0].status == (0 if stored else 0x64)


REFUSALS = [
    (0x05, "already_bound", False, 60.0),
    (0x0D, "bind_password", True, 0),
    (0x0E, "bind_password", True, 0),
    (0x0F, "bind_password", True, 0),
    (0x53, "bind_password", True, 0),
    (0x08, "bind_refused", False, 0),
    (0x4FF, "bind_refused", False, 0),
]


@pytest.mark.parametrize(("status", "code", "needs_person", "wait_s"), REFUSALS)
def test_a_refused_bind_says_why(
    drive: Drive, status: int, code: str, needs_person: bool, wait_s: float
) -> None:
    with Smsc(Behaviour(refuse_bind=status)) as smsc:
        with pytest.raises(TrunkUnavailable) as raised:
            drive(at(smsc)).open()
        assert raised.value.code == code
        assert f"0x{status:08X}" in raised.value.detail
        assert raised.value.needs_person is needs_person
        assert raised.value.wait_s == wait_s
        assert smsc.wait_until(lambda: smsc.links_open == 0)


def test_a_trunk_can_be_tried_out() -> None:
    with Smsc() as smsc:
        passed, steps = try_out(at(smsc))
        assert passed
        assert [code for code, _ in steps] == ["connecting", "connected", "bound"]
        assert smsc.wait_until(lambda: smsc.links_open == 0)


def test_trying_out_notices_a_link_that_is_dead(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.LINK_ANSWER_S", 0.3)
    with Smsc(Behaviour(silent_after=0)) as smsc:
        passed, steps = try_out(at(smsc))
        assert not passed
        assert steps[-1][0] == "enquire_timeout"


def test_nobody_listens_is_said() -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = str(held.getsockname()[1])
        values = {"host": "127.0.0.1", "port": port, "system_id": "a"}
        passed, steps = try_out(settings("smpp", **values))
    assert not passed
    assert steps[-1] == ("connection_refused", f"127.0.0.1:{port}")


@pytest.mark.parametrize(
    "host", ["no-such-host.invalid", "a..b", "x" * 80 + ".example", "bad host"]
)
def test_a_host_that_is_none_is_said(host: str) -> None:
    passed, steps = try_out(settings("smpp", host=host, system_id="a"))
    assert not passed
    assert steps[-1] == ("host_unknown", host)


def test_settings_of_an_older_version_still_open_a_session() -> None:
    with Smsc() as smsc:
        own = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
        passed, steps = try_out(TrunkSettings(1, "old", "smpp", own))
        assert passed, steps


def test_an_id_of_an_earlier_try_is_not_converted_again(drive: Drive) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc, receipt_ids="hex_to_decimal"))
        one.open()
        smsc_ids = lambda: [int(s.message_id or "", 16) for s in smsc.submissions]  # noqa: E731
        one.send(submission(1, LONG, taken={1: "9000"}))
        one.until(lambda: one.outcomes)
        assert one.outcomes == {1: Accepted(("9000", *map(str, smsc_ids())))}


def test_polling_ends_when_it_is_woken(drive: Drive) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc))
        one.open()
        reading, writing = os.pipe()
        began_s = time.monotonic()
        os.write(writing, b"!")
        assert one.session.poll(5.0, reading) == []
        assert time.monotonic() - began_s < 2
        os.close(reading)
        os.close(writing)


def test_polling_without_news_lasts_as_long_as_it_may(drive: Drive) -> None:
    with Smsc(Behaviour(unsolicited={"enquire_link": 0.02})) as smsc:
        one = drive(at(smsc))
        one.open()
        began_s = time.monotonic()
        assert one.session.poll(0.3, -1) == []
        assert 0.29 < time.monotonic() - began_s < 1


def test_settings_without_a_server_open_nothing() -> None:
    passed, steps = try_out(TrunkSettings(1, "broken", "smpp", {}))
    assert (passed, [code for code, _ in steps]) == (False, ["settings_wrong"])
    broken = {"host": "h", "system_id": "a", "status_overrides": "0x45=explode"}
    _, steps = try_out(TrunkSettings(1, "broken", "smpp", broken))
    assert steps[0][0] == "settings_wrong"
    assert "explode" in steps[0][1]
