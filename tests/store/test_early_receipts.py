"""Receipts that no message is met by yet: they wait, are tried again, and are left."""

from __future__ import annotations

import pytest

from massivesms.store import counts, receipts
from massivesms.store.db import Database
from tests.store.receipt_world import Sent, of


@pytest.fixture
def sent(db: Database) -> Sent:
    return Sent(db)


def test_an_early_receipt_waits_for_the_answer(sent: Sent) -> None:
    first, second = sent.claim("+34600000000", "+34600000001")
    assert sent.receive(of(0, "a"), of(0, "a"), of(1, "b", "expired")) == 3
    sent.settle(first, ["a"])
    assert sent.states() == ["delivered", "submitting"]
    sent.settle(second, ["b"])
    assert sent.states() == ["delivered", "expired"]
    assert sent.kept == 0
    assert sent.counts() == {"delivered": 1, "expired": 1}


def test_early_receipts_of_a_long_message_wait_for_all_answers(sent: Sent) -> None:
    (one,) = sent.claim("+34600000999", segments=2)
    sent.receive(of(999, "s1"), of(999, "s2"))
    sent.settle(one, ["s1", "s2"])
    assert (sent.states(), sent.kept) == (["delivered"], 0)


def test_a_receipt_stored_at_the_moment_of_its_answer_is_met_a_little_later(
    sent: Sent,
) -> None:
    (one,) = sent.claim("+34600000000")
    sent.receive(of(0, "a"))
    with sent.db.transaction() as tx:  # the settling did not see it yet
        tx.execute("UPDATE receipt SET smsc_message_id = 'unseen'")
    sent.settle(one, ["a"])
    with sent.db.transaction() as tx:
        tx.execute("UPDATE receipt SET smsc_message_id = 'a'")
    assert sent.again() == 1
    assert (sent.states(), sent.kept) == (["delivered"], 0)


def test_an_unknown_receipt_is_tried_twice_more_and_then_left(sent: Sent) -> None:
    sent.receive(of(0, "nobody"))
    due = "SELECT TIMESTAMPDIFF(SECOND, received_at, retry_at) FROM receipt"
    assert sent.ask(due) == receipts.RETRY_S
    assert sent.again() == 0
    assert sent.ask(due) == receipts.LAST_RETRY_S
    with sent.db.transaction() as tx:
        tx.execute("UPDATE receipt SET received_at = received_at - INTERVAL 1 HOUR")
    assert sent.again() == 0
    assert sent.ask(due) is None
    assert sent.kept == 1


def test_orphans_are_those_that_can_meet_no_answer_any_more(sent: Sent) -> None:
    sent.receive(of(0, "u1"), of(1, "u2"))
    with sent.db.transaction() as tx:
        assert receipts.orphans_total(tx) == 0
        tx.execute(
            "UPDATE receipt SET received_at = received_at - INTERVAL 61 SECOND"
            " WHERE smsc_message_id = 'u1'"
        )
    with sent.db.transaction() as tx:
        assert receipts.orphans_total(tx) == 1
        assert receipts.orphans_total(tx, sent.trunk_id) == 1
        assert receipts.orphans_total(tx, sent.trunk_id + 1) == 0
        (row,) = receipts.orphans(tx)
    assert (row["smsc_message_id"], row["number"]) == ("u1", "+34600000000")


def test_millions_of_orphans_are_not_counted(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"LIMIT {receipts.COUNTED_MOST}" in receipts.TOTAL
    assert f"LIMIT {receipts.COUNTED_MOST}" in receipts.TOTAL_OF


def test_counts_are_written_by_the_caller_of_what_waits(sent: Sent) -> None:
    (one,) = sent.claim("+34600000000")
    sent.receive(of(0, "a"))
    with sent.db.transaction() as tx:
        assert receipts.match_waiting(tx, sent.trunk_id, ["a"], counts.Changes()) == 0
    sent.settle(one, ["a"])
    assert sent.counts() == {"delivered": 1}
