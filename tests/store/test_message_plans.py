"""No look for messages reads them all or sorts many: each statement has its index."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from massivesms.store import message_rows, messages
from massivesms.store.db import Database, Params, Row, Transaction
from massivesms.store.messages import Filter
from tests.store.examples import campaign
from tests.store.test_plans import big, check

__all__ = ["big"]  # the fixture


class Explaining(Transaction):
    """Explains each SELECT that it is asked for, and then runs it."""

    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx._connection)
        self.plans: list[tuple[str, list[Row]]] = []

    def tuples(self, sql: str, params: Params = None) -> tuple[tuple[Any, ...], ...]:
        self.plans.append((sql, super().rows("EXPLAIN " + sql, params)))
        return super().tuples(sql, params)

    def value(self, sql: str, params: Params = None) -> Any:
        self.plans.append((sql, super().rows("EXPLAIN " + sql, params)))
        return super().value(sql, params)


HOUR = datetime.now(UTC) - timedelta(hours=1)
PARTS: list[dict[str, Any]] = [
    {},
    {"states": ("delivered",)},
    {"states": ("failed", "in_doubt")},
    {"number_starts": ("+34600",)},
    {"number_starts": ("+34600000123",)},
    {"trunk_id": 2},
    {"user": "x"},
    {"result": "x"},
    {"detail": "001"},
    {"start": HOUR},
]


@pytest.mark.parametrize("few", [-1, 20_000], ids=["many", "few"])
@pytest.mark.parametrize("campaign_id", [None, 3], ids=["all", "one campaign"])
@pytest.mark.parametrize("newest_first", [False, True], ids=["oldest", "newest"])
def test_every_statement_of_a_look_has_its_index(
    big: Database,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    newest_first: bool,
    campaign_id: int | None,
    few: int,
) -> None:
    monkeypatch.setattr("massivesms.store.message_ways.FEW", few)
    monkeypatch.setattr("massivesms.store.message_ways.FEW_TO_LOOK_AT", few)
    for one, other, after in product(PARTS, PARTS, (None, 4000)):
        wanted = Filter(
            **{"campaign_id": campaign_id, "newest_first": newest_first, **one, **other}
        )
        with big.transaction() as tx:
            explaining = Explaining(tx)
            messages.look(explaining, wanted, after=after, patience_s=0, step=500)
        for sql, plan in explaining.plans:
            check(plan, may_sort="ORDER BY m.id" in sql and few > 0)


def test_messages_by_their_ids_are_read_by_those_right_after_a_load(
    db: Database,
) -> None:
    """The server does not know yet how many messages the campaign has."""
    with db.transaction() as tx:
        made = campaign(tx, "Large")
        tx.execute(
            "INSERT INTO message (campaign_id, number, is_local, segments, state,"
            f" created_at) SELECT {made}, CONCAT('+346', seq), 1, 1, 'queued',"
            " UTC_TIMESTAMP(3) FROM seq_10001_to_30000"
        )
        ids = [one for (one,) in tx.tuples("SELECT id FROM message ORDER BY id")]
        plan = tx.rows(f"EXPLAIN {message_rows.BY_IDS}", {"ids": ids[:26]})
        assert [(row["table"], row["key"]) for row in plan][0] == ("m", "PRIMARY")
        before = reads(tx)
        found = message_rows.by_ids(tx, ids[:26])
        assert [row["id"] for row in found] == ids[:26]
        assert reads(tx) - before < 300


def reads(tx: Transaction) -> int:
    found = tx.tuples("SHOW SESSION STATUS LIKE 'Handler_read%'")
    return sum(int(n) for name, n in found if name != "Handler_read_rnd_next") + sum(
        int(n) for _name, n in tx.tuples("SHOW SESSION STATUS LIKE 'Handler_icp%'")
    )
