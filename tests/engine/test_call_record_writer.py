"""A sent message has one row in the PBX's call records, whatever breaks meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pymysql
import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.domain import settings as product_settings
from massivesms.engine import call_record_writer, dispatch
from massivesms.engine.board import Board, Picture
from massivesms.engine.call_record_writer import CallRecordWriter
from massivesms.store import call_record_outbox, doubts
from massivesms.store.doubts import DoubtDecision
from tests.engine.process import Service
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.servers.mariadb import PrivateMariaDB

NAME = "pbx_cdr"
MODERN = """
CREATE TABLE cdr (
  calldate datetime NOT NULL, clid varchar(80) NOT NULL DEFAULT '',
  src varchar(80) NOT NULL DEFAULT '', dst varchar(80) NOT NULL DEFAULT '',
  dcontext varchar(80) NOT NULL DEFAULT '', channel varchar(80) NOT NULL DEFAULT '',
  dstchannel varchar(80) NOT NULL DEFAULT '', lastapp varchar(80) NOT NULL DEFAULT '',
  lastdata varchar(80) NOT NULL DEFAULT '', duration int NOT NULL DEFAULT 0,
  billsec int NOT NULL DEFAULT 0, disposition varchar(45) NOT NULL DEFAULT '',
  amaflags int NOT NULL DEFAULT 0, accountcode varchar(20) NOT NULL DEFAULT '',
  uniqueid varchar(32) NOT NULL DEFAULT '', userfield varchar(255) NOT NULL DEFAULT '',
  did varchar(50) NOT NULL DEFAULT '', cnum varchar(80) NOT NULL DEFAULT '',
  linkedid varchar(32) NOT NULL DEFAULT '', sequence int NOT NULL DEFAULT 0,
  KEY calldate (calldate), KEY uniqueid (uniqueid))"""
OUTBOX = "SELECT COUNT(*) FROM call_record_outbox"

Records = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def config(config: Config, mariadb: PrivateMariaDB) -> Iterator[Config]:
    """With call records of their own."""
    mariadb.create_database(NAME)
    text = config.file.read_text().replace("name = asteriskcdrdb", f"name = {NAME}")
    config.file.write_text(text)
    yield configuration.load(config.file)
    mariadb.drop_database(NAME)


@pytest.fixture
def records(config: Config, mariadb: PrivateMariaDB) -> Iterator[Records]:
    """Asks the call records; makes the table as FreePBX 17 has it."""
    with pymysql.connect(
        **mariadb.connect_args, database=NAME, autocommit=True
    ) as connection:

        def ask(sql: str = "SELECT * FROM cdr ORDER BY dst") -> list[dict[str, Any]]:
            with connection.cursor(pymysql.cursors.DictCursor) as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall())

        ask(MODERN)
        yield ask


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(call_record_writer.CallRecordWriter, "look_s", 0.1)
    monkeypatch.setattr(call_record_writer.CallRecordWriter, "away_wait_s", 0.2)
    monkeypatch.setattr(dispatch, "SETTINGS_S", 0.2)
    world.set(write_call_records="yes", time_zone="Europe/Madrid")


def user(world: World, name: str, extension: str, source: str = "issabel") -> None:
    sql = (
        "INSERT INTO user (source, name, role_id, password_hash, extension, created_at)"
        " VALUES (%s, %s, 1, '', %s, UTC_TIMESTAMP(3))"
    )
    world.db.atomically(lambda tx: tx.execute(sql, (source, name, extension)))


def test_each_sent_message_has_a_row_without_its_text(
    world: World, smsc: Smsc, engine: Engine, records: Records
) -> None:
    user(world, "ana", "999")  # of the PBX, and another person
    user(world, "ana", "201", "own")
    user(world, "eva", "305")
    world.trunk("Operadora", smsc, sender_id="TIENDA")
    campaign_id = world.campaign("c", numbered(3, "Secreto {n}"))
    world.wait_for_counts(campaign_id, {"submitted": 3})
    one = world.single("+34699000001", "Secreto", created_by="eva@issabel")
    other = world.single("+34699000002", "Secreto", created_by="root", sender_id="YO")
    wait_until(lambda: len(records()) == 5, 10, records)

    rows = {row["dst"]: row for row in records()}
    assert [rows[m.number]["src"] for m in numbered(3)] == ["201", "201", "201"]
    assert rows["+34699000001"]["src"] == "305"
    assert rows["+34699000002"]["src"] == "YO"
    assert rows["+34699000002"]["uniqueid"] == f"massivesms-{other}"
    row = rows["+34699000001"]
    assert (row["dstchannel"], row["disposition"]) == ("SMS", "ANSWERED")
    assert (row["billsec"], row["duration"], row["lastdata"]) == (0, 0, "Operadora")
    sent_at = world.ask("SELECT submitted_at FROM message WHERE id = %s", one)
    hours = (row["calldate"] - sent_at).total_seconds() / 3600
    assert round(hours, 2) in (1.0, 2.0), "Madrid's clock"
    assert "Secreto" not in repr(rows)
    wait_until(lambda: world.ask(OUTBOX) == 0, 5)


def test_while_the_setting_is_off_nothing_is_written_or_kept(
    world: World, smsc: Smsc, records: Records
) -> None:
    world.set(write_call_records="no")
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(3))
    with Engine(world.config):
        world.wait_for_counts(campaign_id, {"submitted": 3})
        assert world.ask(OUTBOX) == 0
    assert records() == []


def test_what_was_not_sent_has_no_row(
    world: World, engine: Engine, records: Records
) -> None:
    with Smsc(Behaviour(reject={"0000000$": 0x0B})) as smsc:
        world.trunk("one", smsc)
        campaign_id = world.campaign("c", numbered(2))
        world.wait_for_counts(campaign_id, {"submitted": 1, "rejected": 1})
        wait_until(lambda: len(records()) == 1, 5, records)
    assert records()[0]["dst"] == "+34600000001"
    assert world.ask(OUTBOX) == 0


def test_messages_wait_while_the_call_records_are_away(
    world: World, smsc: Smsc, engine: Engine, records: Records
) -> None:
    records("RENAME TABLE cdr TO away")
    world.trunk("one", smsc)
    campaign_id = world.campaign("c", numbered(700))
    world.wait_for_counts(campaign_id, {"submitted": 700}, 20)
    wait_until(lambda: world.ask(OUTBOX) == 700, 5)
    time.sleep(0.5)
    records("RENAME TABLE away TO cdr")
    wait_until(lambda: world.ask(OUTBOX) == 0, 20)
    assert len(records("SELECT DISTINCT uniqueid FROM cdr")) == 700
    assert len(records()) == 700


def test_messages_that_turn_out_to_be_sent_have_a_row(
    world: World, engine: Engine, records: Records
) -> None:
    """In doubt: by a person's decision. Then nothing of it is written twice."""
    with Smsc(Behaviour(drop_answer_share=1.0)) as smsc:
        world.trunk("one", smsc, values={"answer_timeout_s": "2"})
        campaign_id = world.campaign("c", numbered(2))
        world.wait_for_counts(campaign_id, {"in_doubt": 2}, 20)
        assert records() == []
        campaign = world.row(campaign_id)
        world.db.atomically(
            lambda tx: doubts.decide(tx, campaign, DoubtDecision.ASSUME_SENT, ANA)
        )
        wait_until(lambda: len(records()) == 2, 5, records)


# --- a writer by itself, with what others left behind -----------------------------


class Writer(CallRecordWriter):
    """One that is asked for its batches."""

    def __init__(self, world: World, owner: str) -> None:
        settings = {"write_call_records": "yes", "time_zone": "UTC"}
        board = Board(Picture(product_settings.read(settings)))
        super().__init__(world.config, board, owner)

    def batch(self) -> bool:
        return self._batch()


def sent(world: World, count: int, state: str = "submitted") -> None:
    """Messages as settling leaves them, in the outbox."""
    world.campaign("c", numbered(count))
    world.db.atomically(
        lambda tx: tx.execute(
            "UPDATE message SET state = %s, submitted_at = UTC_TIMESTAMP(3)", (state,)
        )
    )
    world.db.atomically(
        lambda tx: tx.execute(
            "INSERT INTO call_record_outbox (message_id) SELECT id FROM message"
        )
    )


def test_what_was_written_before_a_crash_is_not_written_again(
    world: World, records: Records
) -> None:
    sent(world, 5)
    first, second = Writer(world, "host:1"), Writer(world, "host:2")
    first.batch()
    outbox = "INSERT INTO call_record_outbox (message_id) SELECT id FROM message"
    world.db.atomically(lambda tx: tx.execute(outbox))  # the crash came before `done`
    second.batch()
    assert len(records()) == 5
    assert world.ask(OUTBOX) == 0


def test_what_another_service_has_taken_is_left_to_it_for_a_while(
    world: World, records: Records
) -> None:
    sent(world, 5)
    world.db.atomically(lambda tx: call_record_outbox.take(tx, "dead:1", 3))
    writer = Writer(world, "host:2")
    writer.batch()
    assert len(records()) == 2
    old = "UPDATE call_record_outbox SET taken_at = taken_at - INTERVAL 301 SECOND"
    world.db.atomically(lambda tx: tx.execute(old))
    writer.batch()
    assert len(records()) == 5


def test_one_that_stood_still_writes_nothing(
    world: World, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent(world, 2)
    monkeypatch.setattr(call_record_writer, "STALE_S", 0.0)
    Writer(world, "host:1").batch()
    assert records() == []
    assert world.ask(OUTBOX) == 2


def test_undecided_messages_wait_and_removed_ones_go(
    world: World, records: Records
) -> None:
    sent(world, 2, "in_doubt")
    writer = Writer(world, "host:1")
    assert not writer.batch()
    assert (records(), world.ask(OUTBOX)) == ([], 2)
    world.db.atomically(lambda tx: tx.execute("DELETE FROM message"))
    writer.batch()
    assert (records(), world.ask(OUTBOX)) == ([], 0)


OLD = {
    "without uniqueid": "DROP COLUMN uniqueid, DROP COLUMN linkedid, DROP COLUMN cnum",
    "nothing but calls": "DROP COLUMN uniqueid, DROP COLUMN userfield,"
    " DROP COLUMN linkedid, DROP COLUMN clid, DROP COLUMN lastdata",
    "MyISAM in Latin-1": "ENGINE=MyISAM, CONVERT TO CHARACTER SET latin1",
    "narrow": "MODIFY lastdata varchar(5), MODIFY uniqueid varchar(20),"
    " MODIFY src varchar(4), ADD must varchar(9) NOT NULL",
}


@pytest.mark.parametrize("change", OLD.values(), ids=OLD)
def test_old_tables_take_their_rows_too(
    world: World, records: Records, change: str
) -> None:
    records(f"ALTER TABLE cdr {change}")
    user(world, "ana", "ext-20155", "own")
    world.db.atomically(
        lambda tx: tx.execute(
            "INSERT INTO trunk (id, name, kind, settings, created_at, changed_at)"
            " VALUES (9, 'Łódź Ñandú Telecom', 'script', '{}', NOW(), NOW())"
        )
    )
    sent(world, 3)
    world.db.atomically(lambda tx: tx.execute("UPDATE message SET trunk_id = 9"))
    Writer(world, "host:1").batch()
    again = "INSERT INTO call_record_outbox (message_id) SELECT id FROM message"
    world.db.atomically(lambda tx: tx.execute(again))
    Writer(world, "host:2").batch()
    rows = records()
    assert [row["dst"] for row in rows] == [m.number for m in numbered(3)]
    assert {row["src"] for row in rows} <= {"ext-20155", "ext-"}
    assert world.ask(OUTBOX) == 0


@pytest.mark.parametrize("missing", ["dstchannel", "calldate"])
def test_a_table_that_is_none_of_call_records_gets_nothing(
    world: World, records: Records, missing: str
) -> None:
    records(f"ALTER TABLE cdr DROP COLUMN {missing}")
    sent(world, 1)
    with pytest.raises(Exception, match="no table of call records"):
        Writer(world, "host:1").batch()
    assert world.ask(OUTBOX) == 1


def test_killed_again_and_again_each_message_has_one_row(
    world: World, records: Records
) -> None:
    """The service ends by SIGKILL in the midst of it; what it had taken is freed."""
    free = "UPDATE call_record_outbox SET taken_at = taken_at - INTERVAL 1 HOUR"
    with Smsc() as smsc:
        world.trunk("one", smsc, values={"window": "10"}, rate_per_s=500.0)
        campaign_id = world.campaign("c", numbered(900), in_doubt="assume_sent")
        for rows in (1, 300, 600):
            with Service(world.config) as service:
                wait_until(lambda n=rows: len(records()) >= n, 20, service.said)  # type: ignore[misc]
                service.kill()
            world.db.atomically(lambda tx: tx.execute(free))
        with Service(world.config) as service:
            world.wait_for_counts(campaign_id, {"submitted": 900}, 30)
            wait_until(lambda: world.ask(OUTBOX) == 0, 20, service.said)
    assert len(records()) == 900
    assert len(records("SELECT DISTINCT uniqueid FROM cdr")) == 900
