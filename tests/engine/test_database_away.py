"""The database is killed, restarted, or not there at all: the engine waits for it.

On a server of its own, so that the other tests keep theirs.
"""

from __future__ import annotations

import dataclasses
import signal
from collections.abc import Iterator

import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.store import migrations, services
from massivesms.store.db import Database
from tests.conftest import OLDER
from tests.engine.process import Service
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes.modem.server import Modem
from tests.fakes.smsc import Behaviour, Receipts, Smsc
from tests.faults.judge import FAULTLESS, judge
from tests.servers.mariadb import PrivateMariaDB

WINDOW = 20


@pytest.fixture(scope="module")
def own_server() -> Iterator[PrivateMariaDB]:
    with PrivateMariaDB() as server:
        yield server


@pytest.fixture
def away_world(own_server: PrivateMariaDB, config: Config) -> Iterator[World]:
    """A fresh database on a server that the test may kill."""
    own_server.drop_database("massivesms")
    own_server.create_database("massivesms")
    settings = dataclasses.replace(
        config.database, socket=str(own_server.socket_path), name="massivesms"
    )
    db = Database(settings)
    migrations.upgrade(db)
    yield World(dataclasses.replace(config, database=settings), db)
    db.close()


@pytest.mark.parametrize("how", ["killed", "restarted"])
def test_a_database_lost_in_mid_campaign_costs_no_message(
    away_world: World, own_server: PrivateMariaDB, how: str
) -> None:
    behaviour = Behaviour(answer_delay_s=(0.0, 0.03), receipts=Receipts())
    with Smsc(behaviour) as smsc, Engine(away_world.config):
        away_world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = away_world.campaign("c", numbered(500))
        for n in (60, 160):
            smsc.wait_for(n)
            if how == "killed":
                own_server.kill()
                own_server.start()
            else:
                own_server.restart()
        away_world.wait_for_counts(campaign_id, {"delivered": 500}, 30)
        rows = away_world.messages(campaign_id)
        assert judge(rows, smsc.messages()) == FAULTLESS


def test_answers_that_time_out_and_come_late_while_it_is_away_settle_once(
    away_world: World, own_server: PrivateMariaDB
) -> None:
    """Both words on a message wait for the database: the last one counts."""
    behaviour = Behaviour(answer_delay_s=2.5)
    few = 4  # more without any answer would end the session
    values = {"window": str(few + 1), "answer_timeout_s": "2"}
    with Smsc(behaviour) as smsc, Engine(away_world.config):
        away_world.trunk("one", smsc, values=values)
        campaign_id = away_world.campaign("c", numbered(few))
        smsc.wait_for(few)
        own_server.kill()
        assert smsc.wait_until(
            lambda: all(s.status is not None for s in smsc.submissions), 10
        )
        own_server.start()
        away_world.wait_for_counts(campaign_id, {"submitted": few}, 15)


def test_a_receipt_is_left_at_the_operator_while_the_database_is_away(
    away_world: World, own_server: PrivateMariaDB
) -> None:
    with Smsc(Behaviour(redeliver_s=0.3)) as smsc, Engine(away_world.config):
        away_world.trunk("one", smsc)
        campaign_id = away_world.campaign("c", numbered(1))
        away_world.wait_for_counts(campaign_id, {"submitted": 1})
        own_server.kill()
        smsc.send_receipt(smsc.submissions[0])
        assert smsc.wait_until(lambda: smsc.delivered_answers, 10)
        assert smsc.delivered_answers[0].status == 0x64
        own_server.start()
        away_world.wait_for_counts(campaign_id, {"delivered": 1})


def test_the_engine_starts_without_its_database_and_begins_when_it_comes(
    away_world: World, own_server: PrivateMariaDB, caplog: pytest.LogCaptureFixture
) -> None:
    with Smsc() as smsc:
        away_world.trunk("one", smsc)
        campaign_id = away_world.campaign("c", numbered(5))
        own_server.kill()
        with Engine(away_world.config):
            wait_until(lambda: "waiting for the database" in caplog.text, 10)
            own_server.start()
            away_world.wait_for_counts(campaign_id, {"submitted": 5})


def test_a_database_that_comes_with_other_tables_ends_it_before_it_sends(
    away_world: World, own_server: PrivateMariaDB, config: Config
) -> None:
    with Smsc() as smsc:
        away_world.trunk("one", smsc)
        away_world.campaign("c", numbered(5))
        away_world.db.atomically(lambda tx: tx.execute(OLDER))
        own_server.kill()
        with Service(written(config, own_server)) as service:
            wait_until(lambda: "waiting for the database" in service.said(), 20)
            own_server.start()
            status, _ = service.wait()
        assert status == 1
        assert "massivesms setup --upgrade" in service.said()
        assert smsc.binds == []
        count = "SELECT COUNT(*) FROM service_instance"
        wait_until(lambda: away_world.ask(count) == 0, 5)


def test_it_ends_in_time_while_the_database_is_away(
    away_world: World, own_server: PrivateMariaDB
) -> None:
    with Smsc(Behaviour(answer_delay_s=0.3)) as smsc:
        away_world.trunk("one", smsc, values={"window": str(WINDOW)})
        campaign_id = away_world.campaign("c", numbered(100))
        with Engine(away_world.config) as engine:
            smsc.wait_for(WINDOW + 1)
            own_server.kill()
            engine.stop()  # asserts that it takes less than 10 s
        own_server.start()
        with Engine(away_world.config):
            wait_until(lambda: finished(away_world, campaign_id), 20)
        counts = away_world.counts(campaign_id)
        assert counts.get("in_doubt", 0) <= WINDOW
        rows = away_world.messages(campaign_id)
        assert judge(rows, smsc.messages()) == FAULTLESS


def written(config: Config, own_server: PrivateMariaDB) -> Config:
    """The configuration for a process: its file, with the test's own server."""
    text = config.file.read_text()
    old = f"socket = {config.database.socket}"
    config.file.write_text(text.replace(old, f"socket = {own_server.socket_path}"))
    return configuration.load(config.file)


def finished(world: World, campaign_id: int) -> bool:
    counts = world.counts(campaign_id)
    return not counts.get("queued") and not counts.get("submitting")


def test_a_frozen_database_does_not_keep_it_from_ending(
    away_world: World, own_server: PrivateMariaDB, config: Config
) -> None:
    with Service(written(config, own_server)) as service:
        wait_until(lambda: "started" in service.said(), 15)
        wait_until(lambda: away_world.db.atomically(services.running), 15)
        own_server.freeze()
        try:
            service.signal(signal.SIGTERM)
            status, took_s = service.wait()
        finally:
            own_server.thaw()
    assert (status, took_s < 12) == (1, True)
    assert "did not end in time" in service.said()


def test_a_call_while_it_is_away_is_stored_when_it_is_back(
    away_world: World, own_server: PrivateMariaDB
) -> None:
    """Nobody repeats a call; without another one it must not wait for long."""
    with Modem() as modem, Engine(away_world.config):
        values = {"port": modem.path}
        trunk_id = away_world.trunk("one", kind="modem", values=values)
        away_world.wait_for_session(trunk_id, "ready")
        own_server.kill()
        modem.do(lambda stick: stick.ring("+34600111222"))
        own_server.start()
        asked = "SELECT number FROM inbound_message WHERE kind = 'call'"
        wait_until(lambda: away_world.ask(asked) == "+34600111222", 15)
