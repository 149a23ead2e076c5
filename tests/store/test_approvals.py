"""A second person's approval: nothing of a campaign that waits is ever claimed."""

from __future__ import annotations

import pytest

from massivesms.domain.campaigns import CampaignPriority, Draft
from massivesms.errors import StoreError
from massivesms.store import approvals, campaigns, claims, messages, settings
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row, Transaction
from tests.store.examples import ANA, audited, campaign, new_messages

EVA, LUIS = Actor("eva"), Actor("luis")


@pytest.fixture(autouse=True)
def _above_two(db: Database) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"approval_above": "2"})


def row(tx: Transaction) -> Row:
    return campaigns.by_name(tx, "Offer")


def may_be_claimed(tx: Transaction, campaign_id: int) -> bool:
    is_open = campaign_id in {one["id"] for one in campaigns.open_work(tx)}
    assert is_open == (claims.claimable(tx, campaign_id) is not None)
    return is_open


def test_a_large_campaign_waits_until_somebody_else_approves_it(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=3, paused=False)
        assert not may_be_claimed(tx, made)
        assert [one["id"] for one in approvals.waiting(tx, limit=5)] == [made]
        with pytest.raises(StoreError, match="ask somebody else"):
            approvals.approve(tx, row(tx), Actor("ANA"))
        approvals.approve(tx, row(tx), EVA)
        assert may_be_claimed(tx, made)
        with pytest.raises(StoreError, match="does not wait"):
            approvals.approve(tx, row(tx), LUIS)
    assert audited(db)[-1] == "campaign.approve"


def test_a_small_one_and_the_output_queue_do_not_wait(db: Database) -> None:
    with db.transaction() as tx:
        assert may_be_claimed(tx, campaign(tx, count=2, paused=False))
        messages.enqueue(tx, 1, new_messages(5))
        assert claims.claimable(tx, 1) is not None


def test_a_small_one_waits_when_it_grows(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=2, paused=False)
        messages.enqueue(tx, made, new_messages(1, first=5))
        assert not may_be_claimed(tx, made)


def test_it_cannot_be_resumed_before(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=3)
        why = campaigns.set_paused(tx, row(tx), False, ANA)
        assert why and why.code == "approval_waits"
        assert row(tx)["paused"] is True
        approvals.approve(tx, row(tx), EVA)
        assert campaigns.set_paused(tx, row(tx), False, ANA) is None
        assert may_be_claimed(tx, made)


def test_one_from_before_the_setting_waits_when_it_is_resumed(db: Database) -> None:
    with db.transaction() as tx:
        settings.save(tx, {"approval_above": ""})
        campaign(tx, count=3)
        settings.save(tx, {"approval_above": "2"})
        assert campaigns.set_paused(tx, row(tx), False, ANA) is not None
        assert row(tx)["approval"] == "waiting"
        settings.save(tx, {"approval_above": ""})
        assert campaigns.set_paused(tx, row(tx), False, ANA) is None
        assert row(tx)["approval"] == "none"


def test_a_change_makes_an_approval_void_and_its_author_no_judge(db: Database) -> None:
    with db.transaction() as tx:
        made = campaign(tx, count=3, paused=False)
        approvals.approve(tx, row(tx), EVA)
        campaigns.update(tx, row(tx), Draft("Offer", "Otra cosa"), 1, EVA)
        assert not may_be_claimed(tx, made)
        with pytest.raises(StoreError, match="ask somebody else"):
            approvals.approve(tx, row(tx), EVA)
        campaigns.set_rules(tx, row(tx), LUIS, priority=CampaignPriority.HIGH)
        with pytest.raises(StoreError, match="ask somebody else"):
            approvals.approve(tx, row(tx), LUIS)
        approvals.approve(tx, row(tx), EVA)
        assert may_be_claimed(tx, made)


def test_what_waits_is_found_by_its_index(db: Database) -> None:
    with db.transaction() as tx:
        (plan,) = tx.rows(f"EXPLAIN {approvals.WAITING}", {"limit": 5})
    assert plan["key"] == "approval"
