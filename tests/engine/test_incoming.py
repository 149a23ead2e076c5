"""Messages from people: stored once, whole, before the operator hears of it."""

from __future__ import annotations

import pytest

from massivesms.store import erased
from massivesms.store.db import Database, Row
from massivesms.store.inbound_parts import GIVEN_UP_AFTER_MINUTES
from massivesms.store.inbound_seen import KNOWN_MINUTES
from massivesms.vault import NumberHash
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.smsc import Smsc

PERSON, OTHER, US = "34600111222", "34600111333", "5000"
THREE = [b"uno ", b"dos ", b"tres"]
EARLIER = "UPDATE {table} SET {column} = {column} - INTERVAL %s MINUTE"


def inbound(world: World) -> list[Row]:
    """What is stored, the oldest first."""
    return world.db.atomically(
        lambda tx: tx.rows("SELECT * FROM inbound_message ORDER BY id")
    )


def texts(world: World) -> list[str]:
    return [row["text"] for row in inbound(world)]


def wait_for(world: World, *wanted: str) -> None:
    wait_until(lambda: texts(world) == list(wanted), 10, texts, world)


def age(world: World, table: str, column: str, minutes: int) -> None:
    """As if so many minutes had gone by."""
    sql = EARLIER.format(table=table, column=column)
    world.db.atomically(lambda tx: tx.execute(sql, (minutes,)))


@pytest.fixture
def trunk_id(world: World, smsc: Smsc, engine: Engine) -> int:
    world.set(country_code="34")
    made = world.trunk("one", smsc)
    world.wait_for_session(made, "ready")
    return made


def test_a_message_is_stored_and_then_answered(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver(PERSON, US, "BAJA")
    assert smsc.wait_until(lambda: smsc.delivered_answers)
    assert smsc.delivered_answers[0].status == 0
    (row,) = inbound(world)
    assert (row["number"], row["sender"]) == (f"+{PERSON}", f"+{PERSON}")
    assert (row["recipient"], row["text"]) == (US, "BAJA")
    assert (row["trunk_id"], row["parts"], row["incomplete"]) == (trunk_id, 1, 0)


def test_the_last_message_that_was_sent_to_the_sender_is_known(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    campaign_id = world.campaign("c", numbered(1))
    world.wait_for_counts(campaign_id, {"submitted": 1})
    (sent,) = world.messages(campaign_id)
    smsc.deliver(sent["number"].removeprefix("+"), US, "Gracias")
    wait_for(world, "Gracias")
    assert inbound(world)[0]["message_id"] == sent["id"]


def test_a_name_and_a_short_code_are_no_numbers(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver("BANCO", US, "Su clave", sender_ton=5)
    smsc.deliver("217217", US, "Saldo", sender_ton=3)
    wait_for(world, "Su clave", "Saldo")
    found = [(row["number"], row["sender"]) for row in inbound(world)]
    assert found == [("", "BANCO"), ("", "217217")]


@pytest.mark.parametrize("form", ["udh8", "udh16", "sar"])
@pytest.mark.parametrize("order", [(), (3, 1, 2), (2, 2, 3, 3, 1)], ids=str)
def test_a_long_message_is_put_together(
    world: World, smsc: Smsc, trunk_id: int, form: str, order: tuple[int, ...]
) -> None:
    smsc.deliver_long(PERSON, US, THREE, form=form, order=order)  # type: ignore[arg-type]
    wait_for(world, "uno dos tres")
    assert inbound(world)[0]["parts"] == 3
    assert world.ask("SELECT COUNT(*) FROM inbound_long") == 0
    assert world.ask("SELECT COUNT(*) FROM inbound_part") == 0


def test_two_people_may_use_the_same_reference_at_once(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    for n in (1, 2):
        for person in (PERSON, OTHER):
            octets = [f"{person} {i} ".encode() for i in (1, 2)]
            smsc.deliver_long(person, US, octets, order=[n])
    wait_until(lambda: len(texts(world)) == 2, 10)
    assert sorted(texts(world)) == [f"{p} 1 {p} 2 " for p in (PERSON, OTHER)]


def test_a_pair_of_octets_that_two_parts_share_is_read(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    whole = "sí 🙂".encode("utf-16-be")
    halves = [whole[:8], whole[8:]]
    smsc.deliver_long(PERSON, US, halves, data_coding=8)
    wait_for(world, "sí 🙂")


def test_parts_outlive_the_service(world: World, smsc: Smsc) -> None:
    trunk_id = world.trunk("one", smsc)
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        smsc.deliver_long(PERSON, US, THREE, order=[2])
        assert smsc.wait_until(lambda: smsc.delivered_answers)
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        smsc.deliver_long(PERSON, US, THREE, order=[1])
        assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 2)
    with Engine(world.config):
        smsc.deliver_long(PERSON, US, THREE, order=[3])
        wait_for(world, "uno dos tres")


def test_parts_meet_that_come_over_several_connections(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    world.trunk("one", smsc, values={"binds": "3"})
    assert smsc.wait_until(lambda: len(smsc.binds) == 3)
    wanted = []
    for n in range(20):
        octets = [f"{n}: {i} ".encode() for i in range(4)]
        wanted.append("".join(one.decode() for one in octets))
        smsc.deliver_long(PERSON, US, octets, reference=n, order=[4, 2, 1, 3])
    wait_until(lambda: len(texts(world)) == 20, 15, texts, world)
    assert sorted(texts(world)) == sorted(wanted)


def test_parts_and_repetitions_meet_that_come_over_two_trunks(
    world: World, smsc: Smsc, engine: Engine
) -> None:
    """Of one account: the operator takes turns among all that are signed in."""
    for name in ("one", "two"):
        world.trunk(name, smsc)
    assert smsc.wait_until(lambda: len(smsc.binds) == 2)
    smsc.deliver_long(PERSON, US, THREE)
    smsc.deliver_long(PERSON, US, THREE, order=[2, 1, 3])
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 6)
    wait_for(world, "uno dos tres")
    assert world.ask("SELECT COUNT(*) FROM inbound_long") == 0


def test_what_stays_incomplete_is_stored_with_a_mark(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver_long(PERSON, US, THREE, order=[1, 3])
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 2)
    assert texts(world) == []
    age(world, "inbound_long", "last_at", GIVEN_UP_AFTER_MINUTES + 1)
    wait_for(world, "uno [...]tres")
    (row,) = inbound(world)
    assert (row["parts"], row["incomplete"]) == (3, 1)
    assert (row["number"], row["trunk_id"]) == (f"+{PERSON}", trunk_id)
    assert world.ask("SELECT COUNT(*) FROM inbound_part") == 0


def test_a_reference_that_is_used_again_ends_the_earlier_message(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver_long(PERSON, US, [b"viejo 1 ", b"viejo 2"], order=[1])
    smsc.deliver_long(PERSON, US, [b"nuevo 1 ", b"nuevo 2"])
    wait_for(world, "viejo 1 [...]", "nuevo 1 nuevo 2")


def test_the_same_again_is_stored_once(world: World, smsc: Smsc, trunk_id: int) -> None:
    smsc.deliver(PERSON, US, "Sí", data_coding=8, copies=3)
    smsc.deliver_long(PERSON, US, THREE, copies=2)
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 9)
    smsc.deliver(PERSON, US, "Sí", data_coding=8)
    smsc.deliver_long(PERSON, US, THREE, order=[3])  # its answer had got lost
    assert smsc.wait_until(lambda: len(smsc.delivered_answers) == 11)
    assert texts(world) == ["Sí", "uno dos tres"]
    assert {answer.status for answer in smsc.delivered_answers} == {0}
    assert world.ask("SELECT COUNT(*) FROM inbound_long") == 0


def test_the_same_text_much_later_is_another_message(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver(PERSON, US, "Hola")
    wait_for(world, "Hola")
    age(world, "inbound_seen", "seen_at", KNOWN_MINUTES + 1)
    smsc.deliver(PERSON, US, "Hola")
    wait_for(world, "Hola", "Hola")


def test_another_person_and_another_number_of_ours_are_no_repetition(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver(PERSON, US, "Hola")
    smsc.deliver(OTHER, US, "Hola")
    smsc.deliver(PERSON, US + "1", "Hola")
    wait_for(world, "Hola", "Hola", "Hola")


def test_what_cannot_be_read_is_kept_and_ends_nothing(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    smsc.deliver(PERSON, US, short_message=b"\x09\0\3", esm_class=0x40)
    smsc.deliver(PERSON, US, short_message=b"\0\1\2", data_coding=4)
    smsc.deliver(PERSON, US, "Hola")
    wait_for(world, "0x090003", "0x000102", "Hola")
    assert [row["unreadable"] for row in inbound(world)] == [1, 1, 0]
    assert len(smsc.binds) == 1


def test_what_could_hurt_is_stored_as_it_came(
    world: World, smsc: Smsc, trunk_id: int
) -> None:
    text = "a\x00b\x1b[31m\u202etxt <script> %s '\\ 😀"
    octets = text.encode("utf-16-be")
    smsc.deliver(PERSON, US, short_message=octets, data_coding=8)
    wait_for(world, text)


def test_while_the_log_says_what_came_it_tells_no_text(
    world: World, smsc: Smsc, trunk_id: int, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        smsc.deliver(PERSON, US, "secreto")
        wait_for(world, "secreto")
    assert "incoming message" in caplog.text
    assert "secreto" not in caplog.text
    assert PERSON not in caplog.text


def test_an_erased_number_is_not_kept(world: World, smsc: Smsc, trunk_id: int) -> None:
    hash_of = NumberHash(world.config.secret_key)
    db = Database(world.config.database, hash_of=hash_of)
    db.atomically(lambda tx: erased.add(tx, f"+{PERSON}", ANA))
    db.close()
    smsc.deliver(PERSON, US, "Hola")
    wait_for(world, "Hola")
    (row,) = inbound(world)
    assert (row["number"], row["sender"]) == ("", "")
