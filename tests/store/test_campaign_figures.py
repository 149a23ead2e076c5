"""The figures of a campaign come from its kept counts and are those of its messages."""

from __future__ import annotations

from decimal import Decimal

from massivesms.domain.campaign_figures import Figures
from massivesms.domain.number_plan import NumberPlan
from massivesms.store import campaign_figures, imports, receipts
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from tests.store import examples

PLAN = NumberPlan("34", (), 9, 9)


def figures(db: Database, campaign_id: int) -> Figures:
    with db.transaction() as tx:
        return campaign_figures.of_campaign(tx, campaign_id)


def test_each_message_is_counted_where_its_end_belongs(db: Database) -> None:
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx, cost_per_segment=Decimal("0.05"))
        campaign_id = examples.campaign(tx, count=6)
        for state, more in (
            ("submitted", {"ids": ("ID1",)}),
            ("submitted", {"ids": ("ID2",)}),
            ("rejected", {"code": "smpp_0000000B"}),
            ("failed", {"code": "no_trunk_left"}),
            ("in_doubt", {"code": "answer_timeout"}),
        ):
            ours = examples.claim(tx, campaign_id, trunk_id)
            examples.settle(tx, ours, trunk_id, state, **more)
        receipts.record(tx, trunk_id, [Receipt("ID1", "delivered")], PLAN)
        receipts.record(tx, trunk_id, [Receipt("ID2", "rejected", "044")], PLAN)
    found = figures(db, campaign_id)
    ends = ("delivered", "rejected", "refused", "not_sent", "no_answer", "queued")
    assert [found.of(name) for name in ends] == [1] * 6
    assert (found.total, found.of("sent"), found.of("failed")) == (6, 2, 2)
    assert found.cost == Decimal("0.10") and found.unpriced == ()


def test_rows_that_its_file_could_not_give_are_invalid_numbers(db: Database) -> None:
    with db.transaction() as tx:
        campaign_id = examples.campaign(tx, count=2)
        made = imports.create(tx, "file", created_by="ana", campaign_id=campaign_id)
        imports.finish(tx, made, accepted=2, duplicates=5, refused=3)
    found = figures(db, campaign_id)
    assert (found.of("invalid_number"), found.total) == (3, 5)


def test_a_campaign_without_messages_has_figures_too(db: Database) -> None:
    with db.transaction() as tx:
        campaign_id = examples.campaign(tx)
    found = figures(db, campaign_id)
    assert found.total == 0 and found.cost is None and not found.trunks
