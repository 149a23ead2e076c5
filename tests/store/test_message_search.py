"""Looking for messages: every filter brings just its messages, each of them once.

What SQL without any index would find is the measure; looks are made so short that
each ends in the middle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest

from massivesms.store import message_spans, messages
from massivesms.store.db import Database, Transaction
from massivesms.store.messages import Filter
from tests.store import examples

STATES = ("queued", "submitted", "delivered", "undelivered", "failed", "in_doubt")
FILL = """
INSERT INTO message (campaign_id, state, number, segments, trunk_id, import_id,
  created_by, created_at, submitted_at, settled_at, result_code, result_detail, lane,
  due_at)
SELECT c, state, CONCAT('+346', LPAD(MOD(seq * 7368787, 100000000), 8, '0')), 1,
  IF(state = 'queued', NULL, 1 + seq % 2), c * 10 + seq % 2,
  IF(c = 1, ELT(1 + seq % 3, 'ana', 'eva', NULL), NULL),
  created_at, IF(state IN ('queued', 'failed'), NULL, at),
  IF(state = 'queued', NULL, at),
  CASE state WHEN 'failed' THEN IF(seq % 20 = 4, 'rare', 'smpp_0000000B')
             WHEN 'undelivered' THEN 'receipt_undelivered' END,
  IF(state = 'undelivered', LPAD(seq % 3, 3, '0'), NULL),
  IF(seq % 11 = 0, 1, 2), IF(seq % 13 = 0, '2026-05-01', '2000-01-01')
FROM (
  SELECT seq, c, created_at, created_at + INTERVAL (seq % 5) HOUR AS at,
    IF(c = 1 + seq DIV 100 AND seq % 50 > 44, 'queued',
       ELT(1 + seq * 7 % 6, 'delivered', 'delivered', 'submitted', 'undelivered',
           'failed', 'in_doubt')) AS state
  FROM (SELECT seq, IF(seq % 9 = 0, 1, 2 + seq DIV 150) AS c,
          TIMESTAMP('2026-03-01') + INTERVAL seq DIV 2 HOUR AS created_at
        FROM seq_1_to_600) numbered
) made"""
TRAFFIC = """
INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments,
  first_id, last_id)
SELECT DATE_FORMAT(settled_at, IF(settled_at < '2026-03-06', '%Y-%m-%d %H:00:00',
                                  '%Y-%m-%d %H:%i:00')) AS at,
  campaign_id, trunk_id, state, COUNT(*), COUNT(*), MIN(id), MAX(id)
FROM message WHERE state <> 'queued' GROUP BY at, campaign_id, trunk_id, state"""
WHEN = """IF(m.state = 'queued', m.created_at,
  COALESCE(m.submitted_at, m.settled_at, m.created_at))"""


@pytest.fixture
def filled(db: Database) -> Database:
    """Six hundred messages of five campaigns over a fortnight, with gaps."""
    with db.transaction() as tx:
        for n, user in enumerate(("ana", "eva", "ana", "eva"), 2):
            made = examples.campaign(tx, f"Campaign {n}")
            values = {"id": n, "made": made, "user": user}
            tx.execute(
                "UPDATE campaign SET id = %(id)s, created_by = %(user)s"
                " WHERE id = %(made)s",
                values,
            )
            for part in (0, 1):
                tx.execute(
                    "INSERT INTO import (id, kind, campaign_id, created_by, created_at)"
                    " VALUES (%s, 'file', %s, 'ana', UTC_TIMESTAMP())",
                    (n * 10 + part, n),
                )
        tx.execute(FILL)
        tx.execute("DELETE FROM message WHERE number LIKE '%%3'", ())
        examples.recount(tx)
        tx.execute(TRAFFIC)
    return db


def looked(tx: Transaction, wanted: Filter, **how: Any) -> Iterator[int]:
    """All ids, a few messages at a time; the time is always up."""
    after = None
    while True:
        found = messages.look(
            tx, wanted, after=after, limit=40, patience_s=0, step=90, **how
        )
        yield from (row["id"] for row in found.rows)
        if found.following is None:
            return
        after = found.following


def plainly(tx: Transaction, wanted: Filter) -> list[int]:
    """The same by a search that knows no way."""
    values = {
        "campaign": wanted.campaign_id,
        "states": wanted.states or STATES,
        "number": "|".join(s.replace("+", "[+]") for s in wanted.number_starts),
        "trunk": wanted.trunk_id,
        "import": wanted.import_id,
        "user": wanted.user,
        "start": (wanted.start or datetime(2000, 1, 1)).replace(tzinfo=None),
        "end": (wanted.end or datetime(3000, 1, 1)).replace(tzinfo=None),
        "result": wanted.result,
        "detail": wanted.detail,
    }
    sql = f"""
        SELECT m.id FROM message m JOIN campaign c ON c.id = m.campaign_id
        WHERE (%(campaign)s IS NULL OR m.campaign_id = %(campaign)s)
          AND m.state IN %(states)s
          AND (%(number)s = '' OR m.number REGEXP CONCAT('^(', %(number)s, ')'))
          AND (%(trunk)s IS NULL OR m.trunk_id = %(trunk)s)
          AND (%(import)s IS NULL OR m.import_id = %(import)s)
          AND (%(user)s = '' OR COALESCE(m.created_by, c.created_by) = %(user)s)
          AND {WHEN} >= %(start)s AND {WHEN} < %(end)s
          AND (%(result)s = '' OR m.result_code = %(result)s)
          AND (%(detail)s = '' OR m.result_detail = %(detail)s)
        ORDER BY m.id"""
    return [found for (found,) in tx.tuples(sql, values)]


def day(n: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, n, hour, tzinfo=UTC)


PARTS: list[dict[str, Any]] = [
    {},
    {"states": ("failed",)},
    {"states": ("queued", "in_doubt")},
    {"states": ("cancelled",)},
    {"number_starts": ("+3461", "+3462")},
    {"number_starts": ("+34607368787",)},
    {"trunk_id": 1},
    {"trunk_id": 9},
    {"user": "ana"},
    {"user": "nobody"},
    {"result": "rare"},
    {"detail": "002"},
]
PLACES: list[dict[str, Any]] = [
    {},
    {"campaign_id": 1},
    {"campaign_id": 3},
    {"import_id": 31},
    {"import_id": 99},
    {"start": day(4), "end": day(5)},
    {"start": day(8, 6)},
    {"end": day(2)},
    {"start": day(20)},
    {"campaign_id": 4, "start": day(7), "end": day(7, 3)},
]


@pytest.mark.parametrize("few", [0, 20_000], ids=["many", "few"])
def test_every_combination_brings_just_its_messages(
    filled: Database, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr("massivesms.store.message_ways.FEW", few)
    monkeypatch.setattr("massivesms.store.message_ways.FEW_TO_LOOK_AT", few)
    brought = 0
    with filled.transaction() as tx:
        for part, place in product(PARTS, PLACES):
            wanted = Filter(**part, **place)
            expected = plainly(tx, wanted)
            brought += len(expected)
            asked = replace(wanted, newest_first=bool(brought % 2))
            found = list(looked(tx, asked))
            assert len(found) == len(set(found)), (asked, "twice")
            assert sorted(found) == expected, asked
            steady = list(looked(tx, asked, stable=True))
            assert steady == sorted(expected, reverse=asked.newest_first), asked
    assert brought > 1000


def test_all_of_them_come_by_id_whatever_is_read_at_once(filled: Database) -> None:
    for part, place in product(PARTS, PLACES):
        wanted = Filter(**part, **place)
        batches = list(messages.every(filled, wanted))
        with filled.transaction() as tx:
            expected = plainly(tx, wanted)
        assert [row["id"] for batch in batches for row in batch.rows] == expected
        assert batches[-1].share == 1.0


def test_what_comes_while_all_are_read_is_not_among_them(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.store.message_search.ROWS_AT_ONCE", 50)
    with filled.transaction() as tx:
        expected = plainly(tx, Filter())
    found = []
    for batch in messages.every(filled, Filter()):
        found += [row["id"] for row in batch.rows]
        with filled.transaction() as tx:
            messages.enqueue(tx, 1, examples.new_messages(20))
    assert found == expected


def test_messages_that_change_meanwhile_come_once(
    filled: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None twice and none missing, though each changes its state and its lane."""
    monkeypatch.setattr("massivesms.store.message_search.ROWS_AT_ONCE", 20)
    wanted = Filter(campaign_id=3, states=("submitted", "delivered"))
    with filled.transaction() as tx:
        expected = plainly(tx, wanted)
    found = []
    for batch in messages.every(filled, wanted):
        found += [row["id"] for row in batch.rows]
        with filled.transaction() as tx:
            tx.execute(
                "UPDATE message SET lane = 3 - lane, state = IF(state = 'submitted',"
                " 'delivered', 'submitted') WHERE state IN ('submitted', 'delivered')"
            )
    assert found == expected


def test_a_look_stops_when_its_time_is_up_and_says_where(filled: Database) -> None:
    wanted = Filter(result="none_has_it", newest_first=True)
    with filled.transaction() as tx:
        newest = tx.value("SELECT MAX(id) FROM message")
        found = messages.look(tx, wanted, patience_s=0, step=50)
        assert found.is_unfinished and not found.rows
        assert found.following == newest - 49
        patient = messages.look(tx, wanted, patience_s=60, step=50)
    assert patient == messages.Found([])


def test_what_cannot_be_is_known_without_a_look(filled: Database) -> None:
    """No statement on messages: a state that nobody has, a trunk without history."""
    for wanted in (
        Filter(states=("expired",)),
        Filter(trunk_id=77),
        Filter(import_id=77, states=("failed",)),
        Filter(start=day(30)),
    ):
        with filled.transaction() as tx:
            assert messages.look(tx, wanted, patience_s=0, step=1) == messages.Found([])


@pytest.mark.parametrize(
    ("some", "others", "both"),
    [
        ([(1, 10)], [(3, 4), (6, 20)], [(3, 4), (6, 10)]),
        ([(1, 2), (5, 9)], [(2, 5)], [(2, 2), (5, 5)]),
        ([], [(1, 2)], []),
    ],
)
def test_what_two_spans_have_in_common(
    some: list[message_spans.Span],
    others: list[message_spans.Span],
    both: list[message_spans.Span],
) -> None:
    assert message_spans.common(some, others) == both


def test_spans_that_overlap_or_touch_are_one() -> None:
    assert message_spans.merged([(5, 9), (1, 4), (11, 12), (6, 7)]) == [
        (1, 9),
        (11, 12),
    ]
