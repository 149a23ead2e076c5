"""What is asked about opt-outs and automatic answers.

The fields of settings have their names; domain.answer_settings checks them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    SelectField,
    SelectMultipleField,
    TextAreaField,
)
from wtforms.widgets import CheckboxInput, ListWidget

from massivesms.domain.answer_rules import MATCHING_LABELS, AnswerRule, Matching
from massivesms.domain.answer_settings import (
    PHRASES,
    WEEKDAYS,
    clean,
)
from massivesms.domain.keywords import read_phrases

from .fields import LineField, MessageField
from .settings import SettingsForm, label_of

TEXT_ROWS = {"rows": 3}
WORD_FIELD = {"spellcheck": "false", "autocomplete": "off"}


class DaysField(SelectMultipleField):
    """Days of the week as boxes; their numbers with commas are stored."""

    widget = ListWidget()
    option_widget = CheckboxInput()

    def offer(self) -> None:
        """Sets the days in the reader's language."""
        self.choices = [(str(n), gettext(label)) for n, label in WEEKDAYS.items()]

    @property
    def text(self) -> str:
        """What is stored."""
        return ",".join(sorted(self.data or ()))


def _words(name: str, rows: int) -> TextAreaField:
    return TextAreaField(label_of(name), render_kw=WORD_FIELD | {"rows": rows})


class _AnswerSettings(SettingsForm):
    """Settings of answers: words in one way of writing, days as their numbers."""

    def text_of(self, name: str, field: Field) -> str:
        """As in every form of settings, but for phrases and days."""
        if isinstance(field, DaysField):
            return field.text
        if name in PHRASES:
            return clean(name, field.data or "")
        return super().text_of(name, field)

    @classmethod
    def shown(cls, texts: Mapping[str, str]) -> dict[str, Any]:
        """As in every form of settings, but for days."""
        data = super().shown(texts)
        if days := data.get("opening_days"):
            data["opening_days"] = days.split(",")
        return data


class OptOutForm(_AnswerSettings):
    """Which words mean what, and what is told to whom."""

    opt_outs = BooleanField(label_of("opt_outs"))
    opt_out_words = _words("opt_out_words", 5)
    opt_in_words = _words("opt_in_words", 3)
    polite_words = _words("polite_words", 4)
    opt_out_inside = BooleanField(label_of("opt_out_inside"))
    opt_out_text = MessageField(label_of("opt_out_text"), render_kw=TEXT_ROWS)
    opt_in_text = MessageField(label_of("opt_in_text"), render_kw=TEXT_ROWS)
    opt_out_again_days = LineField(label_of("opt_out_again_days"))


class AnswersForm(_AnswerSettings):
    """Whether, when and how often something is answered by itself."""

    automatic_answers = BooleanField(label_of("automatic_answers"))
    answers_at_any_hour = BooleanField(label_of("answers_at_any_hour"))
    answers_per_day = LineField(label_of("answers_per_day"))
    answers_gap_minutes = LineField(label_of("answers_gap_minutes"))
    answers_least_digits = LineField(label_of("answers_least_digits"))
    out_of_hours = BooleanField(label_of("out_of_hours"))
    out_of_hours_text = MessageField(_("What is answered"), render_kw=TEXT_ROWS)
    opening_hours = LineField(label_of("opening_hours"))
    opening_days = DaysField(label_of("opening_days"), validate_choice=False)


class TryForm(FlaskForm):
    """A text as somebody might write it."""

    text = MessageField(_("A text as it might come in"), render_kw={"rows": 2})


class RuleForm(FlaskForm):
    """One keyword answer; domain.answer_rules checks it."""

    words = TextAreaField(_("Keywords"), render_kw=WORD_FIELD | {"rows": 2})
    matching = SelectField(_("Where the keyword stands"), validate_choice=False)
    text = MessageField(_("Answer"), render_kw={"rows": 4})
    hours = LineField(_("Only within these hours"))
    days = DaysField(_("Only on these days"), validate_choice=False)
    active = BooleanField(_("In use"))

    def offer(self) -> None:
        """Sets what can be chosen, in the reader's language."""
        self.days.offer()
        self.matching.choices = [
            (str(value), gettext(label)) for value, label in MATCHING_LABELS.items()
        ]

    def rule(self, rule_id: int) -> AnswerRule:
        """What was entered, as it would be stored."""
        known = self.matching.data in set(Matching)
        return AnswerRule(
            words=", ".join(read_phrases(self.words.data or "")),
            text=self.text.data.strip(),
            matching=Matching(self.matching.data) if known else Matching.ALONE,
            active=bool(self.active.data),
            hours=self.hours.data,
            days=self.days.text,
            id=rule_id,
        )


def rule_data(rule: AnswerRule) -> dict[str, Any]:
    """A keyword answer as the fields of its form take it."""
    return {
        "words": rule.words,
        "matching": str(rule.matching),
        "text": rule.text,
        "active": rule.active,
        "hours": rule.hours,
        "days": [day for day in rule.days.split(",") if day],
    }
