"""No page reads a big table whole or sorts it, whatever it is filtered by."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from massivesms.domain.settings import read as read_settings
from massivesms.store import (
    approvals,
    blocked_pages,
    campaigns,
    contacts,
    conversations,
    import_undo,
    imports,
    inbound_pages,
    lists,
    send_plans,
    source_runs,
    sources,
    staged_loads,
    templates,
    timetables,
)
from massivesms.store.db import Database, Params, Row, Transaction
from tests.store import test_contact_plans
from tests.store.test_contact_plans import grown
from tests.store.test_plans import big, check

__all__ = ["big", "grown"]  # the fixtures


class Explaining(Transaction):
    """Explains each SELECT that it is asked for, and then runs it."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._connection)
        self.asked: list[str] = []
        self.plans: list[list[Row]] = []

    def rows(self, sql: str, params: Params = None) -> list[Row]:
        self._explain(sql, params)
        return super().rows(sql, params)

    def row(self, sql: str, params: Params = None) -> Row | None:
        self._explain(sql, params)
        return super().row(sql, params)

    def tuples(self, sql: str, params: Params = None) -> tuple[tuple[Any, ...], ...]:
        self._explain(sql, params)
        return super().tuples(sql, params)

    def value(self, sql: str, params: Params = None) -> Any:
        self._explain(sql, params)
        return super().value(sql, params)

    def _explain(self, sql: str, params: Params) -> None:
        self.asked.append(sql)
        self.plans.append(super().rows("EXPLAIN " + sql, params))


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
@pytest.mark.parametrize("kinds", [lists.ANY_USE, *lists.KINDS.values()])
def test_a_page_of_contacts_reads_an_index(
    big: Database,  # noqa: F811
    kinds: tuple[int, ...],
    starts: tuple[str, ...],
    after: int,
) -> None:
    with big.transaction() as tx:
        explaining = Explaining(tx)
        lists.contacts(explaining, 3, number_starts=starts, kinds=kinds, after=after)
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


def _load(tx: Transaction, import_id: int) -> Row:
    found = imports.by_id(tx, import_id)
    assert found
    return {**found, "first_contact_id": 20, "last_contact_id": 4000}


def _plan_of(tx: Transaction) -> object:
    campaign = campaigns.by_id(tx, 3)
    assert campaign
    return send_plans.of_campaign(tx, campaign, read_settings({}), datetime.now(UTC))


PAGES: dict[str, Callable[[Transaction], object]] = {
    "contacts by a field": lambda tx: contacts.search(tx, 3, "Ana"),
    "contacts by a field of none": lambda tx: contacts.search(tx, 3, "Zoe"),
    "contacts by a field, later": lambda tx: contacts.search(
        tx, 3, "Ana", kinds=lists.KINDS["yes"], after=3000
    ),
    "fields of a list": lambda tx: contacts.some_names(tx, 3),
    "imports": lambda tx: imports.history(tx),
    "imports, later": lambda tx: imports.history(tx, before=2000),
    "loads of a list": lambda tx: imports.of_list(tx, 3),
    "loads of a campaign": lambda tx: imports.of_campaign(tx, 3),
    "loads of bulk files": lambda tx: imports.of_bulk(tx),
    "what is left of a load": lambda tx: import_undo.left(tx, _load(tx, 1)),
    "what is left of a campaign's": lambda tx: import_undo.left(tx, _load(tx, 2)),
    "plan of a campaign": _plan_of,
    "what waits for an approval": lambda tx: approvals.waiting(tx, limit=5),
    "sources": sources.every,
    "runs of a source": lambda tx: source_runs.history(tx, 3),
    "runs of a source, later": lambda tx: source_runs.history(tx, 3, before=2000),
    "files of somebody": lambda tx: staged_loads.of_user(tx, "3"),
    "templates": lambda tx: templates.page(tx, "Ana"),
    "timetables": timetables.all_timetables,
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_contacts_and_imports_goes_by_indexes(
    grown: Database,  # noqa: F811
    page: str,
) -> None:
    with grown.transaction() as tx:
        explaining = Explaining(tx)
        PAGES[page](explaining)
    assert explaining.asked
    for sql, plan in zip(explaining.asked, explaining.plans, strict=True):
        test_contact_plans.check(sql, plan)
