"""Erasing a number: gone everywhere, counted still, and never taken again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from massivesms.config import Config
from massivesms.domain.numbers import Number, NumberPlan
from massivesms.domain.recipients import Recipient
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import (
    counts,
    erased,
    erasure,
    imports,
    inbound,
    inbound_parts,
    lists,
    messages,
)
from massivesms.store.db import Database
from massivesms.store.imports import RowProblem
from massivesms.vault import NumberHash
from tests.store import examples

PLAN = NumberPlan("34", ("6", "7"), 9, 9)
GONE = Number("+34600000001", True)


@pytest.fixture
def keyed(config: Config, db: Database) -> Iterator[Database]:
    """The database with the key for hashes, as the pages and the service have it."""
    database = Database(config.database, hash_of=NumberHash(config.secret_key))
    yield database
    database.close()


def erase(db: Database) -> erasure.Found:
    return erasure.erase(db, GONE, PLAN, examples.ANA)


def every_text(db: Database) -> str:
    """All that the database has, in one text."""
    with db.transaction() as tx:
        tables = [table for (table,) in tx.tuples("SHOW TABLES")]
        return str([tx.tuples(f"SELECT * FROM `{table}`") for table in tables])


def fill(db: Database) -> int:
    """The number wherever a number can be; the campaign's id."""
    with db.transaction() as tx:
        examples.contacts(tx, "A", 3)
        excluded = examples.contacts(tx, "B", 3)
        row = lists.by_id(tx, excluded)
        assert row
        lists.set_excluded(tx, row, GONE.e164, True, examples.ANA)
        made = examples.campaign(tx, count=4)
        load = imports.create(tx, "file", created_by="ana")
        ways = ("600 00 00 01", "+34600000001", "0034-600-000-001", "(600)000.001/x")
        short = Problem("short", "Too short: %(n)s", n="600000001")
        known = {"tel": "600000001"}
        bad = [RowProblem(n, way, "Hola", short, known) for n, way in enumerate(ways)]
        imports.add_problems(tx, load, [*bad, RowProblem(9, "600000002", None, short)])
        tx.execute(
            "INSERT INTO receipt (trunk_id, smsc_message_id, number, state,"
            " received_at) VALUES (1, 'x', '+34600000001', 'delivered', NOW())"
        )
        tx.execute(
            "INSERT INTO blocked_number (number, source, created_by, created_at)"
            " VALUES ('+34600000001', 'manual', 'ana', UTC_TIMESTAMP(3))"
        )
        mine = inbound.NewInbound(1, GONE.e164, GONE.e164, "5000", "BAJA")
        inbound.add(tx, mine)
        inbound.add(tx, replace(mine, number="", sender=GONE.digits))
        inbound.add(tx, replace(mine, number="+34600000002", sender="+34600000002"))
        part = inbound_parts.Long(1, GONE.e164, "5000", "sar:1", 2, GONE.e164)
        inbound_parts.add(tx, inbound_parts.hold(tx, part), 1, "gsm7", b"600000001")
        tx.execute(
            "INSERT INTO answered (number, kind, day, answers, last_at)"
            " VALUES ('+34600000001', 'all', NOW(), 1, NOW())"
        )
        tx.execute(
            "INSERT INTO call_record_outbox (message_id) SELECT id FROM message"
            " WHERE number = '+34600000001'"
        )
    return made


def test_the_number_is_nowhere_afterwards(keyed: Database) -> None:
    made = fill(keyed)
    with keyed.transaction() as tx:
        before = erasure.look(tx, GONE)
    assert (before.messages, before.waiting, before.lists) == (1, 1, 2)
    found = erase(keyed)
    assert (found.messages, found.waiting, found.lists, found.rows) == (1, 1, 2, 4)
    assert (before.incoming, found.incoming) == (2, 2)
    digits = every_text(keyed).replace(" ", "").replace("-", "").replace(".", "")
    # The reason of the row that is somebody else's has it only in this test.
    assert digits.count("600000001") == 1 and "600000002" in digits
    assert "(600)000001" not in digits
    with keyed.transaction() as tx:
        assert counts.by_state(tx, made) == {"queued": (3, 3), "cancelled": (1, 1)}
        rows = lists.page(tx)
        assert [(r["included"], r["excluded"]) for r in rows] == [(2, 0), (2, 0)]
        assert tx.value("SELECT COUNT(*) FROM call_record_outbox") == 0


def test_the_audit_says_so_with_a_masked_number(keyed: Database) -> None:
    fill(keyed)
    erase(keyed)
    subject = examples.one(
        keyed, "SELECT subject FROM audit WHERE action = 'number.erase'"
    )
    assert subject == "+3460•••001"


@pytest.mark.parametrize(
    ("state", "left"),
    [
        ("delivered", ("delivered", "")),
        ("failed", ("failed", "")),
        ("in_doubt", ("submitted", "")),
        ("submitting", ("submitting", GONE.e164)),
    ],
)
def test_each_state_is_left_as_it_may_be(
    keyed: Database, state: str, left: tuple[str, str]
) -> None:
    with keyed.transaction() as tx:
        made = examples.campaign(tx, count=2)
        trunk_id = examples.trunk(tx)
        ours = examples.claim(tx, made, trunk_id, 2)
        if state == "delivered":
            examples.settle(tx, ours, trunk_id, "submitted")
            tx.execute("UPDATE message SET state = 'delivered'")
        elif state != "submitting":
            examples.settle(tx, ours, trunk_id, state)
    found = erase(keyed)
    assert found.on_their_way == (1 if state == "submitting" else 0)
    with keyed.transaction() as tx:
        row = tx.tuples("SELECT state, number FROM message ORDER BY id")[1]
    assert row == left


def test_every_door_refuses_it(keyed: Database) -> None:
    erase(keyed)
    with keyed.transaction() as tx:
        list_id = examples.contacts(tx, "A", 1)
        with pytest.raises(StoreError, match="erased on request"):
            lists.add_contacts(tx, list_id, [GONE])
        new = messages.NewMessage(GONE.e164, True, 1, "Hola")
        with pytest.raises(StoreError, match="erased on request"):
            messages.enqueue_single(tx, new, campaign_id=1)
        # One that came in at the same moment gets nothing from a campaign.
        lists.add_new_contacts(tx, list_id, [Recipient(GONE, None, 1)])
        made = examples.campaign(tx)
        assert messages.enqueue_list(tx, made, list_id, 1, 1) == 1


def test_it_can_be_let_in_again(keyed: Database) -> None:
    erase(keyed)
    with keyed.transaction() as tx:
        erasure.admit(tx, GONE, examples.ANA)
        assert erased.among(tx, [GONE.e164]) == set()
        with pytest.raises(StoreError, match="was not erased"):
            erasure.admit(tx, GONE, examples.ANA)


def test_the_hash_depends_on_the_key(keyed: Database, config: Config) -> None:
    erase(keyed)
    stored = bytes(examples.one(keyed, "SELECT number_hash FROM erased_number"))
    assert stored == NumberHash(config.secret_key)(GONE.e164)
    assert stored != NumberHash(lambda: b"x" * 32)(GONE.e164)


def test_without_the_key_nothing_is_let_in(keyed: Database, db: Database) -> None:
    with db.transaction() as tx:
        assert erased.among(tx, ["+34600000005"]) == set()
    erase(keyed)
    with pytest.raises(RuntimeError, match="hash_of"), db.transaction() as tx:
        erased.among(tx, ["+34600000005"])
