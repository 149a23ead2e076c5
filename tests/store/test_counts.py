"""Counts by state equal the messages there are, whatever happened in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID, Draft
from massivesms.domain.number_plan import NumberPlan
from massivesms.domain.states import TRANSITIONS, MessageState
from massivesms.errors import StoreError
from massivesms.store import (
    campaigns,
    claims,
    counts,
    doubts,
    messages,
    receipts,
    recovery,
    settlements,
)
from massivesms.store.claims import Claimed
from massivesms.store.db import Database, Transaction
from massivesms.store.doubts import DoubtDecision
from massivesms.store.messages import Filter, NewMessage
from massivesms.store.receipts import Receipt
from massivesms.store.settlements import Settlement
from tests.store import examples

REAL = """
SELECT campaign_id, state, COUNT(*), SUM(segments) FROM message
GROUP BY campaign_id, state"""
STORED = """
SELECT campaign_id, state, SUM(messages), SUM(segments) FROM campaign_count
GROUP BY campaign_id, state HAVING SUM(messages) <> 0 OR SUM(segments) <> 0"""
BAD = ("undelivered", "expired", "rejected", "skipped", "cancelled", "failed")
REAL_RESULTS = """
SELECT campaign_id, state, result_code, COUNT(*), SUM(segments) FROM message
WHERE state IN %(bad)s GROUP BY campaign_id, state, result_code"""
STORED_RESULTS = """
SELECT campaign_id, state, result_code, SUM(messages), SUM(segments)
FROM campaign_result GROUP BY campaign_id, state, result_code"""
NOT_FOUND_BY_TIME = """
SELECT m.id, m.state FROM message m WHERE m.state NOT IN ('queued', 'submitting')
  AND NOT EXISTS (SELECT 1 FROM traffic t
    WHERE t.campaign_id = m.campaign_id AND t.state = m.state
      AND m.id BETWEEN t.first_id AND t.last_id)"""
EMPTIED = (
    *("message", "campaign_count", "segment", "receipt", "trunk"),
    *("traffic", "campaign_result"),
)
ENDS = sorted(set(TRANSITIONS[MessageState.SUBMITTING]))
RECEIPTS = ["delivered", "undelivered", "expired", "rejected", "submitted"]


class Life(RuleBasedStateMachine):
    """Two campaigns, two trunks, and everything that may happen to a message."""

    db: Database

    def __init__(self) -> None:
        super().__init__()
        with self.db.transaction() as tx:
            for table in EMPTIED:
                tx.execute(f"DELETE FROM {table}")
            tx.execute("DELETE FROM campaign WHERE id <> 1")
            self.campaigns = [examples.campaign(tx, name) for name in ("A", "B")]
            self.trunks = [examples.trunk(tx, name) for name in ("X", "Y")]
        self.held: dict[int, list[Claimed]] = {t: [] for t in self.trunks}
        self.known_ids: list[tuple[int, str]] = []
        self.next_id = 0

    @rule(which=st.integers(0, 1), count=st.integers(1, 4), segments=st.integers(1, 3))
    def enqueue(self, which: int, count: int, segments: int) -> None:
        new = examples.new_messages(count, segments=segments)
        with self.db.transaction() as tx:
            messages.enqueue(tx, self.campaigns[which], new)

    @rule(which=st.integers(-1, 1))
    def enqueue_single(self, which: int) -> None:
        new = NewMessage("+34600999999", True, 2, "own")
        with self.db.transaction() as tx:
            messages.enqueue_single(
                tx,
                new,
                campaign_id=OUTPUT_QUEUE_ID,
                trunk_id=self.trunks[which] if which >= 0 else None,
            )

    @rule(which=st.integers(0, 2), trunk=st.integers(0, 1), count=st.integers(1, 3))
    def claim(self, which: int, trunk: int, count: int) -> None:
        trunk_id = self.trunks[trunk]
        campaign_id = [*self.campaigns, OUTPUT_QUEUE_ID][which]
        with self.db.transaction() as tx:
            wanted = claims.candidates(tx, campaign_id, trunk_id, count)
            wanted += claims.candidates(tx, campaign_id, 0, count)
            self.held[trunk_id] += claims.claim(tx, wanted, trunk_id, trunk_id)

    @rule(trunk=st.integers(0, 1), data=st.data(), checked=st.booleans())
    def settle(self, trunk: int, data: st.DataObject, checked: bool) -> None:
        trunk_id = self.trunks[trunk]
        settled = [self._settlement(c, data) for c in self.held[trunk_id]]
        changes = counts.Changes()
        with self.db.transaction() as tx:
            settlements.settle(
                tx, settled, trunk_id, trunk_id, changes, checked=checked
            )
            ids = [i for s in settled for i in s.ids]
            receipts.match_waiting(tx, trunk_id, ids, changes)
            changes.write(tx)
        self.known_ids += [(trunk_id, i) for i in ids]
        self.held[trunk_id] = []

    def _settlement(self, claimed: Claimed, data: st.DataObject) -> Settlement:
        state = str(data.draw(st.sampled_from(ENDS)))
        more: dict[str, Any] = {}
        if state == "submitted":
            self.next_id += claimed.segments
            first = self.next_id
            more["ids"] = [f"ID{first + n}" for n in range(claimed.segments)]
        return Settlement(
            claimed.message_id, claimed.campaign_id, claimed.segments, state, **more
        )

    @rule(trunk=st.integers(0, 1), late=st.sampled_from(["submitted", "failed"]))
    def recover_and_answer_late(self, trunk: int, late: str) -> None:
        trunk_id = self.trunks[trunk]
        held, self.held[trunk_id] = self.held[trunk_id], []
        with self.db.transaction() as tx:
            total = recovery.recover(tx, trunk_id, trunk_id, "service_died")
        assert total == len(held)
        answered = held[: len(held) // 2]
        with self.db.transaction() as tx:
            settled = [
                Settlement(
                    c.message_id,
                    c.campaign_id,
                    c.segments,
                    late,
                    ids=["L"] * c.segments if late == "submitted" else (),
                )
                for c in answered
            ]
            settlements.settle(tx, settled, trunk_id, trunk_id, checked=True)

    @rule(states=st.lists(st.sampled_from(RECEIPTS), max_size=4), data=st.data())
    def receive(self, states: list[str], data: st.DataObject) -> None:
        known = [*self.known_ids, (self.trunks[0], "early" + str(self.next_id + 1))]
        by_trunk: dict[int, list[Receipt]] = {}
        for state in states:
            trunk_id, smsc_id = data.draw(st.sampled_from(known))
            receipt = Receipt(smsc_id.replace("early", "ID"), state)
            by_trunk.setdefault(trunk_id, []).append(receipt)
        for trunk_id, batch in by_trunk.items():
            with self.db.transaction() as tx:
                receipts.record(tx, trunk_id, batch, NumberPlan())

    @rule(finds=st.booleans())
    def match_kept_receipts_again(self, finds: bool) -> None:
        with self.db.transaction() as tx:
            tx.execute("UPDATE receipt SET retry_at = '2000-01-01'")
            receipts.match_again(tx, self.trunks if finds else ())

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        with self.db.transaction() as tx:
            found = messages.page(tx, Filter(newest_first=True), limit=5)
            if found:
                messages.cancel(tx, data.draw(st.sampled_from(found)), "ana")

    @rule(which=st.integers(0, 1), decision=st.sampled_from(list(DoubtDecision)))
    def decide_doubts(self, which: int, decision: DoubtDecision) -> None:
        with self.db.transaction() as tx:
            row = campaigns.by_id(tx, self.campaigns[which])
            assert row is not None
            decided = doubts.decide(tx, row, decision, examples.ANA)
        assert decided == row["counts"].get("in_doubt", 0)

    @rule()
    def fail_a_waiting_one(self) -> None:
        with self.db.transaction() as tx:
            waiting = claims.candidates(tx, self.campaigns[0], 0, 1)
            for c in waiting:
                recovery.fail_waiting(tx, c.campaign_id, c.message_id, "no_trunk_left")

    @rule(segments=st.integers(1, 4))
    def change_the_text(self, segments: int) -> None:
        with self.db.transaction() as tx:
            row = campaigns.by_id(tx, self.campaigns[1])
            assert row is not None
            draft = Draft("B", f"text of {segments}")
            if set(counts.by_state(tx, row["id"])) <= {"queued"}:
                campaigns.update(tx, row, draft, segments, examples.ANA)
                return
        with pytest.raises(StoreError), self.db.transaction() as tx:
            campaigns.update(tx, row, draft, segments, examples.ANA)

    @invariant()
    def counts_are_real(self) -> None:
        with self.db.transaction() as tx:
            assert table(tx, STORED) == table(tx, REAL)
            assert min(by_state(tx).values(), default=0) >= 0

    @invariant()
    def bad_ends_are_counted_by_reason(self) -> None:
        with self.db.transaction() as tx:
            real = {
                (c, s, why or "", int(n), int(g))
                for c, s, why, n, g in tx.tuples(REAL_RESULTS, {"bad": BAD})
            }
            stored = {
                (c, s, why, int(n), int(g))
                for c, s, why, n, g in tx.tuples(STORED_RESULTS)
            }
        assert stored == real

    @invariant()
    def what_became_of_a_message_is_found_by_its_time(self) -> None:
        with self.db.transaction() as tx:
            assert not tx.tuples(NOT_FOUND_BY_TIME)

    @invariant()
    def no_row_is_held_by_nobody(self) -> None:
        with self.db.transaction() as tx:
            submitting = tx.value(
                "SELECT COUNT(*) FROM message WHERE state = 'submitting'"
            )
        assert submitting == sum(map(len, self.held.values()))


def table(tx: Transaction, sql: str) -> set[tuple[int, ...]]:
    return {(c, s, int(n), int(g)) for c, s, n, g in tx.tuples(sql)}


def by_state(tx: Transaction) -> dict[tuple[int, str], int]:
    return {(c, s): n for c, s, n, _ in table(tx, STORED)}  # type: ignore[misc]


def test_counts_equal_the_messages_after_any_sequence(db: Database) -> None:
    Life.db = db
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Life,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
