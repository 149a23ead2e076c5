"""The product's words in each language, for the pages and for mails alike.

Owns where the catalogue is: one for all that massivesms says, beside the code that
both the pages and the service stand on. A mail is written without a request, so it
takes a Speech; a page's words come through Flask-Babel from the same files.
"""

from __future__ import annotations

import gettext
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers

from .domain.settings import LANGUAGES
from .domain.words import Problem

CATALOGUES = Path(__file__).parent / "translations"
DEFAULT = "en"
TIME = "d MMM y, HH:mm"
DATE = "EEEE, d MMM y"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The sentences of a language; English ones for a language that we lack."""
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)


class Speech:
    """What speaks one language and knows whose clock is shown."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language if language in LANGUAGES else DEFAULT
        self._catalogue = catalogue(self.language)
        self._locale = Locale(self.language)
        self._zone = zone

    def gettext(self, text: str, /, **values: object) -> str:
        """A sentence in the language, its places filled."""
        said = self._catalogue.gettext(text)
        return said % values if values else said

    def ngettext(self, one: str, many: str, n: int, /, **values: object) -> str:
        """A sentence about `n` things."""
        return self._catalogue.ngettext(one, many, n) % values

    def say(self, problem: Problem) -> str:
        """A problem's sentence."""
        return (self.gettext(problem.template) % problem.params).strip()

    def number(self, value: int) -> str:
        """A number with the language's separators."""
        return str(numbers.format_decimal(value, locale=self._locale))

    def time(self, moment: datetime) -> str:
        """A moment (UTC, as the database has it) by the configured clock."""
        aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        local = aware.astimezone(self._zone)
        return str(dates.format_datetime(local, TIME, locale=self._locale))

    def date(self, day: date) -> str:
        """A day with its weekday."""
        return str(dates.format_date(day, DATE, locale=self._locale))
