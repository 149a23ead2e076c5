"""PINs that were tried: by the engine and its database, whoever starts what again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.engine.pin_book import StoredPins
from massivesms.store import refused_pins, trunks
from massivesms.vault import PinHash
from tests.engine.world import ANA, Engine, World, wait_until
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem(Behaviour(sim="SIM PIN", pin="1234")) as modem:
        yield modem


def made(world: World, modem: Modem, pin: str) -> int:
    return world.trunk("one", kind="modem", values={"port": modem.path, "pin": pin})


def test_a_wrong_pin_is_tried_once_whoever_starts_what_again(
    world: World, modem: Modem
) -> None:
    trunk_id = made(world, modem, "9999")
    for _ in range(2):
        with Engine(world.config):
            for _ in range(2):
                wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 10)
                assert world.trunk_row(trunk_id)["stopped_code"] == "modem_pin_wrong"
                world.switch(trunk_id, True)  # Start again
            wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 10)
    assert modem.stick.pin_tries == 1
    stored = world.db.atomically(lambda tx: tx.rows("SELECT digest FROM refused_pin"))
    assert [len(row["digest"]) for row in stored] == [32, 32]
    assert all(b"9999" not in row["digest"] for row in stored)


def test_a_pin_that_was_not_answered_is_tried_once_more_by_a_person_only(
    world: World, modem: Modem
) -> None:
    trunk_id = made(world, modem, "1234")
    pins = StoredPins(world.db, PinHash(world.config.secret_key))
    pins.begin(modem.stick.behaviour.iccid, "1234")
    with Engine(world.config):
        wait_until(lambda: world.trunk_row(trunk_id)["stopped_code"], 10)
        stopped = world.trunk_row(trunk_id)["stopped_code"]
        assert (stopped, modem.stick.pin_tries) == ("modem_pin_no_answer", 0)
        world.switch(trunk_id, True)  # Start again
        world.wait_for_session(trunk_id, "ready")
    assert pins.state(modem.stick.behaviour.iccid, "1234") is None


def test_a_tried_pin_goes_through_the_same_states_in_the_database(
    world: World,
) -> None:
    pins = StoredPins(world.db, PinHash(world.config.secret_key))
    one = ("8958040000123456789", "1234")
    said = []
    for step in ("begin", "", "begin", "", "retract", "begin", "refuse", "", "accept"):
        if step:
            getattr(pins, step)(*one)
        else:
            world.db.atomically(refused_pins.allow_again)
        said.append(pins.state(*one))
    assert said == [
        *("tried", "again", "spent", "spent", "again", "spent", "refused", "refused"),
        None,
    ]


@pytest.mark.parametrize(
    ("kind", "active", "found"),
    [("modem", 1, "again"), ("modem", 0, "again"), ("exit", 1, "tried")],
)
def test_who_saves_the_settings_of_a_modem_lets_it_be_tried_once_more(
    world: World, kind: str, active: int, found: str
) -> None:
    draft = trunks.TrunkDraft("saved", kind, active=bool(active))
    trunk_id = world.db.atomically(lambda tx: trunks.create(tx, draft, ANA))
    pins = StoredPins(world.db, PinHash(world.config.secret_key))
    pins.begin("8958040000123456789", "1234")
    world.db.atomically(lambda tx: trunks.update(tx, trunk_id, draft, ANA))
    assert pins.state("8958040000123456789", "1234") == found
