"""Delivery receipts meet their messages, whenever they come."""

from __future__ import annotations

import pytest

from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Receipts, Smsc

LONG = "largo {n} " * 30
UNMET = "SELECT COUNT(*) FROM receipt"


@pytest.mark.parametrize(
    "receipts",
    [
        Receipts(),
        Receipts(before_answer=True),
        Receipts(tlvs=False),
        Receipts(text=False),
        Receipts(in_payload=True, tlvs=False),
        Receipts(copies=2),
        Receipts(delay_s=0.2, date_format="%Y%m%d%H%M%S"),
        Receipts(tlvs=False, date_format="%y%m%d%H%M%S"),
        Receipts(
            tlvs=False, template="stat:{stat} submitdate:0 donedate:{date} id:{id}"
        ),
        Receipts(tlvs=False, template="id:{id} stat:{stat}"),
    ],
    ids=[
        *("after", "before", "text", "TLVs", "payload", "twice", "late"),
        *("dates of 12 digits", "another order, no date", "fields missing"),
    ],
)
def test_receipts_settle_short_and_long_messages(
    world: World, engine: Engine, receipts: Receipts
) -> None:
    with Smsc(Behaviour(receipts=receipts)) as smsc:
        world.trunk("one", smsc)
        recipients = numbered(10) + numbered(10, LONG, first=100)
        campaign_id = world.campaign("c", recipients)
        world.wait_for_counts(campaign_id, {"delivered": 20})
        wait_until(lambda: smsc.deliveries_waiting == 0, 5)
        assert {answer.status for answer in smsc.delivered_answers} == {0}
        assert world.ask(UNMET) == 0


def test_one_segment_that_failed_decides_about_a_long_message(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(1, LONG))
    world.wait_for_counts(campaign_id, {"submitted": 1})
    first, second = smsc.submissions[:2]
    smsc.send_receipt(first)
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 1)
    assert world.counts(campaign_id) == {"submitted": 1}
    smsc.send_receipt(second, "EXPIRED")
    world.wait_for_counts(campaign_id, {"expired": 1})


def test_receipts_of_the_other_segments_are_booked_after_one_has_failed(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(1, LONG))
    world.wait_for_counts(campaign_id, {"submitted": 1})
    first, second = smsc.submissions[:2]
    smsc.send_receipt(first, "UNDELIV")
    world.wait_for_counts(campaign_id, {"undelivered": 1})
    smsc.send_receipt(second)
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 2)
    assert world.ask(UNMET) == 0
    assert world.counts(campaign_id) == {"undelivered": 1}


@pytest.mark.parametrize(
    ("stat", "state"),
    [
        ("DELIVRD", "delivered"),
        ("UNDELIV", "undelivered"),
        ("EXPIRED", "expired"),
        ("REJECTD", "rejected"),
        ("DELETED", "undelivered"),
    ],
)
def test_each_final_state_is_told(
    world: World, smsc: Smsc, engine: Engine, stat: str, state: str
) -> None:
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(1))
    world.wait_for_counts(campaign_id, {"submitted": 1})
    smsc.send_receipt(smsc.submissions[0], "ENROUTE")
    smsc.send_receipt(smsc.submissions[0], stat)
    world.wait_for_counts(campaign_id, {state: 1})


@pytest.mark.parametrize(
    ("setting", "answered", "written"),
    [
        ("hex_to_decimal", "hex", "decimal"),
        ("decimal_to_hex", "decimal", "hex"),
        ("auto", "hex", "decimal"),
        ("auto", "decimal", "hex"),
        ("auto", "uuid", "same"),
    ],
)
@pytest.mark.parametrize("early", [False, True], ids=["after", "before"])
def test_ids_in_another_notation_meet(
    world: World, engine: Engine, setting: str, answered: str, written: str, early: bool
) -> None:
    behaviour = Behaviour(
        message_id_form=answered,  # type: ignore[arg-type]
        receipts=Receipts(id_form=written, before_answer=early),  # type: ignore[arg-type]
    )
    with Smsc(behaviour) as smsc:
        world.trunk("one", smsc, values={"receipt_ids": setting})
        campaign_id = world.campaign("c", numbered(20))
        world.wait_for_counts(campaign_id, {"delivered": 20})
        assert world.ask(UNMET) == 0


def test_an_unknown_receipt_is_kept_and_answered(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    smsc.send_receipt("nobody-knows")
    assert smsc.wait_until(lambda: smsc.delivered_answers)
    assert [answer.status for answer in smsc.delivered_answers] == [0]
    assert world.ask(UNMET) == 1
