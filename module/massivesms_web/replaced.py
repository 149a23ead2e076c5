"""Says what was replaced in a message that was just sent or saved: never in silence."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext, ngettext
from markupsafe import Markup

from massivesms.domain import smart_text
from massivesms.domain.smart_text import Improved
from massivesms.intake.own_texts import Tally

from . import current
from .language import number

# Beside the part of a page that was asked for, at the top of it.
BESIDE = Markup(
    '<div id="flashes" aria-live="polite" hx-swap-oob="true">'
    '<div class="notice notice-info" role="status">{}</div></div>'
)


def say(improved: Improved) -> None:
    """On the page that comes next."""
    if words := smart_text.said(improved):
        flash(current.say(words), "info")


def say_of_rows(tally: Tally) -> None:
    """On the page that comes next, of rows that brought their own texts."""
    if tally.texts:
        words = ngettext(
            "In the message of %(n)s row expensive characters were replaced.",
            "In the messages of %(n)s rows expensive characters were replaced.",
            tally.texts,
            n=number(tally.texts),
        )
        saved = gettext("Segments that it saves: %(n)s.", n=number(tally.segments))
        flash(f"{words} {saved}", "info")


def beside(improved: Improved) -> str:
    """For a page of which only a part is fetched; '' when nothing was replaced."""
    words = smart_text.said(improved)
    return str(BESIDE.format(current.say(words))) if words else ""
