"""The language and the clock of the pages.

Language: the user's own, else the one chosen in this browser, else the setting,
else what the browser asks for. Times are UTC below and local only here.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from babel import Locale, dates, numbers
from flask import Flask, g, request, session
from flask_babel import Babel, get_locale
from flask_babel import gettext as _
from flask_login import current_user
from markupsafe import Markup

from massivesms.domain.settings import LANGUAGES
from massivesms.errors import StoreError
from massivesms.languages import CATALOGUES

from . import current

SESSION_KEY = "language"


def init(app: Flask) -> None:
    """Teaches the application its languages and the filters of its clock."""
    Babel(
        app,
        default_translation_directories=str(CATALOGUES),
        locale_selector=chosen,
        timezone_selector=_zone_name,
    )
    app.jinja_env.filters.update(
        local_time=local_time,
        local_date=local_date,
        file_size=file_size,
        number=number,
        price=price,
        tenths=tenths,
    )
    app.jinja_env.globals.update(languages=LANGUAGES, language=chosen)


def chosen() -> str:
    """The language of this request: en or es."""
    if "language" not in g:
        g.language = "en"  # for whoever asks while we are choosing
        g.language = next(name for name in _wishes() if name in LANGUAGES)
    found: str = g.language
    return found


def forget() -> None:
    """After a change: the next chosen() asks again."""
    g.pop("language", None)


def _wishes() -> list[str]:
    wishes: list[str] = []
    if current.has_visitor():
        try:
            wishes.append(getattr(current_user, "language", ""))
            wishes.append(session.get(SESSION_KEY, ""))
            wishes.append(current.settings().language)
        except StoreError:
            pass  # the page that says so needs a language too
    browser = request.accept_languages.best_match(list(LANGUAGES), "en")
    return [*wishes, browser or "en"]


def _zone_name() -> str:
    try:
        return current.settings().time_zone.key
    except StoreError:
        return "UTC"


def _locale() -> Locale:
    return get_locale() or Locale("en")


def local_time(moment: datetime | None, seconds: bool = False) -> Markup | str:
    """A UTC moment in the configured zone, as a <time> element; '' for None."""
    if moment is None:
        return ""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    local = aware.astimezone(current.settings().time_zone)
    form = "d MMM y, HH:mm:ss" if seconds else "d MMM y, HH:mm"
    text = dates.format_datetime(local, form, locale=_locale())
    return Markup('<time datetime="{}">{}</time>').format(
        aware.isoformat(timespec="seconds"), text
    )


def local_date(day: date, form: str = "d MMM y") -> str:
    """A date in the reader's language."""
    return dates.format_date(day, form, locale=_locale())


def number(value: Any) -> str:
    """A number with the thousands separators of the reader's language."""
    return numbers.format_decimal(value or 0, locale=_locale())


def file_size(octets: int) -> str:
    """How large a file is, in kB, or in MB when that is more than one."""
    unit, size = ("MB", octets / 1e6) if octets >= 1e6 else ("kB", octets / 1e3)
    return f"{numbers.format_decimal(size, format='#,##0.#', locale=_locale())} {unit}"


def at_most(value: int, most: int) -> str:
    """A number that was not counted any further than `most`."""
    return number(value) if value < most else _("%(n)s or more", n=number(most))


def price(value: Any) -> str:
    """A price with two to four decimals, as the reader's language writes them."""
    return numbers.format_decimal(value, format="#,##0.00##", locale=_locale())


def tenths(value: Any) -> str:
    """A percentage to a tenth, as the reader's language writes it."""
    return numbers.format_decimal(value, format="0.0", locale=_locale())
