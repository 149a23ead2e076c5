"""No page reads a big table whole or sorts it, whatever it is filtered by."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from massivesms.store import blocked_pages, conversations, inbound_pages, lists
from massivesms.store.db import Database, Params, Row, Transaction
from tests.store.test_plans import big, check

__all__ = ["big"]  # the fixture


class Explaining(Transaction):
    """Explains each SELECT that it is asked for, and then runs it."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._connection)
        self.plans: list[list[Row]] = []

    def rows(self, sql: str, params: Params = None) -> list[Row]:
        self.plans.append(super().rows("EXPLAIN " + sql, params))
        return super().rows(sql, params)


STARTS: list[tuple[str, ...]] = [
    (),
    ("+34600",),
    ("+34600000123",),
    ("+600", "+34600"),
    ("+39",),
]


@pytest.mark.parametrize("after", [blocked_pages.BEGINNING, ("+34600003000", 0)])
@pytest.mark.parametrize("starts", STARTS, ids="-".join)
@pytest.mark.parametrize("source", ["", "file"])
@pytest.mark.parametrize("campaign_id", [None, 0, 3])
def test_a_page_of_blocked_numbers_reads_an_index_in_its_order(
    big: Database,  # noqa: F811
    campaign_id: int | None,
    source: str,
    starts: tuple[str, ...],
    after: blocked_pages.Place,
) -> None:
    wanted = blocked_pages.Filter(campaign_id, source, starts)
    with big.transaction() as tx:
        explaining = Explaining(tx)
        blocked_pages.page(explaining, wanted, after=after)
    assert explaining.plans
    for plan in explaining.plans:
        for row in [row for row in plan if row["table"]]:  # none: nothing can be there
            assert row["type"] in ("range", "ref", "index") and row["key"]
            assert "filesort" not in (row["Extra"] or ""), plan


@pytest.mark.parametrize("after", [0, 3000])
@pytest.mark.parametrize("starts", STARTS, ids="-".join)
@pytest.mark.parametrize("excluded", [None, True, False])
def test_a_page_of_contacts_reads_an_index(
    big: Database,  # noqa: F811
    excluded: bool | None,
    starts: tuple[str, ...],
    after: int,
) -> None:
    with big.transaction() as tx:
        explaining = Explaining(tx)
        lists.contacts(
            explaining, 3, number_starts=starts, excluded=excluded, after=after
        )
    assert explaining.plans
    for plan in explaining.plans:
        assert all(row["type"] != "ALL" and row["key"] for row in plan)


WAYS = [
    inbound_pages.Filter(),
    inbound_pages.Filter(number_starts=("+34600000123",)),
    inbound_pages.Filter(number_starts=("+600", "+34600")),
    inbound_pages.Filter(sender="+3460000"),
    inbound_pages.Filter(text="Texto 77"),
    inbound_pages.Filter(trunk_id=2, handled=""),
    inbound_pages.Filter(start=datetime(2020, 1, 1, tzinfo=UTC)),
    inbound_pages.Filter(end=datetime(2020, 1, 1, tzinfo=UTC)),
    inbound_pages.Filter(number_starts=("+34",), text="7", trunk_id=1),
]


@pytest.mark.parametrize("before", [None, 4000], ids=["first page", "later page"])
@pytest.mark.parametrize("wanted", WAYS, ids=str)
def test_a_page_of_incoming_messages_reads_an_index_in_its_order(
    big: Database,  # noqa: F811
    wanted: inbound_pages.Filter,
    before: int | None,
) -> None:
    with big.transaction() as tx:
        explaining = Explaining(tx)
        inbound_pages.page(explaining, wanted, before=before)
    assert explaining.plans
    for plan in explaining.plans:
        for row in plan:
            if row["table"] in ("i", "m", "inbound_message"):
                assert row["type"] != "ALL" and row["key"], plan
        innermost = plan[-1]
        assert "filesort" not in (innermost["Extra"] or ""), plan


def test_a_conversation_reads_two_indexes(
    big: Database,  # noqa: F811
) -> None:
    with big.transaction() as tx:
        explaining = Explaining(tx)
        before = conversations.Place()
        conversations.page(explaining, "+34600000123", "", before=before)
    for plan in explaining.plans:
        check(plan, False)
