"""Modems by the engine, beside sending; and several that share the load."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.caps import Caps
from massivesms.languages import Speech
from massivesms.notices import incoming
from massivesms.store import forwarded, modem_balances, modem_searches, modem_states
from massivesms.store.db import Row
from massivesms.trunks.modem import ports, streak
from massivesms.trunks.modem import trunk as modem_trunk
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.modem.behaviour import Behaviour
from tests.fakes.modem.server import Modem

USED = "SELECT segments FROM trunk_usage WHERE trunk_id = %s AND period = 'day'"
IN_USE = "SELECT kind, number, text FROM inbound_message"
CODE = {"balance_code": "*133#"}


@pytest.fixture
def modem() -> Iterator[Modem]:
    with Modem() as modem:
        yield modem


@pytest.fixture(autouse=True)
def forget() -> None:
    streak._of_trunk.clear()


def made(world: World, modem: Modem, name: str = "one", **more: Any) -> int:
    values = {"port": modem.path, **more.pop("values", {})}
    return world.trunk(name, kind="modem", values=values, **more)


def state(world: World, trunk_id: int) -> Row:
    return world.db.atomically(lambda tx: modem_states.of_trunk(tx, trunk_id)) or {}


def rows(world: World, sql: str) -> list[Row]:
    return world.db.atomically(lambda tx: tx.rows(sql))


def balance(world: World, trunk_id: int) -> Row:
    return world.db.atomically(lambda tx: modem_balances.latest(tx, trunk_id)) or {}


def ask(world: World, trunk_id: int) -> None:
    world.db.atomically(lambda tx: modem_balances.request(tx, trunk_id, "ana"))


# --- how it is --------------------------------------------------------------


def test_what_a_modem_is_and_what_changes_is_kept(
    world: World, modem: Modem, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modem_trunk, "LOOK_S", 0.1)
    trunk_id = made(world, modem)
    world.wait_for_session(trunk_id, "ready")
    found = state(world, trunk_id)
    assert (found["make"], found["imei"]) == ("huawei E173", "861234567890123")
    assert (found["operator"], found["signal_dbm"]) == ("Movistar", -71)
    modem.stick.behaviour.signal = 5
    wait_until(lambda: state(world, trunk_id)["signal_dbm"] == -103, 10)


def test_without_a_network_it_is_known_which_modem_that_is(
    world: World, modem: Modem, engine: Engine
) -> None:
    modem.stick.behaviour.registration = 3
    trunk_id = made(world, modem)
    world.wait_for_session(trunk_id, "waiting")
    found = state(world, trunk_id)
    assert (found["imei"], found["registration"]) == ("861234567890123", 3)


# --- calls ------------------------------------------------------------------


def test_a_call_is_stored_once_and_mailed(world: World, modem: Modem) -> None:
    world.set(country_code="34", forward_to="ana@example.org")
    with Engine(world.config):
        trunk_id = made(world, modem)
        world.wait_for_session(trunk_id, "ready")
        for _ in range(3):
            modem.do(lambda stick: stick.ring("+34600111222"))
        wait_until(lambda: rows(world, IN_USE), 10)
        campaign_id = world.campaign("c", numbered(1))
        world.wait_for_counts(campaign_id, {"submitted": 1})
        assert rows(world, IN_USE) == [
            {"kind": "call", "number": "+34600111222", "text": ""}
        ]
        (mail_id,) = [row["id"] for row in rows(world, "SELECT id FROM mail")]
        told, _ = world.db.atomically(lambda tx: forwarded.contents(tx, mail_id))
        speech = Speech("en", ZoneInfo("UTC"))
        assert incoming.subject(speech, told) == "Call from +34600111222"
        assert "Called, and wrote nothing" in incoming.body(speech, told)


def test_a_hidden_caller_is_mailed_too_and_never_answered(
    world: World, modem: Modem
) -> None:
    world.set(
        forward_to="ana@example.org", out_of_hours="yes", automatic_answers="yes",
        out_of_hours_text="Estamos cerrados", opening_hours="00:00-00:01",
    )  # fmt: skip
    with Engine(world.config):
        trunk_id = made(world, modem)
        world.wait_for_session(trunk_id, "ready")
        modem.do(lambda stick: stick.ring(""))
        wait_until(lambda: rows(world, IN_USE), 10)
        (mail_id,) = [row["id"] for row in rows(world, "SELECT id FROM mail")]
        told, _ = world.db.atomically(lambda tx: forwarded.contents(tx, mail_id))
        speech = Speech("en", ZoneInfo("UTC"))
        assert incoming.subject(speech, told) == "Call from an unknown sender"
        assert world.ask("SELECT COUNT(*) FROM message") == 0


# --- balances ---------------------------------------------------------------


def test_a_balance_that_a_person_wants_is_asked_read_and_mailed(
    world: World, modem: Modem
) -> None:
    world.set(report_to="ana@example.org")
    with Engine(world.config):
        trunk_id = made(world, modem, values=CODE)
        world.wait_for_session(trunk_id, "ready")
        ask(world, trunk_id)
        wait_until(lambda: balance(world, trunk_id)["state"] == "done", 10)
        found = balance(world, trunk_id)
        assert found["answer"] == modem.stick.behaviour.balance
        assert (float(found["amount"]), found["result_code"]) == (12.5, None)
        assert found["imsi"] == modem.stick.behaviour.imsi
        (mail,) = rows(world, "SELECT subject, body FROM mail WHERE kind = 'balance'")
        assert mail["subject"] == "Balance of the trunk one: 12.5"
        assert modem.stick.behaviour.balance in mail["body"]


def test_the_daily_balance_is_asked_once_from_its_hour_on(
    world: World, modem: Modem
) -> None:
    world.set(time_zone="Europe/Madrid")
    trunk_id = made(world, modem, values={**CODE, "balance_at": "08:00"})
    engine = Engine(world.config)
    engine.clock = lambda: datetime(2026, 11, 20, 6, 59, tzinfo=UTC)
    with engine:
        world.wait_for_session(trunk_id, "ready")
        assert balance(world, trunk_id) == {}
        engine.clock = lambda: datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
        wait_until(lambda: balance(world, trunk_id).get("state") == "done", 10)
    again = Engine(world.config)
    again.clock = lambda: datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
    with again:
        world.wait_for_session(trunk_id, "ready")
        again.clock = lambda: datetime(2026, 11, 21, 7, 1, tzinfo=UTC)
        wait_until(lambda: world.ask("SELECT COUNT(*) FROM modem_balance") == 2, 10)
        wait_until(lambda: balance(world, trunk_id)["state"] == "done", 10)
    days = rows(world, "SELECT daily_on FROM modem_balance ORDER BY id")
    assert [f"{row['daily_on']}" for row in days] == ["2026-11-20", "2026-11-21"]


def test_an_answer_that_does_not_come_in_time_is_given_up(world: World) -> None:
    trunk_id = world.trunk("one", kind="modem", values={"port": "/dev/ttyUSB_none"})
    ask(world, trunk_id)
    later = "UPDATE modem_balance SET requested_at = requested_at - INTERVAL 91 SECOND"
    world.db.atomically(lambda tx: tx.execute(later))
    assert len(world.db.atomically(modem_balances.give_up)) == 1
    found = balance(world, trunk_id)
    assert (found["state"], found["result_code"]) == ("done", "ussd_not_asked")


def test_an_hour_that_is_none_stops_nothing(world: World, modem: Modem) -> None:
    trunk_id = made(world, modem, values={**CODE, "balance_at": "08:00"})
    spoilt = "UPDATE trunk SET settings = REPLACE(settings, '08:00', 'soon')"
    world.db.atomically(lambda tx: tx.execute(spoilt))
    with Engine(world.config):
        world.wait_for_session(trunk_id, "ready")
        campaign_id = world.campaign("c", numbered(2))
        world.wait_for_counts(campaign_id, {"submitted": 2})


def test_of_a_daily_balance_that_never_came_the_mail_says_so(world: World) -> None:
    world.set(report_to="ana@example.org", time_zone="UTC")
    values = {"port": "/dev/ttyUSB_none", **CODE, "balance_at": "00:00"}
    trunk_id = world.trunk("one", kind="modem", values=values)
    with Engine(world.config):
        wait_until(lambda: balance(world, trunk_id).get("state") == "waiting", 10)
    later = "UPDATE modem_balance SET requested_at = requested_at - INTERVAL 21 HOUR"
    world.db.atomically(lambda tx: tx.execute(later))
    with Engine(world.config):
        wait_until(lambda: rows(world, "SELECT body FROM mail"), 10)
    (mail,) = rows(world, "SELECT body FROM mail")
    assert "The modem was not connected in time" in mail["body"]


# --- the count of a SIM card --------------------------------------------------


def test_another_sim_card_begins_its_own_count_and_the_old_one_goes_on(
    world: World, modem: Modem
) -> None:
    own, other = modem.stick.behaviour.imsi, "734049999999999"
    trunk_id = made(world, modem, caps=Caps(day=3))
    campaign_id = world.campaign("c", numbered(10))
    for imsi, sent in ((own, 3), (other, 6), (own, 6)):
        modem.stick.behaviour.imsi = imsi
        with Engine(world.config):
            world.wait_for_session(trunk_id, "ready")
            counts = {"submitted": sent, "queued": 10 - sent}
            world.wait_for_counts(campaign_id, counts)
            assert world.ask(USED, trunk_id) == 3


def test_a_sim_card_is_counted_without_a_limit_too(
    world: World, modem: Modem, engine: Engine
) -> None:
    trunk_id = made(world, modem)
    campaign_id = world.campaign("c", numbered(4))
    world.wait_for_counts(campaign_id, {"submitted": 4})
    assert world.ask(USED, trunk_id) == 4


# --- errors -------------------------------------------------------------------


def test_one_bad_number_does_not_hold_up_the_queue(
    world: World, modem: Modem, engine: Engine
) -> None:
    modem.stick.behaviour.faults = ["+CMS ERROR: 38"]
    trunk_id = made(world, modem)
    campaign_id = world.campaign("c", numbered(6))
    world.wait_for_counts(campaign_id, {"submitted": 5, "queued": 1})
    assert world.session(trunk_id)["state"] == "ready"
    assert world.ask("SELECT attempts FROM message WHERE state = 'queued'") == 1


def test_three_modems_share_the_load_and_one_that_rests_leaves_it_to_the_others(
    world: World, engine: Engine
) -> None:
    bad = Behaviour(faults=["+CMS ERROR: 42"] * 99)
    with Modem() as one, Modem() as two, Modem(bad) as three:
        for name, modem in (("one", one), ("two", two), ("three", three)):
            trunk_id = made(world, modem, name)
            world.wait_for_session(trunk_id, "ready")
        campaign_id = world.campaign("c", numbered(30))
        wait_until(lambda: world.session(trunk_id)["reason_code"] == "modem_rests", 15)
        wait_until(lambda: len(one.sent) + len(two.sent) >= 27, 20)
        assert min(len(one.sent), len(two.sent)) >= 1
        assert not three.sent
        assert world.counts(campaign_id).get("failed", 0) == 0


# --- looking for modems ---------------------------------------------------------


def test_ports_are_looked_at_and_a_running_trunk_is_not_disturbed(
    world: World, modem: Modem, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    trunk_id = made(world, modem)
    world.wait_for_session(trunk_id, "ready")
    asked = len(modem.stick.commands)
    with Modem(Behaviour(make="zte", imei="351234567890124")) as free:
        listed = [(modem.path, "Stick", True), (free.path, "Stick", True)]
        monkeypatch.setattr(ports, "described", lambda: listed)
        search_id = world.db.atomically(lambda tx: modem_searches.request(tx, "ana"))
        found: list[Row] = []

        def is_done() -> bool:
            row = world.db.atomically(lambda tx: modem_searches.by_id(tx, search_id))
            assert row is not None
            found[:] = row["found"]
            return bool(row["state"] == "done")

        wait_until(is_done, 10)
    assert [(one["state"], one["detail"]) for one in found] == [
        ("held", "one"),
        ("free", ""),
    ]
    assert (found[1]["make"], found[1]["imei"]) == (
        "ZTE INCORPORATED MF190",
        "351234567890124",
    )
    assert not set(modem.stick.commands[asked:]) & {"AT", "AT+CGSN", "AT+CGMI"}
