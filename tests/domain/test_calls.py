"""Which calls: what was typed, what makes no sense, and back from the database."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from massivesms.domain import calls
from massivesms.domain.calls import Outcome, Query
from massivesms.domain.words import Problem


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query(datetime(2026, 1, 2), datetime(2026, 2, 3, 4, 5), callees=True),
        Query(outcome=Outcome.MISSED, dids=("910000001", "+34910000002")),
        Query(outcome=Outcome.ANSWERED, min_seconds=60),
    ],
)
def test_a_query_survives_the_database(query: Query) -> None:
    assert calls.from_json(json.loads(json.dumps(query.to_json()))) == query


@pytest.mark.parametrize(
    ("text", "dids"),
    [
        ("", ()),
        (" 910000001 ", ("910000001",)),
        ("910000001, +34910000002;3\n4", ("910000001", "+34910000002", "3", "4")),
        ("9,9,9", ("9",)),
        ("s", ("s",)),
    ],
)
def test_dialled_numbers_are_read_as_they_are_typed(
    text: str, dids: tuple[str, ...]
) -> None:
    assert calls.read_dids(text) == dids


@pytest.mark.parametrize(
    "text",
    ["'", "9\N{NO-BREAK SPACE}1é", "9" * 51, "😀", " ".join(map(str, range(101)))],
)
def test_what_is_no_dialled_number_is_refused(text: str) -> None:
    assert isinstance(calls.read_dids(text), Problem)


@pytest.mark.parametrize(("text", "seconds"), [("", 0), ("0", 0), ("86400", 86400)])
def test_seconds_are_read(text: str, seconds: int) -> None:
    assert calls.read_seconds(text) == seconds


@pytest.mark.parametrize("text", ["-1", "1.5", "86401", "x", "٣", "9" * 5000, " 1"])
def test_what_is_no_length_is_refused(text: str) -> None:
    assert isinstance(calls.read_seconds(text), Problem)


EVERYTHING = {"disposition", "did", "billsec"}.__contains__
NOTHING = frozenset[str]().__contains__


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        (Query(), {}),
        (Query(callees=True, outcome=Outcome.MISSED), {"outcome"}),
        (Query(dids=("91",)), {"did"}),
        (Query(min_seconds=1, outcome=Outcome.ANSWERED), {"min_seconds", "outcome"}),
    ],
)
def test_only_what_the_call_records_lack_is_refused(
    query: Query, fields: set[str]
) -> None:
    assert set(calls.refused(query, NOTHING)) == set(fields)
    assert calls.refused(query, EVERYTHING) == {}
