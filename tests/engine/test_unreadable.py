"""What nobody understands is kept and counted, answered, and ends no session."""

from __future__ import annotations

import pytest

from massivesms.store import unreadable
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.smsc import Smsc
from tests.trunks import wire

IS_RECEIPT = 4


def kept(world: World, trunk_id: int) -> list[tuple[str, bytes]]:
    rows = world.db.atomically(lambda tx: unreadable.last(tx, trunk_id=trunk_id))
    return [(row["kind"], bytes(row["octets"])) for row in rows]


@pytest.mark.parametrize(
    "text", ["id:7", "stat:DELIVRD err:000", "id:7 stat:HAPPY", "", "\x00\xff%s'"]
)
def test_a_receipt_that_says_too_little_is_kept_as_it_came(
    world: World, smsc: Smsc, engine: Engine, text: str
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    smsc.deliver(
        *("34600111222", "5000"),
        short_message=text.encode("latin-1"),
        esm_class=IS_RECEIPT,
    )
    assert smsc.wait_until(lambda: smsc.delivered_answers)
    assert [answer.status for answer in smsc.delivered_answers] == [0]
    ((kind, octets),) = kept(world, trunk_id)
    assert kind == "receipt"
    assert text.encode("latin-1") in octets
    assert octets[4:8] == b"\0\0\0\5"  # the whole PDU, from its header on
    assert world.ask("SELECT COUNT(*) FROM receipt") == 0


def test_a_delivery_that_cannot_be_read_is_kept_and_then_refused(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    cut_off = wire.pdu(wire.DELIVER_SM, 77, b"cut off")
    unknown = wire.pdu(0x999, 78, b"what?")
    smsc.send_raw(cut_off + unknown)
    wait_until(lambda: len(kept(world, trunk_id)) == 2, 10)
    assert kept(world, trunk_id) == [("pdu", unknown), ("pdu", cut_off)]
    campaign_id = world.campaign("c", numbered(3))
    world.wait_for_counts(campaign_id, {"submitted": 3})
    assert world.session(trunk_id)["error_code"] is None


def test_octets_that_are_no_smpp_are_kept_and_the_trunk_signs_in_again(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    trunk_id = world.trunk("one", smsc)
    world.wait_for_session(trunk_id, "ready")
    garbage = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    smsc.send_raw(garbage)
    wait_until(lambda: kept(world, trunk_id), 10)
    assert kept(world, trunk_id) == [("pdu", garbage)]
    campaign_id = world.campaign("c", numbered(3))
    world.wait_for_counts(campaign_id, {"submitted": 3})
