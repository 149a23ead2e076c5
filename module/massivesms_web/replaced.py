"""Says what was replaced in a message that was just sent or saved: never in silence."""

from __future__ import annotations

from flask import flash
from markupsafe import Markup

from massivesms.domain import smart_text
from massivesms.domain.smart_text import Improved, Improver
from massivesms.domain.templates import places
from massivesms.domain.words import Problem

from . import current

# Beside the part of a page that was asked for, at the top of it.
BESIDE = Markup(
    '<div id="flashes" aria-live="polite" hx-swap-oob="true">'
    '<div class="notice notice-info" role="status">{}</div></div>'
)


def say(improved: Improved) -> None:
    """On the page that comes next."""
    if words := _said(improved):
        flash(current.say(words), "info")


def say_of_many(improver: Improver) -> None:
    """On the page that comes next, of texts that each row or contact has of its own."""
    for words in improver.notes:
        flash(current.say(words), "info")


def beside(improved: Improved) -> str:
    """For a page of which only a part is fetched; '' when nothing was replaced."""
    words = _said(improved)
    return str(BESIDE.format(current.say(words))) if words else ""


def _said(improved: Improved) -> Problem | None:
    signature = current.settings().signature
    has_places = bool(places(improved.text))
    return smart_text.said(improved, signature, has_places=has_places)
