"""Every message is in one figure, and the percentages make a hundred."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.campaign_figures import (
    Count,
    Figures,
    Reason,
    figures,
    tenths,
)
from massivesms.domain.figure_words import GROUPS, LINES
from massivesms.domain.states import MessageState

STATES = [str(state) for state in MessageState]


def of(*counts: Count, reasons: tuple[Reason, ...] = (), not_taken: int = 0) -> Figures:
    return figures(counts, reasons, {1: Decimal("0.04"), 2: None}, not_taken)


@pytest.mark.parametrize(
    ("state", "code", "figure", "group", "billed"),
    [
        ("delivered", "", "delivered", "sent", True),
        ("submitted", "", "accepted", "sent", True),
        ("undelivered", "receipt_undelivered", "undelivered", "sent", True),
        ("expired", "receipt_expired", "expired", "sent", True),
        ("rejected", "receipt_rejected", "rejected", "sent", True),
        ("rejected", "smpp_0000000B", "refused", "failed", False),
        ("rejected", "", "refused", "failed", False),
        ("failed", "no_trunk_left", "not_sent", "failed", False),
        ("in_doubt", "", "no_answer", "no_answer", None),
        ("skipped", "blocked", "blocked", "ignored", False),
        ("skipped", "opted_out", "blocked", "ignored", False),
        ("skipped", "schedule_expired", "schedule_expired", "ignored", False),
        ("skipped", "something_new", "left_out", "ignored", False),
        ("skipped", "", "blocked", "ignored", False),
        ("cancelled", "cancelled", "cancelled", "cancelled", False),
        ("queued", "", "queued", "pending", False),
        ("submitting", "", "submitting", "pending", False),
    ],
)
def test_each_end_has_its_figure(
    state: str, code: str, figure: str, group: str, billed: bool | None
) -> None:
    reasons = (Reason(state, code, 1, 3, 6),) if code else ()
    found = of(Count(state, 1, 3, 6), reasons=reasons)
    assert found.of(figure) == found.of(group) == found.total == 3
    assert found.billed(billed) == (3, 6)


def test_the_groups_hold_every_figure_once() -> None:
    named = [name for group in GROUPS.values() for name in group.names]
    assert sorted(named) == sorted(LINES)


def test_rows_of_the_file_that_were_not_taken_are_invalid_numbers() -> None:
    found = of(Count("delivered", 1, 3, 3), not_taken=1)
    assert (found.of("invalid_number"), found.of("ignored"), found.total) == (1, 1, 4)
    assert found.billed(False) == (1, 0)


def test_the_cost_is_what_the_trunks_bill_by_segment() -> None:
    found = of(
        Count("delivered", 1, 10, 25),
        Count("submitted", 1, 1, 1),
        Count("rejected", 1, 4, 4),
        Count("failed", 1, 2, 2),
        reasons=(Reason("rejected", "receipt_rejected", 1, 1, 1),),
    )
    assert found.trunks[0].billed_segments == 27
    assert found.cost == Decimal("1.08") and found.unpriced == ()


def test_a_trunk_without_price_is_named_and_the_others_are_summed() -> None:
    found = of(Count("delivered", 1, 10, 10), Count("delivered", 2, 5, 5))
    assert found.cost == Decimal("0.40") and found.unpriced == (2,)


def test_without_any_price_there_is_no_cost() -> None:
    assert of(Count("delivered", 2, 5, 5)).cost is None


def test_a_shard_may_be_negative_and_the_sum_is_right() -> None:
    found = of(Count("queued", 0, 10, 10), Count("queued", 1, -4, -4))
    assert found.of("pending") == 6


def test_trunks_come_with_the_busiest_first_and_without_idle_ones() -> None:
    found = of(
        *(Count("delivered", 2, 9, 9), Count("rejected", 1, 2, 2)),
        *(Count("queued", 3, 5, 5), Count("skipped", 0, 1, 1)),
    )
    assert [(t.trunk_id, t.messages, t.sent) for t in found.trunks] == [
        (2, 9, 9),
        (1, 2, 0),
    ]


def test_what_was_sent_through_no_known_trunk_has_no_price() -> None:
    found = of(Count("submitted", 0, 2, 2), Count("delivered", 1, 1, 1))
    assert [one.trunk_id for one in found.trunks] == [0, 1]
    assert found.unpriced == (0,) and found.cost == Decimal("0.04")


def test_a_figure_tells_the_codes_that_lead_to_its_messages() -> None:
    found = of(
        Count("skipped", 0, 3, 3),
        reasons=(
            *(Reason("skipped", "opted_out", 0, 1, 1),),
            *(Reason("skipped", "blocked", 0, 2, 2),),
        ),
    )
    ignored = next(total for total in found.totals if total.name == "ignored")
    assert ignored.figures[0].codes == ("blocked", "opted_out")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([1, 1, 1], [334, 333, 333]),
        ([0, 0], [0, 0]),
        ([5], [1000]),
        ([1, 999_999], [0, 1000]),
        ([2, 3, 0], [400, 600, 0]),
    ],
)
def test_what_rounding_leaves_over_goes_to_the_largest_remainders(
    numbers: list[int], expected: list[int]
) -> None:
    assert tenths(numbers) == expected


@given(st.lists(st.integers(0, 10_000_000), min_size=1, max_size=20))
def test_the_shares_always_make_a_hundred(numbers: list[int]) -> None:
    found = tenths(numbers)
    assert sum(found) == (1000 if any(numbers) else 0)
    assert all(
        abs(share * sum(numbers) - 1000 * n) < sum(numbers)
        for share, n in zip(found, numbers, strict=True)
        if sum(numbers)
    )


@given(
    st.lists(
        st.builds(
            Count,
            st.sampled_from(STATES),
            st.integers(0, 3),
            st.integers(0, 1000),
            st.integers(0, 3000),
        ),
        max_size=20,
    )
)
def test_no_message_is_lost_or_counted_twice(counts: list[Count]) -> None:
    found = of(*counts)
    assert found.total == sum(one.messages for one in counts)
    assert sum(total.messages for total in found.totals) == found.total
    assert sum(found.billed(b)[0] for b in (True, False, None)) == found.total
    percents = sum(total.percent for total in found.totals)
    assert percents == (100 if found.total else 0)
