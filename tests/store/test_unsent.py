"""A deadline and a discarded rest in the store: no claim goes by what was before."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID, InDoubt
from massivesms.errors import StoreError
from massivesms.store import campaigns, claims, counts, finished_campaigns, unsent
from massivesms.store.db import Database, Row, Transaction
from tests.store.examples import ANA, audited, campaign, claim, one, settle, trunk

MADRID = ZoneInfo("Europe/Madrid")
ENDED = (
    "SELECT state, result_code, result_detail, COUNT(*) AS n FROM message GROUP BY 1"
)


def now() -> datetime:
    return datetime.now(UTC)


def ago(seconds: float) -> datetime:
    return now() - timedelta(seconds=seconds)


def row_of(tx: Transaction, campaign_id: int) -> Row:
    found = campaigns.by_id(tx, campaign_id)
    assert found
    return found


def set_deadline(db: Database, campaign_id: int, moment: datetime | None) -> None:
    with db.transaction() as tx:
        unsent.set_deadline(tx, row_of(tx, campaign_id), moment, ANA)


def end_all(db: Database, moment: datetime | None = None, limit: int = 2000) -> int:
    """What housekeeping does in time; how many were ended."""
    at, total = moment or now(), 0
    for one_of_them in db.atomically(lambda tx: unsent.due(tx, at)):
        while n := db.atomically(
            lambda tx, c=one_of_them: unsent.end_some(tx, c, at, MADRID, limit)
        ):
            total += n
    return total


def counted(db: Database, campaign_id: int) -> dict[str, int]:
    with db.transaction() as tx:
        return {s: n for s, (n, _) in counts.by_state(tx, campaign_id).items()}


def test_from_the_deadline_on_nothing_is_claimable(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=2, paused=False)
        assert claims.claimable(tx, made)
    set_deadline(db, made, now() + timedelta(hours=1))
    with db.transaction() as tx:
        found = claims.claimable(tx, made)
        assert found and found["deadline_at"].tzinfo is UTC
    set_deadline(db, made, ago(1))
    with db.transaction() as tx:
        assert claims.claimable(tx, made) is None
    set_deadline(db, made, None)
    with db.transaction() as tx:
        assert claims.claimable(tx, made)
    assert audited(db)[1:] == ["campaign.rules"] * 3


def test_what_is_left_is_skipped_in_batches_and_counted(db: Database) -> None:
    with db.transaction() as tx:
        late = campaign(tx, "Late", 25, paused=True)
        other = campaign(tx, "Other", 3, deadline_at=now() + timedelta(hours=1))
    moment = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
    set_deadline(db, late, moment)
    assert end_all(db, limit=10) == 25
    assert counted(db, late) == {"skipped": 25}
    assert counted(db, other) == {"queued": 3}
    with db.transaction() as tx:
        (skipped, _) = sorted(tx.rows(ENDED), key=lambda row: -row["n"])
        assert skipped["result_code"] == "schedule_expired"
        assert skipped["result_detail"] == "2026-07-01 20:00"
        assert late in finished_campaigns.close_finished(tx)
    assert end_all(db) == 0


@pytest.mark.parametrize("wrong_h", [-24, 24], ids=["a day behind", "a day ahead"])
def test_a_wrong_clock_keeps_messages_and_ends_none(db: Database, wrong_h: int) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=2, paused=False)
    deadline = now() + timedelta(hours=1 if wrong_h > 0 else -1)
    set_deadline(db, made, deadline)
    assert end_all(db, now() + timedelta(hours=wrong_h)) == 0
    assert counted(db, made) == {"queued": 2}


def test_a_deadline_that_was_moved_meanwhile_ends_nothing(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=2)
    set_deadline(db, made, ago(5))
    with db.transaction() as tx:
        assert unsent.due(tx, now()) == [made]
    set_deadline(db, made, now() + timedelta(hours=1))
    with db.transaction() as tx:
        assert unsent.end_some(tx, made, now(), MADRID) == 0
    assert counted(db, made) == {"queued": 2}


def test_what_is_on_its_way_settles_and_is_ended_when_it_comes_back(
    db: Database,
) -> None:
    with db.transaction() as tx:
        exit_id = trunk(tx)
        made = campaign(tx, count=3, paused=False)
        ours = claim(tx, made, exit_id, 2)
    set_deadline(db, made, ago(1))
    assert end_all(db) == 1
    with db.transaction() as tx:
        settle(tx, ours[:1], exit_id, "submitted", ids=["A"])
        settle(tx, ours[1:], exit_id, "queued", code="trunk_down")
    assert end_all(db) == 1
    assert counted(db, made) == {"submitted": 1, "skipped": 2}


def test_a_discarded_rest_is_cancelled_by_whom_and_the_wish_forgotten(
    db: Database,
) -> None:
    with db.transaction() as tx:
        exit_id = trunk(tx)
        made = campaign(tx, count=5, paused=False)
        ours = claim(tx, made, exit_id, 1)
        assert unsent.discard(tx, row_of(tx, made), ANA)
        assert not unsent.discard(tx, row_of(tx, made), ANA)
    with db.transaction() as tx:
        assert claims.claimable(tx, made) is None
        assert campaigns.open_work(tx) == []
    assert end_all(db) == 4
    assert one(db, "SELECT discard_by FROM campaign WHERE id > 1") == "ana"
    with db.transaction() as tx:
        settle(tx, ours, exit_id, "queued", code="trunk_down")
    assert end_all(db) == 1
    assert end_all(db) == 0
    assert counted(db, made) == {"cancelled": 5}
    assert one(db, "SELECT discard_by FROM campaign WHERE id > 1") is None
    with db.transaction() as tx:
        (ended,) = tx.rows(ENDED)
    assert (ended["result_code"], ended["result_detail"]) == ("discarded", "ana")
    assert audited(db)[-1] == "campaign.discard"


def test_what_a_rule_would_send_again_is_waited_for(db: Database) -> None:
    with db.transaction() as tx:
        exit_id = trunk(tx)
        made = campaign(tx, count=1, paused=False, in_doubt=InDoubt.RESEND)
        settle(tx, claim(tx, made, exit_id), exit_id, "in_doubt")
        unsent.discard(tx, row_of(tx, made), ANA)
    assert end_all(db) == 0
    assert one(db, "SELECT discard_by FROM campaign WHERE id = %(id)s", id=made)


def test_a_discard_waits_for_the_claim_at_hand_and_ends_the_rest(db: Database) -> None:
    with db.transaction() as tx:
        exit_id = trunk(tx)
        made = campaign(tx, count=4, paused=False)
        row = row_of(tx, made)
    asked = threading.Event()

    def discard() -> None:
        mine = Database(db.settings)
        with mine.transaction() as tx:
            unsent.discard(tx, row, ANA)
            asked.set()
        mine.close()

    with db.transaction() as tx:
        assert claims.claimable(tx, made)
        thread = threading.Thread(target=discard)
        thread.start()
        assert not asked.wait(0.3), "a claim is at hand"
        claim(tx, made, exit_id, 1)
    thread.join(10)
    assert asked.is_set()
    assert end_all(db) == 3
    assert counted(db, made) == {"submitting": 1, "cancelled": 3}


def test_the_output_queue_has_no_deadline_and_is_never_discarded(db: Database) -> None:
    with db.transaction() as tx:
        row = row_of(tx, OUTPUT_QUEUE_ID)
        with pytest.raises(StoreError, match="one by one"):
            unsent.set_deadline(tx, row, now(), ANA)
        with pytest.raises(StoreError, match="one by one"):
            unsent.discard(tx, row, ANA)
