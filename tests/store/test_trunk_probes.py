"""Probes: their receipts are heard at next to no cost, and they go with the message."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.domain.numbers import Number
from massivesms.domain.singles import Single
from massivesms.engine import housekeeping
from massivesms.store import erasure, receipts, trunk_probes, trunks
from massivesms.store.db import Database, Row, Transaction
from massivesms.store.receipts import Receipt
from massivesms.store.trunks import TrunkDraft
from massivesms.vault import NumberHash
from tests.store import examples
from tests.store.receipt_world import PLAN, Sent, of
from tests.store.test_page_plans import Explaining

NUMBER = "+34600000007"


@pytest.fixture
def sent(db: Database) -> Sent:
    return Sent(db)


def smpp(tx: Transaction, name: str = "Line", kind: str = "smpp") -> int:
    settings = {"host": "127.0.0.1", "port": "2775", "username": "us"}
    return trunks.create(tx, TrunkDraft(name, kind, settings=settings), examples.ANA)


def ask(tx: Transaction, trunk_id: int, number: str = NUMBER) -> int:
    """A probe as a person asks for it; its id."""
    trunk = trunks.by_id(tx, trunk_id)
    assert trunk is not None
    single = Single(Number(number, True), "Hola", 1, None)
    return trunk_probes.request(tx, trunk, single, examples.ANA)


def taken(tx: Transaction, probe_id: int, smsc_id: str) -> None:
    """As if the operator had answered it with that id."""
    tx.execute(
        "UPDATE message m JOIN trunk_probe p ON p.message_id = m.id"
        " SET m.state = 'submitted', m.trunk_id = p.trunk_id, m.submitted_at ="
        " UTC_TIMESTAMP(3), m.claimed_at = UTC_TIMESTAMP(3), m.settled_at ="
        " UTC_TIMESTAMP(3), m.smsc_message_id = %s WHERE p.id = %s",
        (smsc_id, probe_id),
    )


def read(db: Database, probe_id: int) -> Row:
    with db.transaction() as tx:
        found = trunk_probes.by_id(tx, probe_id)
    assert found is not None
    return found


def test_receipts_of_others_ask_for_probes_once_in_a_while(sent: Sent) -> None:
    sent.send("a", "b", "c")
    sent.receive(of(0, "a"))
    with sent.db.transaction() as tx:
        explaining = Explaining(tx)
        explaining._memory = tx._memory
        receipts.record(explaining, sent.trunk_id, [of(1, "b")], PLAN)
    assert sent.states() == ["delivered", "delivered", "submitted"]
    assert [one for one in explaining.asked if "trunk_probe" in one] == []


def test_a_probe_younger_than_what_is_remembered_is_heard(sent: Sent) -> None:
    sent.send("a", "b")
    sent.receive(of(0, "a"))  # no probe is open, which is remembered
    with sent.db.transaction() as tx:
        probe_id = ask(tx, sent.trunk_id)
        taken(tx, probe_id, "p")
    sent.receive(of(1, "b"), of(7, "p"))
    assert sent.states() == ["delivered", "delivered"]
    assert read(sent.db, probe_id)["receipt_id"] == "p"


def test_open_probes_are_read_by_an_index(sent: Sent) -> None:
    sent.send("a")
    with sent.db.transaction() as tx:
        trunk_id = sent.trunk_id
        old = [ask(tx, trunk_id) for _ in range(40)][:38]
        sql = "UPDATE trunk_probe SET requested_at = '2026-01-01' WHERE id IN %(old)s"
        tx.execute(sql, {"old": old})
        plan = tx.rows("EXPLAIN " + trunk_probes.OPEN, {"trunk_id": trunk_id})
        found = tx.tuples(trunk_probes.OPEN, {"trunk_id": trunk_id})
    assert len(found) == 2
    (row,) = [one for one in plan if one["table"] == "p"]
    assert (row["key"], row["type"]) == ("requested", "range"), plan


def test_a_probe_goes_with_its_message(db: Database) -> None:
    with db.transaction() as tx:
        old, young = (ask(tx, examples.trunk(tx, name)) for name in ("A", "B"))
        taken(tx, old, "o")
        sql = (
            "UPDATE message m JOIN trunk_probe p ON p.message_id = m.id"
            " SET m.created_at = '2026-01-01', m.submitted_at = '2026-01-01',"
            " m.settled_at = '2026-01-01' WHERE p.id = %s"
        )
        tx.execute(sql, (old,))
    while housekeeping.purge_old(db, 30):
        pass
    with db.transaction() as tx:
        assert trunk_probes.by_id(tx, old) is None
        assert trunk_probes.by_id(tx, young) is not None


def test_a_probe_is_erased_with_its_number(config: Config, db: Database) -> None:
    keyed = Database(config.database, hash_of=NumberHash(config.secret_key))
    with keyed.transaction() as tx:
        trunk_id = examples.trunk(tx)
        gone, on_its_way = ask(tx, trunk_id), ask(tx, trunk_id)
        other = ask(tx, trunk_id, "+34600000008")
        taken(tx, gone, "g")
        tx.execute(
            "UPDATE message SET state = 'submitting' WHERE id ="
            " (SELECT message_id FROM trunk_probe WHERE id = %s)",
            (on_its_way,),
        )
    erasure.erase(keyed, Number(NUMBER, True), PLAN, examples.ANA)
    with keyed.transaction() as tx:
        left = [one for (one,) in tx.tuples("SELECT id FROM trunk_probe ORDER BY id")]
    keyed.close()
    assert left == [on_its_way, other]  # one that may be in doubt is no rule's


@pytest.mark.parametrize(
    ("kind", "number", "age_s", "is_named"),
    [
        ("smpp", "34600000007", 70, True),
        ("smpp", "", 70, True),
        ("smpp", "34600000008", 70, False),
        ("smpp", "34600000007", 30, False),
        ("smpp", "34600000007", 500, False),
        ("modem", "34600000007", 70, False),
    ],
    ids=[
        *("its number", "no number", "another number"),
        *("may still meet its answer", "from before it", "not by SMPP"),
    ],
)
def test_only_a_receipt_that_may_be_its_own_is_named(
    db: Database, kind: str, number: str, age_s: int, is_named: bool
) -> None:
    with db.transaction() as tx:
        trunk_id = smpp(tx, kind=kind)
        probe_id = ask(tx, trunk_id)
        taken(tx, probe_id, "2a")
        tx.execute(
            "UPDATE trunk_probe SET requested_at = UTC_TIMESTAMP(3)"
            " - INTERVAL 300 SECOND"
        )
        receipts.record(tx, trunk_id, [Receipt("42", "delivered", number=number)], PLAN)
        tx.execute(
            "UPDATE receipt SET received_at = UTC_TIMESTAMP(3) - INTERVAL %s SECOND",
            (age_s,),
        )
        trunk = trunks.by_id(tx, trunk_id)
        assert trunk is not None
        explaining = Explaining(tx)
        row = trunk_probes.by_id(tx, probe_id)
        probe = trunk_probes.of_trunk(explaining, trunk, row)
    assert probe is not None
    assert probe.row["orphan"] == ("42" if is_named else "")
    plans = zip(explaining.asked, explaining.plans, strict=True)
    found = [plan for sql, plan in plans if "FROM receipt " in sql]
    assert bool(found) is (kind == "smpp")
    assert [one["key"] for plan in found for one in plan if one["table"]] == [
        "number" for _ in found
    ]
