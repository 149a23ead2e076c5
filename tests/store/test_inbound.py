"""Incoming messages in the table: many at once, each with its id."""

from __future__ import annotations

import pytest

from massivesms.store import inbound
from massivesms.store.db import Database
from massivesms.store.inbound import NewInbound


@pytest.mark.parametrize("step", [1, 3], ids=["one server", "a cluster"])
def test_many_at_once_get_their_own_ids(
    db: Database, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(inbound, "ROWS", 4)
    new = [NewInbound(1, "", f"S{n}", "5000", f"Texto {n}") for n in range(10)]
    with db.transaction() as tx:
        tx.execute("SET SESSION auto_increment_increment = %s", (step,))
        ids = inbound.add_all(tx, new, {})
        rows = [inbound.by_id(tx, one) for one in ids]
        tx.execute("SET SESSION auto_increment_increment = 1")
    assert [row["text"] for row in rows if row] == [one.text for one in new]


def test_a_long_text_is_stored_whole(db: Database) -> None:
    text = "\x00😀" * 20_000
    with db.transaction() as tx:
        one = inbound.add(tx, NewInbound(1, "", "x" * 40, "y" * 40, text, 255))
        row = inbound.by_id(tx, one)
    assert row
    assert (row["text"], row["sender"], row["parts"]) == (text, "x" * 32, 255)
