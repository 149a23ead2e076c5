"""Keyword answers and the answer outside the hours: which one, when, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from massivesms.domain import settings as product_settings
from massivesms.domain.answer_rules import (
    AnswerRule,
    Kind,
    Matching,
    check_rule,
    understand,
)
from massivesms.domain.answer_settings import AnswerSettings
from massivesms.domain.words import Problem

MADRID = ZoneInfo("Europe/Madrid")
WEDNESDAY = datetime(2026, 3, 4, 12, 0, tzinfo=MADRID)
INFO = AnswerRule("INFO, HORARIO", "Abrimos a las 9", id=1)


def settings(**texts: str) -> AnswerSettings:
    return product_settings.read(texts).answers


def answered(
    text: str, *rules: AnswerRule, at: datetime = WEDNESDAY, **texts: str
) -> tuple[Kind, str]:
    found = understand(text, settings(**texts), rules, at)
    return found.kind, found.answer


@pytest.mark.parametrize(
    ("text", "matching", "fits"),
    [
        ("info", Matching.ALONE, True),
        ("¡Hola! Horario, por favor", Matching.ALONE, True),
        ("horario del lunes", Matching.ALONE, False),
        ("horario del lunes", Matching.BEGINS, True),
        ("hola, horario del lunes", Matching.BEGINS, True),
        ("el horario", Matching.BEGINS, False),
        ("", Matching.BEGINS, False),
        ("¿qué horario tienen?", Matching.INSIDE, True),
        ("horarios", Matching.INSIDE, False),
        ("informe", Matching.BEGINS, False),
    ],
)
def test_a_keyword_stands_where_its_answer_wants_it(
    text: str, matching: Matching, fits: bool
) -> None:
    rule = AnswerRule("INFO, HORARIO", "Abrimos a las 9", matching)
    assert answered(text, rule) == (
        (Kind.KEYWORD, "Abrimos a las 9") if fits else (Kind.NOTHING, "")
    )


def test_an_opt_out_comes_before_every_answer() -> None:
    rule = AnswerRule("STOP", "Never", Matching.INSIDE)
    assert answered("stop", rule)[0] is Kind.OPT_OUT


def test_the_first_answer_that_holds_now_is_given() -> None:
    evening = AnswerRule("INFO", "Tarde", hours="18:00-08:00", id=1)
    weekend = AnswerRule("INFO", "Fin de semana", days="6,7", id=2)
    off = AnswerRule("INFO", "No", active=False, id=3)
    every = (off, evening, weekend, INFO)
    assert answered("info", *every)[1] == "Abrimos a las 9"
    assert answered("info", *every, at=WEDNESDAY.replace(hour=19))[1] == "Tarde"
    saturday = WEDNESDAY.replace(day=7)
    assert answered("info", *every, at=saturday)[1] == "Fin de semana"


OPEN = {"out_of_hours": "yes", "out_of_hours_text": "Cerrado"}


@pytest.mark.parametrize(
    ("day", "hour", "hours", "days", "is_open"),
    [
        (4, 12, "09:00-18:00", "1,2,3,4,5", True),
        (4, 8, "09:00-18:00", "1,2,3,4,5", False),
        (4, 18, "09:00-18:00", "1,2,3,4,5", False),
        (7, 12, "09:00-18:00", "1,2,3,4,5", False),
        (7, 12, "09:00-18:00", "", True),
        (7, 3, "", "1,2,3,4,5", False),
        (4, 3, "", "1,2,3,4,5", True),
        (6, 23, "20:00-04:00", "5", True),
        (7, 3, "20:00-04:00", "5", True),  # still Friday's night
        (6, 3, "20:00-04:00", "5", False),  # Thursday's night
    ],
)
def test_hours_are_those_of_the_wall_and_a_night_belongs_to_its_evening(
    day: int, hour: int, hours: str, days: str, is_open: bool
) -> None:
    at = WEDNESDAY.replace(day=day, hour=hour)
    texts = {**OPEN, "opening_hours": hours, "opening_days": days}
    found = answered("¿Hay alguien?", at=at, **texts)
    assert found == ((Kind.NOTHING, "") if is_open else (Kind.OUT_OF_HOURS, "Cerrado"))


def test_a_keyword_is_answered_outside_the_hours_too() -> None:
    night = WEDNESDAY.replace(hour=3)
    assert answered("info", INFO, at=night, **OPEN)[0] is Kind.KEYWORD


def test_turned_off_nothing_is_answered_but_an_opt_out_is_heard() -> None:
    off = {**OPEN, "automatic_answers": "no"}
    night = WEDNESDAY.replace(hour=3)
    assert answered("info", INFO, at=night, **off) == (Kind.NOTHING, "")
    assert answered("stop", INFO, at=night, **off)[0] is Kind.OPT_OUT


@pytest.mark.parametrize(
    ("rule", "field", "code"),
    [
        (AnswerRule("", "x"), "words", "keyword_missing"),
        (AnswerRule("STOP", "x"), "words", "keyword_wish"),
        (AnswerRule("Alta", "x"), "words", "keyword_wish"),
        (AnswerRule("!!", "x"), "words", "phrase_empty"),
        (AnswerRule("INFO", "  "), "text", "text_empty"),
        (AnswerRule("INFO", "x" * 1531), "text", "text_too_long"),
        (AnswerRule("INFO", "x", hours="9-18"), "hours", "hours_form"),
        (AnswerRule("INFO", "x", days="0,8"), "days", "days_form"),
    ],
)
def test_what_is_wrong_with_an_answer_is_said_beside_its_field(
    rule: AnswerRule, field: str, code: str
) -> None:
    found = check_rule(rule, settings())
    assert {name: problem.code for name, problem in found.items()} == {field: code}


def test_a_good_answer_has_no_problems() -> None:
    assert check_rule(INFO, settings()) == {}
    assert check_rule(AnswerRule("STOP", "x"), settings(opt_outs="no")) == {}


@pytest.mark.parametrize(
    ("changes", "name", "code"),
    [
        ({"opt_in_words": "ALTA, Stop"}, "opt_in_words", "phrase_both"),
        ({"opt_out_words": ""}, "opt_out_words", "phrases_none"),
        ({"out_of_hours": "yes"}, "out_of_hours_text", "answer_empty"),
        ({"answers_per_day": "0"}, "answers_per_day", "setting_range"),
        ({"answers_per_day": "many"}, "answers_per_day", "setting_range"),
        ({"answers_least_digits": "3"}, "answers_least_digits", "setting_range"),
        ({"opening_days": "1,9"}, "opening_days", "days_form"),
        ({"opening_hours": "9 to 5"}, "opening_hours", "hours_form"),
        ({"opt_outs": "maybe"}, "opt_outs", "setting_yes_no"),
        ({"opt_out_text": "x" * 2000}, "opt_out_text", "text_too_long"),
    ],
)
def test_settings_that_make_no_sense_are_refused(
    changes: dict[str, str], name: str, code: str
) -> None:
    found: dict[str, Any] = dict(product_settings.check(changes, {}))
    assert isinstance(found[name], Problem)
    assert found[name].code == code


def test_settings_are_stored_as_they_are_read() -> None:
    given = {"opt_out_words": "Stop;baja\nno  más", "opening_days": "5, 1,,3"}
    assert product_settings.check(given, {}) == {
        "opt_out_words": "Stop, baja, no más",
        "opening_days": "1,3,5",
    }
    assert product_settings.check({"opt_out_text": ""}, {}) == {"opt_out_text": ""}
