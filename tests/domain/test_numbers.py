"""The verdict on one number: what is accepted as which number, and why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from massivesms.domain.numbers import (
    Number,
    NumberPlan,
    read_country_code,
    read_number,
    read_prefixes,
)
from massivesms.domain.words import Problem

SPAIN = NumberPlan("34", ("6", "7"), 9, 9)
SPAIN_OPEN = NumberPlan("34", (), 9, 9)
SPAIN_CODE_ONLY = NumberPlan("34")
CHILE = NumberPlan("56", ("9",), 9, 9)
BRITAIN = NumberPlan("44", ("7",), 10, 10)
BRITAIN_OPEN = NumberPlan("44", (), 10, 10)
IVORY_COAST = NumberPlan("225", ("01", "05", "07"), 10, 10)
ITALY = NumberPlan("39", ("3",), 9, 10)
NOWHERE = NumberPlan()


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("600111222", id="plain"),
        pytest.param("600 111 222", id="spaces"),
        pytest.param("600\N{NO-BREAK SPACE}111\N{THIN SPACE}222", id="other-spaces"),
        pytest.param("600.111.222", id="full-stops"),
        pytest.param("600-111-222", id="hyphens"),
        pytest.param("600–111—222", id="dashes"),
        pytest.param("(600) 111/222", id="brackets-and-slash"),
        pytest.param("600,111,222", id="thousands"),
        pytest.param("６００１１１２２２", id="full-width-digits"),
        pytest.param("٦٠٠١١١٢٢٢", id="arabic-digits"),
        pytest.param("'600111222", id="apostrophe-of-a-spreadsheet"),
        pytest.param('="600111222"', id="formula-of-a-spreadsheet"),
        pytest.param("600111222.0", id="saved-as-float"),
        pytest.param("600111222,00", id="saved-as-float-with-comma"),
        pytest.param("6.00111222E+08", id="scientific-with-all-digits"),
        pytest.param("tel:600111222", id="link"),
        pytest.param("\u202a600111222\u202c", id="marks-of-a-phone-book"),
        pytest.param("\ufeff600111222\r\n", id="mark-and-line-break-around"),
        pytest.param("0600111222", id="one-trunk-digit-too-many"),
    ],
)
def test_every_spelling_of_a_local_number_is_the_same_number(raw: str) -> None:
    assert read_number(raw, SPAIN) == Number("+34600111222", is_local=True)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("+34600111222", id="plus"),
        pytest.param("0034600111222", id="two-zeros"),
        pytest.param("34600111222", id="country-code-alone"),
        pytest.param("(+34) 600 111 222", id="brackets"),
        pytest.param("+34 (0) 600 111 222", id="trunk-digit-in-brackets"),
        pytest.param("tel:+34-600-111-222", id="link"),
        pytest.param("＋34600111222", id="full-width-plus"),
        pytest.param("+0034 600111222", id="plus-and-zeros"),
        pytest.param("34600111222.0", id="saved-as-float"),
        pytest.param("3.46001112220E+10", id="scientific-with-all-digits"),
        pytest.param("3,4600111222E+10", id="scientific-with-decimal-comma"),
    ],
)
@pytest.mark.parametrize("plan", [SPAIN, SPAIN_OPEN, SPAIN_CODE_ONLY])
def test_every_spelling_with_country_code_is_the_same_number(
    raw: str, plan: NumberPlan
) -> None:
    assert read_number(raw, plan) == Number("+34600111222", is_local=False)


@pytest.mark.parametrize(
    ("raw", "plan", "e164", "is_local"),
    [
        pytest.param("346001112", SPAIN_OPEN, "+34346001112", True, id="by-length"),
        pytest.param("5691234567", ITALY, None, True, id="foreign-without-plus"),
        pytest.param("3912345678", ITALY, "+393912345678", True, id="prefix-fits"),
        pytest.param(
            "393331234567", ITALY, "+393331234567", False, id="too-long-for-local"
        ),
        pytest.param(
            "561234567",
            NumberPlan("56", ("1", "9"), 7, 9),
            "+561234567",
            False,
            id="local-reading-fails-on-the-prefix",
        ),
        pytest.param("56912345678", CHILE, "+56912345678", False, id="chile-whole"),
        pytest.param("912345678", CHILE, "+56912345678", True, id="chile-local"),
    ],
)
def test_length_and_prefix_tell_a_local_number_from_a_whole_one(
    raw: str, plan: NumberPlan, e164: str | None, is_local: bool
) -> None:
    number = read_number(raw, plan)
    if e164 is None:
        assert isinstance(number, Problem)
    else:
        assert number == Number(e164, is_local)


@pytest.mark.parametrize("plan", [BRITAIN, BRITAIN_OPEN, NumberPlan("44")])
@pytest.mark.parametrize(
    "raw", ["07911 123456", "7911123456", "+44 (0)7911 123456", "447911123456"]
)
def test_the_trunk_zero_is_no_part_of_a_british_number(
    raw: str, plan: NumberPlan
) -> None:
    number = read_number(raw, plan)
    assert isinstance(number, Number)
    assert number.e164 == "+447911123456"


def test_a_zero_that_is_part_of_the_number_stays() -> None:
    assert read_number("0707123456", IVORY_COAST) == Number("+2250707123456", True)


@pytest.mark.parametrize(
    ("raw", "plan", "code"),
    [
        pytest.param("", SPAIN, "empty", id="empty"),
        pytest.param(" \t", SPAIN, "empty", id="blank"),
        pytest.param("-", SPAIN, "empty", id="only-a-dash"),
        pytest.param("anonymous", SPAIN, "no_digits", id="withheld"),
        pytest.param("600x11222", SPAIN, "unknown_characters", id="letter"),
        pytest.param("34+600111222", SPAIN, "unknown_characters", id="plus-inside"),
        pytest.param("60011122", SPAIN, "too_short", id="one-digit-lost"),
        pytest.param("6001112223", SPAIN, "too_long", id="one-digit-more"),
        pytest.param("3460011122", SPAIN, "too_short", id="short-behind-the-code"),
        pytest.param("+3460011122", SPAIN, "too_short", id="short-behind-the-plus"),
        pytest.param("912345678", SPAIN, "not_mobile", id="landline"),
        pytest.param("+34912345678", SPAIN, "not_mobile", id="landline-whole"),
        pytest.param("912345678", SPAIN_CODE_ONLY, "not_mobile", id="by-its-country"),
        pytest.param("+442079460958", SPAIN, "not_mobile", id="foreign-landline"),
        pytest.param("+4479111234", SPAIN, "too_short", id="foreign-short"),
        pytest.param("+4479111234567890", SPAIN, "too_long", id="foreign-long"),
        pytest.param("+999600111222", SPAIN, "invalid", id="no-such-country"),
        pytest.param("9" * 40, SPAIN, "too_long", id="far-too-long"),
        pytest.param("+" + "9" * 40, NOWHERE, "invalid", id="far-too-long-abroad"),
        pytest.param("600111222", NOWHERE, "no_country_code", id="no-country-set"),
        pytest.param("4.4791E+11", SPAIN, "scientific", id="digits-lost"),
        pytest.param("4,4791e+11", SPAIN, "scientific", id="digits-lost-with-comma"),
        pytest.param("4.4791 E 11", SPAIN, "scientific", id="digits-lost-with-spaces"),
        pytest.param("6E8", SPAIN, "scientific", id="all-but-one-digit-lost"),
        pytest.param("6.001112225E+8", NOWHERE, "scientific", id="no-whole-number"),
        pytest.param("600 111 222 / 600 333 444", SPAIN, "several_numbers", id="slash"),
        pytest.param("600111222;600333444", SPAIN, "several_numbers", id="semicolon"),
        pytest.param("600111222\n600333444", SPAIN, "several_numbers", id="two-lines"),
        pytest.param("600111222 y 600333444", SPAIN, "several_numbers", id="y"),
        pytest.param("600111222 600333444", SPAIN, "several_numbers", id="space"),
        pytest.param("+34600111222+34600333444", SPAIN, "several_numbers", id="plus"),
    ],
)
def test_a_number_is_refused_with_its_reason(
    raw: str, plan: NumberPlan, code: str
) -> None:
    problem = read_number(raw, plan)
    assert isinstance(problem, Problem)
    assert problem.code == code
    assert str(problem).endswith(".")


def test_unknown_characters_are_named() -> None:
    problem = read_number("600*11#22*2\x00", SPAIN)
    assert isinstance(problem, Problem)
    assert problem.params == {"characters": "* # U+0000"}


def test_the_configured_prefixes_overrule_the_worlds_plans_at_home() -> None:
    plan = NumberPlan("34", ("5",), 9, 9)
    assert read_number("512345678", plan) == Number("+34512345678", True)


def test_without_prefixes_a_length_must_exist_in_the_country() -> None:
    problem = read_number("6001112", NumberPlan("34", (), 4, 15))
    assert isinstance(problem, Problem)


def test_with_prefixes_only_the_country_tells_the_lengths() -> None:
    plan = NumberPlan("34", ("6",))
    assert read_number("600111222", plan) == Number("+34600111222", True)
    assert read_number("700111222", plan).code == "not_mobile"  # type: ignore[union-attr]
    assert read_number("60011122", plan).code == "too_short"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "plan", [NumberPlan("34", ("6",), 9, 0), NumberPlan("34", ("6",), 0, 9)]
)
def test_one_length_alone_is_completed_from_the_country(plan: NumberPlan) -> None:
    assert read_number("600111222", plan) == Number("+34600111222", True)
    assert read_number("34600111222", plan) == Number("+34600111222", False)


@pytest.mark.parametrize("plan", [SPAIN, SPAIN_CODE_ONLY, NOWHERE])
def test_a_foreign_mobile_is_accepted_with_plus(plan: NumberPlan) -> None:
    assert read_number("+44 7911 123456", plan) == Number("+447911123456", False)
    assert read_number("0044 7911 123456", plan) == Number("+447911123456", False)


def test_an_unknown_country_code_counts_as_none() -> None:
    plan = NumberPlan("999", ("6",), 9, 9)
    assert read_number("600111222", plan).code == "no_country_code"  # type: ignore[union-attr]


def test_without_a_country_bare_digits_may_be_a_whole_number() -> None:
    assert read_number("447911123456", NOWHERE) == Number("+447911123456", False)


def test_a_number_knows_its_digits_and_its_national_form() -> None:
    number = Number("+34600111222", is_local=False)
    assert number.digits == "34600111222"
    assert number.national(SPAIN) == "600111222"
    assert number.national(CHILE) == "34600111222"
    assert number.national(NOWHERE) == "34600111222"


@pytest.mark.parametrize(
    ("e164", "masked"),
    [("+34600111222", "+3460•••222"), ("+2904123", "+2•••23")],
    ids=["usual", "short"],
)
def test_a_masked_number_cannot_be_called(e164: str, masked: str) -> None:
    assert Number(e164, False).masked == masked


@pytest.mark.parametrize(
    ("plan", "codes"),
    [
        pytest.param(SPAIN, [], id="spain"),
        pytest.param(NOWHERE, [], id="nothing-set"),
        pytest.param(IVORY_COAST, [], id="prefixes-with-a-zero-that-belongs"),
        pytest.param(NumberPlan("+34"), ["country_code_form"], id="plus"),
        pytest.param(NumberPlan("3456"), ["country_code_form"], id="four-digits"),
        pytest.param(NumberPlan("x"), ["country_code_form"], id="no-digits"),
        pytest.param(NumberPlan("999"), ["country_code_unknown"], id="no-country"),
        pytest.param(NumberPlan("34", ("6", "7x")), ["prefix_form"], id="letters"),
        pytest.param(NumberPlan("44", ("07",)), ["prefix_trunk_digit"], id="trunk"),
        pytest.param(NumberPlan("34", (), 10, 9), ["length_order"], id="order"),
        pytest.param(NumberPlan("34", (), 3, 16), ["length_range"] * 2, id="range"),
        pytest.param(NumberPlan("34", (), -1, 0), ["length_range"], id="negative"),
    ],
)
def test_a_plan_says_what_is_wrong_with_it(plan: NumberPlan, codes: list[str]) -> None:
    problems = plan.check()
    assert [problem.code for problem in problems] == codes
    assert all(str(problem).endswith(".") for problem in problems)


plans = st.builds(
    NumberPlan,
    st.sampled_from(["", "1", "34", "39", "44", "49", "54", "56", "225", "999", "x"]),
    st.sampled_from([(), ("6", "7"), ("9",), ("07",), ("(",)]),
    st.sampled_from([0, 4, 8, 9, 10, 16]),
    st.sampled_from([0, 8, 9, 10, 11, 15]),
)
raws = st.one_of(
    st.from_regex(r"(\+|00|0)?[0-9 ]{0,18}", fullmatch=True),
    st.text(alphabet="0123456789+-/.,eE() '", max_size=24),
    st.text(max_size=30),
)


@given(raws, plans)
def test_any_text_under_any_plan_is_a_number_of_15_digits_or_a_problem(
    raw: str, plan: NumberPlan
) -> None:
    verdict = read_number(raw, plan)
    if isinstance(verdict, Problem):
        assert verdict.text
    else:
        assert verdict.e164.startswith("+")
        assert verdict.digits.isascii()
        assert verdict.digits.isdecimal()
        assert len(verdict.digits) <= 15


@given(raws, plans)
def test_an_accepted_number_is_accepted_again_in_its_stored_form(
    raw: str, plan: NumberPlan
) -> None:
    number = read_number(raw, plan)
    if isinstance(number, Number):
        assert read_number(number.e164, plan) == Number(number.e164, False)


@given(
    st.from_regex("[0-9]{8,11}", fullmatch=True),
    st.sampled_from(["34", "33", "49", "52", "54", "55", "56", "57", "225"]),
    st.sampled_from([(), ("6", "7"), ("9", "15"), ("3",), ("1", "5", "07")]),
    st.sampled_from(["{}", "+{1}{0}", "00{1}{0}", "{1}{0}", "0{0}"]),
)
def test_the_fast_way_and_the_slow_way_agree(
    digits: str, country_code: str, prefixes: tuple[str, ...], written: str
) -> None:
    plan = NumberPlan(country_code, prefixes)
    slow = NumberPlan(country_code, prefixes)
    vars(slow)["certain_home"] = None
    raw = written.format(digits, country_code)
    assert read_number(raw, plan) == read_number(raw, slow)


def test_local_mobiles_need_no_parsing_with_prefixes_either() -> None:
    for prefixes in ((), ("6", "7")):
        certain = NumberPlan("34", prefixes).certain_home
        assert certain and certain.fullmatch("600111222")
        assert not certain.fullmatch("910111222")


def test_prefixes_are_read_as_people_separate_them() -> None:
    assert read_prefixes(" 6, 7;8 6") == ("6", "7", "8")
    assert read_prefixes("") == ()


@pytest.mark.parametrize("typed", ["34", " +34 ", "0034", "(34)"])
def test_a_country_code_is_read_as_people_write_it(typed: str) -> None:
    assert read_country_code(typed) == "34"
