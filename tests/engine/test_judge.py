"""The judge finds a planted loss, duplicate, alteration and stray message."""

from __future__ import annotations

import pytest

from tests.engine.judge import FAULTLESS, Judgement, judge
from tests.fakes.smsc import Received


def came(number: str, text: str = "a", segments: int = 1) -> Received:
    return Received(number, "", text, 0, segments, 1, 0.0)


ROWS = [
    {"number": "+1", "state": "submitted", "text": "a"},
    {"number": "+2", "state": "in_doubt", "text": "a"},
    {"number": "+3", "state": "queued", "text": "a"},
]


@pytest.mark.parametrize(
    ("received", "judgement"),
    [
        ([came("1")], FAULTLESS),
        ([came("1"), came("2")], FAULTLESS),
        ([], Judgement(["1"], [], [], [])),
        ([came("1"), came("1")], Judgement([], ["1"], [], [])),
        ([came("1"), came("2"), came("2")], Judgement([], ["2"], [], [])),
        ([came("1", "b")], Judgement([], [], ["1"], [])),
        ([came("1", segments=0)], Judgement([], [], ["1"], [])),
        ([came("1"), came("3")], Judgement([], [], [], ["3"])),
        ([came("1"), came("9")], Judgement([], [], [], ["9"])),
    ],
    ids=[
        "all well",
        "in doubt and there",
        "lost",
        "twice",
        "in doubt and twice",
        "altered",
        "a segment is missing",
        "came though it is queued",
        "nobody knows it",
    ],
)
def test_the_judge_sees(received: list[Received], judgement: Judgement) -> None:
    assert judge(ROWS, received) == judgement
