"""A transmitter and a receiver as one session: both are up, or it is over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from massivesms.domain.outcomes import Accepted, InDoubt, TrunkDown
from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from massivesms.trunks.registry import try_out
from massivesms.trunks.smpp.link import Link
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.trunks.conftest import Driver, settings, submission

Drive = Callable[[TrunkSettings], Driver]


def at(smsc: Smsc, **values: str) -> TrunkSettings:
    own = {"host": smsc.host, "port": str(smsc.port), "system_id": "ana"}
    return settings("smpp", **{**own, "bind_mode": "pair", **values})


def links(one: Driver) -> list[Link]:
    found: list[Link] = one.session._links  # type: ignore[attr-defined]
    return found


def test_both_are_bound_and_both_sign_out(drive: Drive) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc, address_range="^34"))
        one.open()
        assert [bind.command for bind in smsc.binds] == ["transmitter", "receiver"]
        assert [code for code, _ in one.steps] == 2 * [
            "connecting",
            "connected",
            "bound",
        ]
        assert smsc.links_open == 2
        one.close()
        assert smsc.wait_until(lambda: smsc.links_open == 0)
        assert smsc.refused == []


def test_receipts_come_and_are_answered_on_the_receiver(drive: Drive) -> None:
    with Smsc(Behaviour(receipts=Receipts())) as smsc:
        one = drive(at(smsc))
        one.open()
        one.send(*(submission(n) for n in range(5)))
        one.until(lambda: len(one.outcomes) == 5 and len(one.receipts) == 5)
        assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 5)
        assert [answer.status for answer in smsc.delivered_answers] == [0] * 5
        assert {receipt.smsc_message_id for receipt in one.receipts} == {
            submitted.message_id for submitted in smsc.submissions
        }


def test_both_links_are_asked_whether_they_are_alive(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.trunks.smpp.session.LINK_ANSWER_S", 0.3)
    with Smsc() as smsc:
        assert try_out(at(smsc))[0]
        one = drive(at(smsc, enquire_link_s="1"))
        one.open()
        smsc.behaviour = Behaviour(silent_after=0)
        with pytest.raises(TrunkUnavailable, match="enquire_timeout"):
            one.until(lambda: False)


def test_a_refused_bind_ends_both(drive: Drive) -> None:
    with Smsc(Behaviour(refuse_bind=0x0D)) as smsc:
        with pytest.raises(TrunkUnavailable, match="bind_password"):
            drive(at(smsc)).open()
        assert smsc.wait_until(lambda: smsc.links_open == 0)


def test_a_receiver_that_is_refused_ends_the_transmitter_politely(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Smsc() as smsc:
        one = drive(at(smsc))

        def note(code: str, detail: str) -> None:
            if code == "bound":
                smsc.behaviour = Behaviour(refuse_bind=0x05)

        with pytest.raises(TrunkUnavailable, match="already_bound"):
            one.session.open(note)
        assert smsc.wait_until(lambda: smsc.links_open == 0)
        assert [bind.status for bind in smsc.binds] == [0, 5]


def test_when_the_receiver_goes_the_last_answers_are_waited_for(drive: Drive) -> None:
    with Smsc(Behaviour(answer_delay_s=0.3)) as smsc:
        one = drive(at(smsc, window="2"))
        one.open()
        one.send(*(submission(n) for n in range(1, 5)))
        one.until(lambda: len(smsc.submissions) == 2)
        links(one)[1].disconnect()  # as when the network cuts it
        for event in links(one)[1].session.lost("link_lost", "reset"):
            one.session._take(links(one)[1], [event])  # type: ignore[attr-defined]
        with pytest.raises(TrunkUnavailable, match="link_lost"):
            one.until(lambda: False)
        kinds = [type(one.outcomes[n]) for n in range(1, 5)]
        assert kinds == [Accepted, Accepted, TrunkDown, TrunkDown]
        assert smsc.wait_until(lambda: smsc.links_open == 0)


@pytest.mark.parametrize("how", ["reset_links", "drop_links", "unbind_links"])
def test_when_both_break_all_is_settled_once(drive: Drive, how: str) -> None:
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        one = drive(at(smsc, window="2"))
        one.open()
        one.send(*(submission(n) for n in range(1, 5)))
        one.until(lambda: len(smsc.submissions) == 2)
        getattr(smsc, how)()
        with pytest.raises(TrunkUnavailable):
            one.until(lambda: False)
        kinds = [type(one.outcomes[n]) for n in range(1, 5)]
        assert kinds == [InDoubt, InDoubt, TrunkDown, TrunkDown]
        assert len(one.events) == 4
