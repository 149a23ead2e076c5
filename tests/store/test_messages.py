"""Messages: the queue, pages by key in every order, and cancelling."""

from __future__ import annotations

from collections import Counter

import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.store import claims, counts, messages
from massivesms.store.db import Database, Transaction
from massivesms.store.messages import Filter, NewMessage
from tests.store import examples
from tests.store.examples import one


def paged(tx: Transaction, wanted: Filter, limit: int = 3) -> list[int]:
    """All ids of a filter, page by page; asserts that none comes twice."""
    seen: list[int] = []
    after = None
    while found := messages.page(tx, wanted, after=after, limit=limit):
        assert len(found) <= limit
        seen += [row["id"] for row in found]
        after = seen[-1]
    assert max(Counter(seen).values(), default=0) <= 1
    return seen


def ids(tx: Transaction, where: str, order: str = "id") -> list[int]:
    sql = f"SELECT id FROM message WHERE {where} ORDER BY {order}"
    return [message_id for (message_id,) in tx.tuples(sql)]


@pytest.fixture
def mixed(db: Database) -> int:
    """Two campaigns with gaps, ties of the due date, lanes, routes; one's id."""
    with db.transaction() as tx:
        made = examples.campaign(tx, "Mixed", 23)
        other = examples.campaign(tx, "Other")
        for n in range(11):
            messages.enqueue(tx, made, examples.new_messages(1, first=100 + n))
            messages.enqueue(tx, other, examples.new_messages(1, first=n))
        tx.execute("DELETE FROM message WHERE id %% 7 = 3", ())
        tx.execute("UPDATE message SET state = 'failed' WHERE id %% 3 = 0", ())
        tx.execute(
            "UPDATE message SET route_trunk_id = 4, lane = 1 WHERE id %% 5 = 0", ()
        )
        tx.execute(
            "UPDATE message SET lane = 0, due_at = '2020-01-01 00:00:00.125'"
            " WHERE id %% 4 = 0",
            (),
        )
        examples.recount(tx)
    return made


@pytest.mark.parametrize("newest_first", [False, True])
def test_without_a_filter_pages_go_by_id_over_gaps(
    db: Database, mixed: int, newest_first: bool
) -> None:
    with db.transaction() as tx:
        everything = paged(tx, Filter(newest_first=newest_first))
        one_s = paged(tx, Filter(campaign_id=mixed, newest_first=newest_first))
        order = "id DESC" if newest_first else "id"
        assert everything == ids(tx, "1", order)
        assert one_s == ids(tx, f"campaign_id = {mixed}", order)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("state", ["queued", "failed", "delivered"])
def test_of_one_state_every_message_comes_once(
    db: Database, mixed: int, state: str, newest_first: bool
) -> None:
    with db.transaction() as tx:
        found = paged(tx, Filter(mixed, (state,), (), newest_first))
        wanted = ids(tx, f"campaign_id = {mixed} AND state = '{state}'")
    assert sorted(found) == wanted


def test_a_state_is_looked_for_in_all_campaigns(db: Database, mixed: int) -> None:
    with db.transaction() as tx:
        found = paged(tx, Filter(states=("failed",)))
        assert found == ids(tx, "state = 'failed'")


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(
    ("starts", "pattern"),
    [
        (("+34600",), r"^\\+34600"),
        (("+346000001", "+346000000"), r"^\\+346000(00|01)"),
        (("+34600000004",), r"^\\+34600000004$"),
        (("+35", "+34999"), "^none"),
        (("%", "+3460_"), "^"),
    ],
    ids=["all", "two", "one number", "none", "wildcards"],
)
@pytest.mark.parametrize("state", [None, "failed"])
def test_by_beginnings_of_numbers_every_message_comes_once(
    db: Database,
    mixed: int,
    starts: tuple[str, ...],
    pattern: str,
    state: str | None,
    newest_first: bool,
) -> None:
    with db.transaction() as tx:
        for campaign_id in (mixed, None):
            found = paged(
                tx, Filter(campaign_id, (state,) if state else (), starts, newest_first)
            )
            where = f"number REGEXP '{pattern}'"
            if campaign_id:
                where += f" AND campaign_id = {campaign_id}"
            if state:
                where += f" AND state = '{state}'"
            assert sorted(found) == ids(tx, where)


def test_a_page_after_none_or_0_is_the_first_one(db: Database, mixed: int) -> None:
    with db.transaction() as tx:
        for wanted in (
            Filter(mixed),
            Filter(mixed, ("failed",)),
            Filter(newest_first=True),
        ):
            first = messages.page(tx, wanted, after=None, limit=5)
            assert first
            assert messages.page(tx, wanted, after=0, limit=5) == first


def test_the_page_after_a_message_that_is_gone_is_empty(
    db: Database, mixed: int
) -> None:
    with db.transaction() as tx:
        assert messages.page(tx, Filter(mixed), after=10**9) == []


def test_a_message_without_a_text_has_its_campaign_s(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.campaign(tx, sender_id="Pyme")
        own = NewMessage("+34600000001", True, 1, "mine")
        messages.enqueue(tx, made, [*examples.new_messages(1), own])
        found = messages.page(tx, Filter(made))
    assert [(row["text"], row["sender_id"]) for row in found] == [
        ("Hola", "Pyme"),
        ("mine", "Pyme"),
    ]


def test_more_than_a_batch_is_counted_and_stored(db: Database) -> None:
    count = messages.INSERT_BATCH + 1
    with db.transaction() as tx:
        made = examples.campaign(tx)
        assert messages.enqueue(tx, made, examples.new_messages(count)) == count
        assert counts.by_state(tx, made) == {"queued": (count, count)}
        assert messages.enqueue(tx, made, []) == 0
    assert one(db, "SELECT COUNT(*) FROM message") == count


def test_a_list_gives_its_included_contacts_a_message(db: Database) -> None:
    with db.transaction() as tx:
        made, chosen = examples.campaign(tx), examples.contacts(tx, count=4)
        tx.execute("UPDATE contact SET excluded = 1 LIMIT 1")
        assert messages.enqueue_list(tx, made, chosen, 2, 1) == 3
        assert counts.by_state(tx, made) == {"queued": (3, 6)}


def test_a_single_message_keeps_its_lane_its_trunk_and_its_sender(
    db: Database,
) -> None:
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx)
        new = NewMessage("+34600000001", True, 2, "Hola")
        made = messages.enqueue_single(
            tx,
            new,
            campaign_id=OUTPUT_QUEUE_ID,
            trunk_id=trunk_id,
            sender_id="Pyme",
            express=True,
        )
        row = messages.by_id(tx, made)
        assert row is not None
        [waiting] = claims.candidates(tx, OUTPUT_QUEUE_ID, trunk_id, 5)
    assert (row["lane"], row["pinned"], row["sender_id"]) == (0, 1, "Pyme")
    assert (waiting.message_id, waiting.pinned) == (made, True)


def test_a_waiting_message_can_be_cancelled_once(db: Database) -> None:
    with db.transaction() as tx:
        made, trunk_id = examples.campaign(tx, count=2), examples.trunk(tx)
        first, second = messages.page(tx, Filter(made))
        assert messages.cancel(tx, first, "ana")
        assert not messages.cancel(tx, first, "ana")
        examples.claim(tx, made, trunk_id)
        assert not messages.cancel(tx, second, "ana"), "it has left the queue"
        assert counts.by_state(tx, made) == {"cancelled": (1, 1), "submitting": (1, 1)}
        row = messages.by_id(tx, first["id"])
    assert row is not None
    assert (row["result_code"], row["result_detail"]) == ("cancelled", "ana")


def test_the_ids_of_a_long_message_are_those_of_its_segments_in_order(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made, trunk_id = examples.campaign(tx), examples.trunk(tx)
        messages.enqueue(tx, made, examples.new_messages(1, segments=3))
        ours = examples.claim(tx, made, trunk_id)
        examples.settle(tx, ours, trunk_id, "submitted", ids=["C", "A", "B"])
        [row] = messages.page(tx, Filter(made))
    assert row["smsc_message_ids"] == ["C", "A", "B"]
