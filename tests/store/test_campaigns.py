"""Campaigns: names, changes while nothing was sent, removal, the output queue."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, time, timedelta, timezone

import pytest

from massivesms.config import Config
from massivesms.domain.campaigns import (
    OUTPUT_QUEUE_ID,
    CampaignPriority,
    Draft,
    InDoubt,
)
from massivesms.domain.schedule import SendingHours
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import (
    campaigns,
    counts,
    finished_campaigns,
    imports,
    messages,
)
from massivesms.store.db import Database
from massivesms.store.imports import RowProblem
from tests.store import examples
from tests.store.examples import ANA, one


def test_a_campaign_is_read_back_as_it_was_drafted(db: Database) -> None:
    draft = Draft(
        name="Oferta ñ €",
        text="Hola 😀",
        sender_id="Pyme",
        start_at=datetime(2999, 3, 1, 9, tzinfo=timezone(timedelta(hours=2))),
        hours=SendingHours(time(22), time(6, 30)),
        trunk_id=4,
    )
    with db.transaction() as tx:
        campaigns.create(tx, draft, ANA)
        row = campaigns.by_name(tx, "Oferta ñ €")
    assert (row["text"], row["sender_id"], row["trunk_id"]) == ("Hola 😀", "Pyme", 4)
    assert row["start_at"] == datetime(2999, 3, 1, 7, tzinfo=UTC)
    assert row["hours"] == draft.hours
    assert (row["paused"], row["counts"], row["total"]) == (True, {}, 0)
    assert examples.audited(db) == ["campaign.create"]


def test_a_taken_name_is_refused_and_a_removed_one_is_free(db: Database) -> None:
    with db.transaction() as tx:
        first = examples.campaign(tx, "x" * 120)
    with pytest.raises(StoreError, match="already a campaign"), db.transaction() as tx:
        examples.campaign(tx, "x" * 120)
    with db.transaction() as tx:
        row = campaigns.by_id(tx, first)
        assert row is not None
        campaigns.remove(tx, row, ANA)
        examples.campaign(tx, "x" * 120)
        assert campaigns.by_id(tx, first) is None
        assert finished_campaigns.removed(tx) == [first]


def test_a_renamed_campaign_may_not_take_another_s_name(db: Database) -> None:
    with db.transaction() as tx:
        examples.campaign(tx, "One")
        examples.campaign(tx, "Two")
        row = campaigns.by_name(tx, "Two")
    with pytest.raises(StoreError, match="called One"), db.transaction() as tx:
        campaigns.update(tx, row, Draft("One", "x"), 1, ANA)


def test_a_new_text_changes_the_segments_of_messages_without_their_own(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made = examples.campaign(tx, count=3)
        own = messages.NewMessage("+34699999999", True, 4, "own")
        messages.enqueue(tx, made, [own])
        row = campaigns.by_id(tx, made)
        assert row is not None
        campaigns.update(tx, row, Draft("Other", "a" * 200), 2, ANA)
    with db.transaction() as tx:
        assert counts.by_state(tx, made) == {"queued": (4, 3 * 2 + 4)}
        segments = tx.tuples("SELECT segments FROM message ORDER BY id")
    assert segments == ((2,), (2,), (2,), (4,))


def test_a_stale_page_changes_the_segments_too(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.campaign(tx, count=1)
        stale = campaigns.by_id(tx, made)
        fresh = campaigns.by_id(tx, made)
        assert stale is not None and fresh is not None
        campaigns.update(tx, fresh, Draft("Offer", "a" * 200), 2, ANA)
        campaigns.update(tx, stale, Draft("Offer", stale["text"]), 1, ANA)
        assert counts.by_state(tx, made) == {"queued": (1, 1)}


@pytest.mark.parametrize("state", ["submitting", "submitted", "in_doubt"])
def test_once_something_left_a_campaign_cannot_be_changed(
    db: Database, state: str
) -> None:
    with db.transaction() as tx:
        made, trunk_id = examples.campaign(tx, count=2), examples.trunk(tx)
        ours = examples.claim(tx, made, trunk_id)
        if state != "submitting":
            examples.settle(tx, ours, trunk_id, state, ids=["A"])
        row = campaigns.by_id(tx, made)
        assert row is not None
    with pytest.raises(StoreError, match="already been sent"), db.transaction() as tx:
        campaigns.update(tx, row, Draft("Other", "x"), 1, ANA)
    assert one(db, "SELECT name FROM campaign WHERE id = %(id)s", id=made) == "Offer"


def test_what_came_back_unsent_may_be_changed(db: Database) -> None:
    with db.transaction() as tx:
        made, trunk_id = examples.campaign(tx, count=2), examples.trunk(tx)
        ours = examples.claim(tx, made, trunk_id)
        examples.settle(tx, ours, trunk_id, "queued")
        row = campaigns.by_id(tx, made)
        assert row is not None
        campaigns.update(tx, row, Draft("Other", "x"), 1, ANA)
        assert counts.by_state(tx, made) == {"queued": (2, 2)}


def test_a_campaign_of_a_list_with_a_trunk_is_changed_and_keeps_its_list(
    db: Database,
) -> None:
    with db.transaction() as tx:
        list_id = examples.contacts(tx)
        trunk_id = examples.trunk(tx)
        draft = Draft("C", "Hola", list_id=list_id, trunk_id=trunk_id)
        made = campaigns.create(tx, draft, ANA)
        row = campaigns.by_id(tx, made)
        assert row
        campaigns.update(tx, row, Draft("D", "Hola"), 1, ANA)
        row = campaigns.by_id(tx, made)
        assert row and (row["list_id"], row["trunk_id"]) == (list_id, None)
        details = tx.value("SELECT details FROM audit ORDER BY id DESC LIMIT 1")
    assert json.loads(details) == {"name": ["C", "D"], "trunk": ["Exit", None]}


def test_stopping_touches_one_row_and_is_on_record(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.campaign(tx, count=5, paused=False)
        row = campaigns.by_id(tx, made)
        assert row is not None
        assert [r["id"] for r in campaigns.open_work(tx)] == [made]
        campaigns.set_paused(tx, row, True, ANA)
        assert campaigns.open_work(tx) == []
    assert examples.audited(db)[-1] == "campaign.stop"


def test_a_campaign_is_closed_when_nothing_is_queued_or_on_its_way(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made, trunk_id = examples.campaign(tx, count=1), examples.trunk(tx)
        finished_campaigns.close_finished(tx)
        assert one_open(db, tx, made)
        ours = examples.claim(tx, made, trunk_id)
        finished_campaigns.close_finished(tx)
        assert one_open(db, tx, made)
        examples.settle(tx, ours, trunk_id, "in_doubt")
        assert len(finished_campaigns.close_finished(tx)) == 1
        assert not one_open(db, tx, made)
        messages.enqueue(tx, made, examples.new_messages(1, first=9))
        assert one_open(db, tx, made)
        assert one_open(db, tx, OUTPUT_QUEUE_ID)


def test_a_campaign_that_is_being_made_is_never_closed(
    db: Database, config: Config
) -> None:
    closed: list[dict[int, str]] = []

    def close() -> None:
        other = Database(config.database)
        closed.append(other.atomically(finished_campaigns.close_finished))
        other.close()

    with db.transaction() as tx:  # whose counts are read first
        examples.campaign(tx, "before", count=1)
    with db.transaction() as tx:
        made = examples.campaign(tx, count=1)
        closing = threading.Thread(target=close)
        closing.start()
        closing.join(0.5)  # a read with locks would wait for the commit
    closing.join()
    assert closed == [{}]
    with db.transaction() as tx:
        assert one_open(db, tx, made)


def one_open(_db: Database, tx: object, campaign_id: int) -> bool:
    value = tx.value  # type: ignore[attr-defined]
    return bool(value("SELECT open FROM campaign WHERE id = %s", (campaign_id,)))


def test_a_removed_campaign_is_purged_in_batches_with_all_that_was_its(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made, kept = examples.campaign(tx, count=5), examples.campaign(tx, "Kept", 2)
        trunk_id = examples.trunk(tx)
        load = imports.create(tx, "file", created_by="ana", campaign_id=made)
        bad = RowProblem(1, "x", None, Problem("p", "bad"))
        imports.add_problems(tx, load, [bad])
        held = examples.claim(tx, made, trunk_id, 1)
        row = campaigns.by_id(tx, made)
        assert row is not None
        campaigns.remove(tx, row, ANA)
    with db.transaction() as tx:
        assert [messages.purge(tx, made, 3) for _ in range(3)] == [3, 1, 0]
        assert not finished_campaigns.forget(tx, made), "one is still on the wire"
        examples.settle(tx, held, trunk_id, "submitted", ids=["A"])
        assert messages.purge(tx, made, 3) == 1
        assert finished_campaigns.forget(tx, made)
        assert finished_campaigns.removed(tx) == []
        assert counts.by_state(tx, made) == {}
        assert counts.by_state(tx, kept) == {"queued": (2, 2)}
        for table in ("import", "import_problem"):
            assert tx.value(f"SELECT COUNT(*) FROM {table}") == 0


def test_the_output_queue_is_neither_changed_nor_removed(db: Database) -> None:
    with db.transaction() as tx:
        row = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
    assert row is not None
    with pytest.raises(StoreError, match="always needed"), db.transaction() as tx:
        campaigns.remove(tx, row, ANA)
    with pytest.raises(StoreError, match="always needed"), db.transaction() as tx:
        campaigns.update(tx, row, Draft("x", "x"), 1, ANA)


def test_pages_are_by_key_newest_first_over_gaps(db: Database) -> None:
    with db.transaction() as tx:
        made = [examples.campaign(tx, f"C{n}") for n in range(7)]
        tx.execute("DELETE FROM campaign WHERE id = %s", (made.pop(3),))
        seen: list[int] = []
        before = None
        while found := campaigns.page(tx, before=before, limit=2):
            seen += [row["id"] for row in found]
            before = seen[-1]
    assert seen == [*reversed(made), OUTPUT_QUEUE_ID]


def test_an_unknown_campaign_is_said_by_name(db: Database) -> None:
    with pytest.raises(StoreError, match="called None"), db.transaction() as tx:
        campaigns.by_name(tx, "None")


def test_priority_and_policy_change_while_it_runs_and_are_on_record(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made = examples.campaign(tx, count=1)
        ours = examples.claim(tx, made, examples.trunk(tx))
        assert ours
        row = campaigns.by_id(tx, made)
        assert row is not None and (row["priority"], row["in_doubt"]) == (5, "hold")
        assert campaigns.set_rules(tx, row, ANA, priority=CampaignPriority.HIGH)
        row = campaigns.by_id(tx, made)
        assert row is not None
        assert campaigns.set_rules(tx, row, ANA, in_doubt=InDoubt.RESEND)
        row = campaigns.by_id(tx, made)
        assert row is not None
        assert (row["priority"], row["in_doubt"]) == (2, "resend")
        assert not campaigns.set_rules(tx, row, ANA, in_doubt=InDoubt.RESEND)
        details = tx.tuples("SELECT details FROM audit WHERE action = 'campaign.rules'")
    assert [d for (d,) in details] == ['{"priority": [5, 2]}', DOUBT_CHANGE]


DOUBT_CHANGE = '{"in_doubt": ["hold", "resend"]}'


def test_the_output_queue_goes_first_whatever_is_asked(db: Database) -> None:
    with db.transaction() as tx:
        queue = campaigns.by_id(tx, OUTPUT_QUEUE_ID)
        assert queue is not None
        assert campaigns.set_rules(tx, queue, ANA, in_doubt=InDoubt.ASSUME_SENT)
        with pytest.raises(StoreError, match="always goes first"):
            campaigns.set_rules(tx, queue, ANA, priority=CampaignPriority.LOW)
