"""Retention: old messages lose number and text, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from massivesms.domain.words import Problem
from massivesms.engine import housekeeping
from massivesms.store import (
    campaigns,
    counts,
    imports,
    inbound,
    messages,
    retention,
)
from massivesms.store.db import Database
from massivesms.store.imports import RowProblem
from massivesms.store.messages import NewMessage
from tests.store import examples

FINAL = ("submitted", "delivered", "undelivered", "expired", "rejected", "failed")
FINAL += ("cancelled", "skipped")
OPEN = ("queued", "submitting", "in_doubt")


def campaign(db: Database, name: str, *states: str, days: int = 40) -> int:
    """A closed campaign with a message in each state, so many days old."""
    with db.transaction() as tx:
        made = examples.campaign(tx, name)
        own = [NewMessage(examples.number(n).e164, True, 1, "Suyo") for n in (1, 2)]
        plain = examples.new_messages(len(states) - 2, first=3)
        messages.enqueue(tx, made, [*own, *plain])
        sql = f"SELECT id FROM message WHERE campaign_id = {made} ORDER BY id"
        for (message_id,), state in zip(tx.tuples(sql), states, strict=True):
            tx.execute(
                "UPDATE message SET state = %s, result_code = %s,"
                " result_detail = 'to 600111222' WHERE id = %s",
                (state, state, message_id),
            )
        age(tx, "message", days, f"campaign_id = {made}")
        age(tx, "campaign", days, f"id = {made}")
        tx.execute(f"UPDATE campaign SET open = 0 WHERE id = {made}")
    return made


def age(tx: Any, table: str, days: int, where: str) -> None:
    tx.execute(
        f"UPDATE {table} SET created_at = UTC_TIMESTAMP(3) - INTERVAL {days} DAY"
        f" WHERE {where}"
    )


def purge(db: Database, days: int = 30) -> None:
    for _ in range(200):
        if not housekeeping.purge_old(db, days):
            return
    raise AssertionError("it never ends")


def look(db: Database, campaign_id: int) -> list[tuple[str, str, str | None]]:
    with db.transaction() as tx:
        return list(
            tx.tuples(
                "SELECT state, number, text FROM message"
                f" WHERE campaign_id = {campaign_id} ORDER BY id"
            )
        )


def test_final_messages_lose_number_and_text_and_counts_stay(db: Database) -> None:
    made = campaign(db, "Vieja", *FINAL)
    with db.transaction() as tx:
        before = counts.by_state(tx, made)
    purge(db)
    found = look(db, made)
    assert [state for state, _, _ in found] == list(FINAL)
    assert {number for _, number, _ in found} == {""}
    assert {text for _, _, text in found} == {"", None}
    with db.transaction() as tx:
        assert counts.by_state(tx, made) == before
        row = campaigns.by_id(tx, made)
        left = tx.value("SELECT COUNT(*) FROM message WHERE result_detail > ''")
    assert row and row["text"] == "" and row["purged_at"]
    assert left == 1  # of the cancelled one: who cancelled it


def test_what_is_open_or_in_doubt_stays_whole(db: Database) -> None:
    made = campaign(db, "Abierta", "delivered", *OPEN)
    purge(db)
    assert [bool(number) for _, number, _ in look(db, made)] == [
        False,
        True,
        True,
        True,
    ]
    with db.transaction() as tx:
        row = campaigns.by_id(tx, made)
    assert row and row["text"] == "Hola"


def test_what_is_young_stays(db: Database) -> None:
    young = campaign(db, "Nueva", *FINAL, days=20)
    purge(db)
    assert all(number for _, number, _ in look(db, young))


def test_what_was_made_long_ago_and_sent_today_stays(db: Database) -> None:
    made = campaign(db, "Aplazada", "delivered", "delivered")
    with db.transaction() as tx:
        tx.execute("UPDATE message SET settled_at = UTC_TIMESTAMP(3)")
    purge(db)
    assert all(number for _, number, _ in look(db, made))


def test_for_ever_is_for_ever(db: Database) -> None:
    made = campaign(db, "Vieja", *FINAL)
    assert not housekeeping.purge_old(db, None)
    assert all(number for _, number, _ in look(db, made))


def test_it_goes_step_by_step_from_where_it_was(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 3)
    made = campaign(db, "Vieja", *FINAL)
    assert housekeeping.purge_old(db, 30)
    assert [bool(n) for _, n, _ in look(db, made)] == [False] * 3 + [True] * 5
    purge(db)
    assert not any(n for _, n, _ in look(db, made))


def test_the_next_pass_comes_a_day_later_and_finds_what_had_to_stay(
    db: Database,
) -> None:
    made = campaign(db, "Vieja", "in_doubt", *FINAL)
    purge(db)
    with db.transaction() as tx:
        tx.execute("UPDATE message SET state = 'submitted' WHERE state = 'in_doubt'")
    purge(db)
    assert any(n for _, n, _ in look(db, made)), "not before a day has passed"
    with db.transaction() as tx:
        tx.execute("UPDATE purge_progress SET finished_at = '2020-01-01'")
    purge(db)
    assert not any(n for _, n, _ in look(db, made))


def test_fewer_days_are_followed_at_once(db: Database) -> None:
    made = campaign(db, "Media", *FINAL, days=20)
    purge(db, 30)
    purge(db, 10)
    assert not any(n for _, n, _ in look(db, made))


def test_rows_of_old_loads_go_and_lists_stay(db: Database) -> None:
    problem = RowProblem(1, "600", "texto", Problem("short", "Too short"))
    with db.transaction() as tx:
        list_id = examples.contacts(tx, count=3)
        old = imports.create(tx, "file", created_by="ana", list_id=list_id)
        new = imports.create(tx, "file", created_by="ana", list_id=list_id)
        for import_id in (old, new):
            imports.add_problems(tx, import_id, [problem])
        age(tx, "import", 40, f"id = {old}")
        age(tx, "contact", 400, "1 = 1")
    purge(db)
    with db.transaction() as tx:
        assert tx.tuples("SELECT import_id FROM import_problem") == ((new,),)
        assert tx.value("SELECT COUNT(*) FROM contact") == 3
        assert imports.by_id(tx, old)


def test_incoming_messages_lose_number_and_text_too(db: Database) -> None:
    with db.transaction() as tx:
        for n in range(5):
            number = f"+3460000000{n}"
            new = inbound.NewInbound(1, number, number, "5000", f"Texto {n}")
            inbound.add(tx, new)
        tx.execute(
            "UPDATE inbound_message SET handled = 'opt_out', received_at ="
            " received_at - INTERVAL 40 DAY ORDER BY id LIMIT 3"
        )
    purge(db)
    sql = "SELECT number, sender, text, handled FROM inbound_message ORDER BY id"
    with db.transaction() as tx:
        found = tx.tuples(sql)
    assert found[:3] == (("", "", "", "opt_out"),) * 3
    assert found[3] == ("+34600000003", "+34600000003", "Texto 3", "")
    with db.transaction() as tx:
        tx.execute("UPDATE inbound_message SET received_at = '2020-01-01'")
    purge(db)
    with db.transaction() as tx:
        assert {row[:3] for row in tx.tuples(sql)} == {("", "", "")}
