"""Messages in doubt: what is known of each, page by page, and decisions in batches."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from massivesms.store import campaigns, counts, doubts
from massivesms.store.db import Database, Row, Transaction
from massivesms.store.doubts import DoubtDecision, read_place
from tests.store import examples
from tests.store.examples import ANA, audited, one


def doubtful(db: Database, name: str, count: int, segments: int = 1) -> list[int]:
    """A campaign of which all messages are in doubt; their ids."""
    with db.transaction() as tx:
        trunk_id = tx.value("SELECT MIN(id) FROM trunk") or examples.trunk(tx)
        made = campaigns.create(tx, campaigns.Draft(name, "Hola"), ANA)
        new = examples.new_messages(count, segments=segments)
        examples.messages.enqueue(tx, made, new)
        ours = examples.claim(tx, made, trunk_id, count)
        examples.settle(tx, ours, trunk_id, "in_doubt", code="answer_timeout")
    return [c.message_id for c in ours]


def row_of(tx: Transaction, message_id: int) -> Row:
    found = tx.row("SELECT campaign_id FROM message WHERE id = %s", (message_id,))
    assert found
    row = campaigns.by_id(tx, found["campaign_id"])
    assert row
    return row


def states(db: Database, ids: Sequence[int]) -> list[str]:
    with db.transaction() as tx:
        sql = "SELECT state FROM message WHERE id IN %(ids)s ORDER BY id"
        return [state for (state,) in tx.tuples(sql, {"ids": list(ids)})]


def test_everything_in_doubt_is_read_page_by_page(db: Database) -> None:
    wanted = doubtful(db, "A", 5) + doubtful(db, "B", 4)
    seen, after = [], None
    while True:
        with db.transaction() as tx:
            rows = doubts.page(tx, after=after, limit=2)
        if not rows:
            break
        seen += [row["id"] for row in rows]
        after = read_place(str(rows[-1]["place"]))
    assert seen == wanted


def test_a_page_goes_on_though_its_last_message_is_settled(db: Database) -> None:
    ids = doubtful(db, "A", 4)
    with db.transaction() as tx:
        rows = doubts.page(tx, limit=2)
        campaign = row_of(tx, ids[0])
        doubts.decide(tx, campaign, DoubtDecision.RESEND, ANA, ids=ids[:2])
        later = doubts.page(tx, after=rows[-1]["place"], limit=2)
    assert [row["id"] for row in later] == ids[2:]


@pytest.mark.parametrize("text", ["", "1", "1.2.3.4.5", "x.0.0.20260101000000000000.1"])
def test_a_place_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_place(text)


def test_what_is_known_of_a_message_in_doubt_is_told(db: Database) -> None:
    (message_id,) = doubtful(db, "A", 1, segments=3)
    with db.transaction() as tx:
        row = doubts.page(tx)[0]
        assert (row["campaign"], row["text"], row["answered"]) == ("A", "Hola", 0)
        assert row["result_code"] == "answer_timeout"
        assert row["left_at"] is not None and row["receipt"] is None
        for position in (1, 2):
            tx.execute(
                "INSERT INTO segment (message_id, position, trunk_id, smsc_message_id)"
                " VALUES (%s, %s, %s, %s)",
                (message_id, position, row["trunk_id"], f"S{position}"),
            )
        assert doubts.page(tx)[0]["answered"] == 2


@pytest.mark.parametrize(
    ("number", "trunk", "minutes", "is_shown"),
    [
        ("+34600000000", 0, 1, True),
        ("34600000000", 0, 1, True),
        ("+34600000000", 1, 1, False),
        ("+34600000009", 0, 1, False),
        ("+34600000000", 0, -1, False),
    ],
    ids=["its own", "without +", "other trunk", "other number", "older"],
)
def test_a_receipt_that_may_be_its_own_is_shown(
    db: Database, number: str, trunk: int, minutes: int, is_shown: bool
) -> None:
    doubtful(db, "A", 1)
    with db.transaction() as tx:
        trunk_id = doubts.page(tx)[0]["trunk_id"] + trunk
        tx.execute(
            "INSERT INTO receipt (trunk_id, smsc_message_id, number, state,"
            " received_at) VALUES (%s, 'R1', %s, 'delivered',"
            " UTC_TIMESTAMP(3) + INTERVAL %s MINUTE)",
            (trunk_id, number, minutes),
        )
        receipt = doubts.page(tx)[0]["receipt"]
    assert (receipt is not None) == is_shown


def test_chosen_messages_are_settled_and_the_others_left(db: Database) -> None:
    ids = doubtful(db, "A", 3)
    with db.transaction() as tx:
        campaign = row_of(tx, ids[0])
        chosen = [ids[0], ids[2], 999_999]
        done = doubts.decide(tx, campaign, DoubtDecision.RESEND, ANA, ids=chosen)
        have = {
            state: n for state, (n, _) in counts.by_state(tx, campaign["id"]).items()
        }
    assert done == 2
    assert states(db, ids) == ["queued", "in_doubt", "queued"]
    assert have == {"queued": 2, "in_doubt": 1}
    assert audited(db)[-1] == "campaign.resend"


def test_what_was_settled_meanwhile_stays_as_it_is(db: Database) -> None:
    ids = doubtful(db, "A", 2)
    with db.transaction() as tx:
        campaign = row_of(tx, ids[0])
        doubts.decide(tx, campaign, DoubtDecision.ASSUME_SENT, ANA, ids=ids[:1])
        again = doubts.decide(tx, campaign, DoubtDecision.RESEND, ANA, ids=ids[:1])
        none = doubts.decide(tx, campaign, DoubtDecision.RESEND, ANA, ids=[])
    assert (again, none) == (0, 0)
    assert states(db, ids) == ["submitted", "in_doubt"]


def test_messages_of_another_campaign_are_not_touched(db: Database) -> None:
    first, other = doubtful(db, "A", 1), doubtful(db, "B", 1)
    with db.transaction() as tx:
        campaign = row_of(tx, first[0])
        assert not doubts.decide(tx, campaign, DoubtDecision.RESEND, ANA, ids=other)
        found = doubts.by_campaign(tx, [*first, *other])
    assert sorted(found.values()) == [first, other]
    assert states(db, other) == ["in_doubt"]


def test_all_of_them_are_settled_in_batches_and_no_more_than_there_were(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doubts, "BATCH", 3)
    ids = doubtful(db, "A", 8)
    with db.transaction() as tx:
        campaign = row_of(tx, ids[0])
    decision = DoubtDecision.ASSUME_SENT
    done = list(doubts.decide_all(db, campaign, decision, ANA, most=7))
    assert done == [3, 3, 1]
    assert states(db, ids) == ["submitted"] * 7 + ["in_doubt"]
    assert list(doubts.decide_all(db, campaign, decision, ANA, most=99)) == [1]


def test_campaigns_with_doubts_are_listed_with_their_number(db: Database) -> None:
    doubtful(db, "A", 2)
    ids = doubtful(db, "B", 3)
    with db.transaction() as tx:
        found = doubts.campaigns(tx)
        assert [(c["name"], c["messages"]) for c in found] == [("A", 2), ("B", 3)]
        campaign = row_of(tx, ids[0])
        doubts.decide(tx, campaign, DoubtDecision.ASSUME_SENT, ANA)
        assert [c["name"] for c in doubts.campaigns(tx)] == ["A"]
    assert one(db, "SELECT COUNT(*) FROM message WHERE state = 'in_doubt'") == 2
