"""A campaign goes out completely, as it was written, and the counts are true."""

from __future__ import annotations

import pytest

from massivesms.store.messages import NewMessage
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import FAULTLESS, judge

LONG = "Año nuevo: {n} " + "áéíóúñ€ " * 25
EMOJI = "🎉 fiesta {n}"


def test_a_campaign_arrives_complete_with_its_texts(world: World, smsc: Smsc) -> None:
    recipients = (
        numbered(150)
        + numbered(30, LONG, first=1000)
        + numbered(20, EMOJI, first=2000)
        + numbered(50, None, first=3000)
    )
    world.trunk("one", smsc, sender_id="Empresa", values={"window": "20"})
    campaign_id = world.campaign("c", recipients, text="Común para todos")
    with Engine(world.config):
        world.wait_for_counts(campaign_id, {"submitted": 250})
    assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS
    assert len(smsc.messages()) == 250
    assert {one.sender for one in smsc.messages()} == {"Empresa"}
    assert smsc.refused == []


def test_a_finished_campaign_is_closed(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(3))
    world.wait_for_counts(campaign_id, {"submitted": 3})
    wait_until(lambda: world.row(campaign_id)["open"] == 0, 10)


def test_every_segment_has_its_operators_id(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc, values={"window": "1"})
    campaign_id = world.campaign("c", numbered(2, LONG))
    world.wait_for_counts(campaign_id, {"submitted": 2})
    for row in world.messages(campaign_id):
        number = row["number"].removeprefix("+")
        ids = [s.message_id for s in smsc.submissions if s.number == number]
        assert row["smsc_message_ids"] == ids
        assert len(ids) == row["segments"]


@pytest.mark.parametrize(
    ("of_message", "of_campaign", "of_trunk", "seen"),
    [
        ("Message", "Campaign", "Trunk", "Message"),
        ("", "Campaign", "Trunk", "Campaign"),
        ("", "", "Trunk", "Trunk"),
        ("", "", "", ""),
    ],
    ids=["message", "campaign", "trunk", "nobody's"],
)
def test_the_sender_is_the_nearest_one(
    world: World, smsc: Smsc, engine: Engine, of_message: str, of_campaign: str,
    of_trunk: str, seen: str
) -> None:  # fmt: skip
    world.trunk("one", smsc, sender_id=of_trunk)
    campaign_id = world.campaign("c", numbered(1), sender_id=of_campaign)
    world.wait_for_counts(campaign_id, {"submitted": 1})
    assert smsc.messages()[0].sender == (of_campaign or of_trunk)
    if of_message:
        message_id = world.single("+34600999999", "x", sender_id=of_message)
        world.wait_for_state(message_id, "submitted")
        assert smsc.messages()[-1].sender == seen


NUMBERS = [
    NewMessage("+34600111222", True, 1),  # written 600111222
    NewMessage("+34346001112", True, 1),  # written 346001112: begins like Spain
    NewMessage("+34600111333", False, 1),  # written +34 600111333
    NewMessage("+4915112345678", False, 1),
]


@pytest.mark.parametrize(
    ("appended", "seen"),
    [
        (True, ["34600111222", "34346001112", "34600111333", "4915112345678"]),
        (False, ["600111222", "346001112", "34600111333", "4915112345678"]),
    ],
    ids=["appended", "as written"],
)
def test_the_country_code_is_appended_where_the_trunk_asks(
    world: World, smsc: Smsc, engine: Engine, appended: bool, seen: list[str]
) -> None:
    world.set(country_code="34")
    world.trunk("one", smsc, append_country_code=appended)
    campaign_id = world.campaign("c", NUMBERS)
    world.wait_for_counts(campaign_id, {"submitted": 4})
    assert sorted(s.number for s in smsc.submissions) == sorted(seen)
    by_number = {s.number: s.fields.dest_ton for s in smsc.submissions}
    assert by_number[seen[0]] == (1 if appended else 0)
    assert by_number["4915112345678"] == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(shuffle_answers=8),
        Behaviour(double_answer_share=0.5),
        Behaviour(split_bytes=7, split_gap_s=0.0),
        Behaviour(message_id_nul=False, answer_tlvs={0x0428: b"\x05"}),
        Behaviour(message_id_form="empty"),
        Behaviour(unsolicited={"enquire_link": 0.02, "unknown": 0.02,
                               "alert_notification": 0.02}),
        Behaviour(answer_delay_s=(0.0, 0.1)),
    ],
    ids=["shuffled", "doubled", "split", "odd ids", "empty ids", "noise", "delayed"],
)  # fmt: skip
def test_a_campaign_survives_the_smscs_manners(
    world: World, behaviour: Behaviour
) -> None:
    with Smsc(behaviour) as smsc:
        world.trunk("one", smsc, values={"window": "25"})
        campaign_id = world.campaign("c", numbered(100))
        with Engine(world.config):
            world.wait_for_counts(campaign_id, {"submitted": 100})
        assert judge(world.messages(campaign_id), smsc.messages()) == FAULTLESS
