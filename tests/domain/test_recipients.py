"""The verdict on each row of a load, and the summary beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.domain.numbers import Number, NumberPlan
from massivesms.domain.recipients import (
    BadRow,
    Recipient,
    Row,
    Screening,
    Verdict,
)
from massivesms.domain.words import N_, Problem

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)


def screened(*rows: Row, texts_allowed: bool = True) -> list[Recipient | BadRow]:
    return list(Screening(SPAIN, texts_allowed=texts_allowed).screen(rows))


def test_a_good_row_becomes_a_recipient_with_its_text_and_line() -> None:
    (recipient,) = screened(Row(7, "600 111 222", "Hola"))
    assert recipient == Recipient(Number("+34600111222", True), "Hola", 7)
    assert recipient.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("text", [None, "", "  "], ids=["none", "empty", "blank"])
def test_a_row_without_text_of_its_own_gets_the_campaigns(text: str | None) -> None:
    (recipient,) = screened(Row(1, "600111222", text))
    assert isinstance(recipient, Recipient)
    assert recipient.text is None


@pytest.mark.parametrize("text", [None, "", "  "], ids=["none", "empty", "blank"])
def test_a_row_without_text_is_refused_where_there_is_no_other(
    text: str | None,
) -> None:
    screening = Screening(SPAIN, texts_required=True)
    (row,) = screening.screen([Row(1, "600111222", text)])

    assert isinstance(row, BadRow)
    assert row.problem.code == "text_missing"


def test_texts_are_left_out_where_they_are_not_allowed() -> None:
    (recipient,) = screened(Row(1, "600111222", "x\x00"), texts_allowed=False)
    assert isinstance(recipient, Recipient)
    assert recipient.text is None


def test_the_first_of_equal_numbers_wins_however_they_are_written() -> None:
    first, second, third = screened(
        Row(1, "600111222", "one"),
        Row(2, "+34 600 111 222", "two"),
        Row(3, "0034600111222"),
    )
    assert isinstance(first, Recipient)
    for row in (second, third):
        assert isinstance(row, BadRow)
        assert row.verdict is Verdict.DUPLICATE
        assert row.problem.code == "duplicate"


def test_a_bad_row_keeps_everything_that_is_needed_to_repair_it() -> None:
    (row,) = screened(Row(3, "60011", "Hola"))
    assert isinstance(row, BadRow)
    assert (row.line, row.raw_number, row.row_text) == (3, "60011", "Hola")
    assert (row.verdict, row.problem.code) == (Verdict.PROBLEM, "too_short")


def test_a_bad_text_is_a_problem_of_its_row() -> None:
    (row,) = screened(Row(1, "600111222", "a" * 2000))
    assert isinstance(row, BadRow)
    assert row.problem.code == "text_too_long"


def test_a_number_refused_for_its_text_is_taken_from_a_later_row() -> None:
    refused, accepted = screened(
        Row(1, "600111222", "a\x00"), Row(2, "600111222", "Hola")
    )
    assert isinstance(refused, BadRow)
    assert isinstance(accepted, Recipient)


def test_what_the_reader_found_wrong_with_a_row_is_its_problem() -> None:
    problem = Problem("extra_cells", N_("Too many cells."))
    (row,) = screened(Row(1, "600111222", "Hola", problem))
    assert isinstance(row, BadRow)
    assert row.problem is problem


@pytest.mark.parametrize("is_campaign", [True, False])
def test_a_long_value_is_refused_only_where_it_is_to_be_kept(
    is_campaign: bool,
) -> None:
    text = "Hola" * 150
    template = "<mensaje>" if is_campaign else ""
    screening = Screening(SPAIN, texts_allowed=is_campaign, template=template)
    (verdict,) = screening.screen([Row(1, "600111222", fields={"mensaje": text})])
    if is_campaign:
        assert isinstance(verdict, Recipient) and verdict.text == text
    else:
        assert isinstance(verdict, BadRow)
        assert verdict.problem.code == "field_too_long"


def test_a_text_that_values_make_too_long_is_a_problem_of_its_row() -> None:
    screening = Screening(SPAIN, template="<mensaje>")
    (row,) = screening.screen([Row(1, "600111222", fields={"mensaje": "a" * 2000})])
    assert isinstance(row, BadRow)
    assert row.problem.code == "text_too_long"


def test_the_summary_counts_rows_by_reason_with_their_first_lines() -> None:
    screening = Screening(SPAIN)
    rows = [Row(n, "12") for n in range(1, 9)]
    rows += [Row(9, "600111222", "Hola"), Row(10, "600111222"), Row(11, "700111222")]
    rows += [Row(12, "")]
    list(screening.screen(rows))
    summary = screening.summary
    assert (summary.rows, summary.accepted, summary.with_text) == (12, 2, 1)
    assert (summary.duplicates, summary.refused) == (1, 9)
    assert list(summary.problems) == ["too_short", "empty"]
    short = summary.problems["too_short"]
    assert (short.count, short.lines) == (8, [1, 2, 3, 4, 5])
    assert short.example.code == "too_short"


def test_rows_are_taken_one_at_a_time_and_the_summary_follows() -> None:
    taken = 0

    def rows() -> Iterator[Row]:
        nonlocal taken
        for n in range(1_000_000):
            taken += 1
            yield Row(n, f"6{n:08}")

    screening = Screening(SPAIN)
    verdicts = screening.screen(rows())
    next(verdicts)
    next(verdicts)
    assert taken == 2
    assert screening.summary.accepted == 2


def test_numbers_of_an_earlier_load_count_as_seen() -> None:
    screening = Screening(SPAIN)
    list(screening.screen([Row(1, "600111222")]))
    (row,) = screening.screen([Row(1, "600111222")])
    assert row.verdict is Verdict.DUPLICATE
    assert screening.summary.duplicates == 1


def test_who_is_taken_back_is_not_said_to_be_excluded() -> None:
    screening = Screening(SPAIN, texts_allowed=False)
    row = Row(1, "600111222", fields={"use": "Excluded"})
    (recipient,) = screening.screen([row])
    assert isinstance(recipient, Recipient)
    (note,) = screening.notes
    assert note.params["n"] == 1
    screening.take_back(recipient, Problem("erased", N_("It was erased.")))
    assert screening.notes == []
