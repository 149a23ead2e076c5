"""Which calls a load takes, in a line for people."""

from __future__ import annotations

from flask_babel import gettext as _

from massivesms.domain.calls import Outcome, Query

from .forms.lists import filled


def words(query: Query) -> str:
    """Which calls, in a line."""
    first = query.start.strftime("%Y-%m-%d") if query.start else "…"
    last = filled(query)["last_day"] or "…"
    words = [
        _("Whom we called") if query.callees else _("Who called us"),
        _("all days") if first == last else f"{first} – {last}",
    ]
    if query.outcome is Outcome.ANSWERED:
        words.append(_("answered calls"))
    if query.outcome is Outcome.MISSED:
        words.append(_("missed calls"))
    if query.dids:
        words.append(_("to %(dids)s", dids=", ".join(query.dids)))
    if query.min_seconds:
        words.append(_("at least %(seconds)s s", seconds=query.min_seconds))
    return " · ".join(words)
