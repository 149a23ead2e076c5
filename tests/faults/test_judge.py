"""The judge finds each planted fault, and nothing in a run without one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.fakes.smsc import Received, Submission, assemble
from tests.faults.judge import FAULTLESS, Imported, Judgement, Tally, judge, tally

N = 6


@dataclass
class Case:
    """A run without a fault, for a test to spoil."""

    imported: list[Imported]
    rows: list[dict[str, Any]]
    received: list[Received]
    counts: dict[str, int]

    def judge(self) -> Judgement:
        return judge(
            self.rows, self.received, self.imported, self.counts, finished=True
        )


def sound() -> Case:
    """Four sent, one in doubt that came, one in doubt that never did."""
    put_in = [Imported(f"r.{n}", f"+3460000000{n}", f"Hola <r.{n}>") for n in range(N)]
    states = ["submitted", "delivered", "undelivered", "expired", *["in_doubt"] * 2]
    return Case(
        put_in,
        [
            {"id": n, "number": one.number, "text": one.text, "state": state}
            for n, (one, state) in enumerate(zip(put_in, states, strict=True))
        ],
        [came(one.number, one.text) for one in put_in[: N - 1]],
        {"submitted": 1, "delivered": 1, "undelivered": 1, "expired": 1, "in_doubt": 2},
    )


def came(number: str, text: str, segments: int = 1, expected: int = 1) -> Received:
    return Received(number.removeprefix("+"), "", text, 0, segments, expected, 0.0)


def test_a_sound_run_is_faultless() -> None:
    assert sound().judge() == FAULTLESS
    assert str(sound().judge()) == "faultless"


def lose(case: Case) -> None:
    del case.received[1]


def double(case: Case) -> None:
    case.received.append(case.received[1])


def double_in_doubt(case: Case) -> None:
    case.received.append(case.received[4])


def swap_texts(case: Case) -> None:
    """The right people get the wrong texts: the ids come to other numbers."""
    first, second = case.received[1:3]
    case.received[1:3] = [
        replace(first, text=second.text),
        replace(second, text=first.text),
    ]


def swap_recipients(case: Case) -> None:
    first, second = case.received[1:3]
    case.received[1:3] = [
        replace(first, number=second.number),
        replace(second, number=first.number),
    ]


def lose_segment(case: Case) -> None:
    case.received[1] = replace(case.received[1], segments=1, segments_expected=2)


def lose_first_segment(case: Case) -> None:
    """The id was in it: joined by the number."""
    case.received[1] = replace(
        case.received[1], text="the rest", segments=1, segments_expected=2
    )


def alter(case: Case) -> None:
    text = case.received[1].text
    case.received[1] = replace(case.received[1], text=text.replace("Hola", "Hol?"))


def double_a_segment(case: Case) -> None:
    case.received.append(came(case.received[1].number, "the rest", 1, 2))


def send_what_failed(case: Case) -> None:
    case.rows[1]["state"] = "failed"
    case.counts |= {"delivered": 0, "failed": 1}


def come_from_nowhere(case: Case) -> None:
    case.received.append(came("+34699999999", "Hola <x.1>"))


def drop_row(case: Case) -> None:
    del case.rows[5]
    case.counts["in_doubt"] = 1


def double_row(case: Case) -> None:
    case.rows.append(case.rows[5])
    case.counts["in_doubt"] = 3


def change_row(case: Case) -> None:
    case.rows[5]["text"] = "Hola! <r.5>"


def miscount(case: Case) -> None:
    case.counts |= {"submitted": 2, "in_doubt": 1}


def leave_undone(case: Case) -> None:
    case.rows[5]["state"] = "queued"
    case.counts |= {"in_doubt": 1, "queued": 1}


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        (lose, {"lost": ["r.1"]}),
        (double, {"duplicated": ["r.1"]}),
        (double_in_doubt, {"duplicated": ["r.4"]}),
        (swap_texts, {"altered": ["r.1", "r.2"]}),
        (swap_recipients, {"altered": ["r.1", "r.2"]}),
        (lose_segment, {"altered": ["r.1"]}),
        (lose_first_segment, {"altered": ["r.1"]}),
        (alter, {"altered": ["r.1"]}),
        (double_a_segment, {"duplicated": ["r.1"]}),
        (send_what_failed, {"stray": ["r.1"]}),
        (come_from_nowhere, {"stray": ["34699999999"]}),
        (drop_row, {"unaccounted": ["r.5"]}),
        (double_row, {"unaccounted": ["r.5"]}),
        (change_row, {"unaccounted": ["r.5"]}),
        (
            miscount,
            {
                "unaccounted": [
                    "count of in_doubt: 1, really 2",
                    "count of submitted: 2, really 1",
                ]
            },
        ),
        (leave_undone, {"unaccounted": ["r.5"]}),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_a_planted_fault_is_found_and_nothing_else(
    plant: Callable[[Case], None], found: dict[str, list[str]]
) -> None:
    case = sound()
    plant(case)
    assert case.judge().faults() == found


def test_a_planted_fault_is_named_in_words() -> None:
    case = sound()
    lose(case)
    double(case)
    assert str(case.judge()) == "lost 1 (r.1); duplicated 1 (r.2)"


def test_work_may_be_left_when_the_run_is_not_over() -> None:
    case = sound()
    leave_undone(case)
    verdict = judge(case.rows, case.received, case.imported)
    assert verdict == FAULTLESS


def test_rows_alone_are_joined_by_their_numbers() -> None:
    """As the tests of the engine use it, where texts carry no id."""
    rows = [
        {"id": n, "number": f"+{n}", "text": "a", "state": state}
        for n, state in enumerate(["submitted", "in_doubt", "queued"], start=1)
    ]
    got = [came("1", "b"), came("2", "a"), came("2", "a"), came("3", "a")]
    assert judge(rows, got).faults() == {
        "altered": ["1"],
        "duplicated": ["2"],
        "stray": ["3"],
    }


def test_a_segment_that_came_twice_on_the_wire_is_a_duplicate() -> None:
    """From the bytes of the log, through the assembly of segments."""
    wire = [segment(n) for n in (1, 2)]
    rows = [{"id": 1, "number": "+34600", "text": "<r.1> ab", "state": "submitted"}]
    whole = assemble(wire)
    assert [one.text for one in whole] == ["<r.1> ab"]
    assert judge(rows, whole) == FAULTLESS
    assert judge(rows, assemble([*wire, segment(2)])).duplicated == ["r.1"]
    assert judge(rows, assemble(wire[1:])).altered == ["r.1"]


def segment(ordinal: int) -> Submission:
    """One of two segments of "<r.1> ab", as it stands in a receive log."""
    texts = {1: b"<r.1> a", 2: b"b"}
    content = bytes([5, 0, 3, 9, 2, ordinal]) + texts[ordinal]
    addresses = b"\0" + b"\x01\x01\0" + b"\x01\x0134600\0"
    modes = b"\x40\0\0" + b"\0\0" + b"\0\0\0\0"  # UDH; no dates; data_coding 0
    body = addresses + modes + bytes([len(content)]) + content
    return Submission(0.0, "ana", body, ordinal)


def test_recovered_is_what_was_interrupted_and_is_settled() -> None:
    rows = [
        {"id": n, "state": state}
        for n, state in enumerate(["delivered", "in_doubt", "in_doubt", "submitted"])
    ]
    assert tally(rows, {0, 1, 3}) == Tally(in_doubt=2, recovered=2)
