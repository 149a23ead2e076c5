"""Blocked numbers: who gets nothing. Blocking, letting go, and taking a copy.

That nothing is sent to them is the claim's doing, in the service. Files of them are
in pages/blocked_loads.py.
"""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.blocked_numbers import Written, check_reason, read_numbers
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.export.jobs import audited
from massivesms.store import audit, blocked_numbers, blocked_pages
from massivesms.store.db import Row

from .. import csv_files, current
from ..access import requires
from ..blocked_words import Names, source_label
from ..forms.blocked_numbers import BlockForm
from ..language import number
from . import blocked_filters, blocked_loads, blocked_page, blocked_removal

SHOWN_BAD = 10

blueprint = Blueprint("blocked_numbers", __name__, url_prefix="/blocked")
blueprint.register_blueprint(blocked_loads.blueprint)
blueprint.register_blueprint(blocked_removal.blueprint)


@blueprint.get("/")
@requires(Permission.LISTS)
def index() -> str:
    """The blocked numbers by number, of the address's filters."""
    form = BlockForm(formdata=None)
    form.campaign_id.data = blocked_filters.wanted().campaign_id or 0
    return blocked_page.page(form)


@blueprint.post("/")
@requires(Permission.LISTS)
def add() -> str | Response:
    """Blocks what was written; what is no number stays in the field."""
    form = BlockForm()
    blocked_filters.offer(form.campaign_id)
    is_valid = form.validate()
    written = read_numbers(form.numbers.data or "", current.settings().number_plan)
    problem = check_reason(form.reason.data)
    if problem:
        current.show_problems(form, {"reason": problem})
    if isinstance(written, Problem):
        current.show_problems(form, {"numbers": written})
    if isinstance(written, Problem) or problem or not is_valid:
        return blocked_page.page(form)
    if written.numbers:
        _block(written, form)
    if not written.bad:
        return redirect(blocked_filters.of_campaign(form.campaign_id.chosen_id))
    _keep_bad(form, written)
    return blocked_page.page(form)


def _block(written: Written, form: BlockForm) -> None:
    wanted, actor = [one.e164 for one in written.numbers], current.actor()
    reason, campaign_id = form.reason.data, form.campaign_id.chosen_id or 0
    added = current.db().atomically(
        lambda tx: blocked_numbers.add(
            tx, wanted, actor, reason=reason, campaign_id=campaign_id
        )
    )
    already = len(wanted) - len(added)
    if added:
        words = ngettext(
            "%(n)s number is blocked now.",
            "%(n)s numbers are blocked now.",
            len(added),
            n=number(len(added)),
        )
        flash(words, "success")
    if already:
        words = ngettext(
            "%(n)s number was blocked already.",
            "%(n)s numbers were blocked already.",
            already,
            n=number(already),
        )
        flash(words, "info")


def _keep_bad(form: BlockForm, written: Written) -> None:
    """Leaves in the field what is no number, each with the reason."""
    form.numbers.data = "\n".join(raw for raw, _problem in written.bad)
    errors = [f"{raw}: {current.say(p)}" for raw, p in written.bad[:SHOWN_BAD]]
    more = len(written.bad) - SHOWN_BAD
    if more > 0:
        errors.append(_("And %(n)s more that are no numbers.", n=number(more)))
    form.numbers.errors = errors


@blueprint.post("/blocked.csv")
@requires(Permission.LISTS)
def export() -> Response:
    """Those of the filters as a CSV file; no cell of it runs as a formula.

    For all campaigns is an empty cell, so that the file may be loaded again. The log
    of changes says who has it.
    """
    head = (
        *(_("Number"), _("Campaign"), _("Source"), _("Reason")),
        *(_("Blocked by"), _("When")),
    )
    zone = current.settings().time_zone
    with current.db().transaction() as tx:
        names = Names(tx)
        found = blocked_pages.every(tx, blocked_filters.wanted())
        cells = (_cells(row, names, zone) for row in found)
        out, rows = csv_files.write(head, cells)
        facts = {"numbers": rows, **audited(blocked_filters.asked(), "csv")}
        audit.record(tx, current.actor(), "blocked.export", f"{rows}", facts)
    return csv_files.answer(out, _("blocked-numbers.csv"))


def _cells(row: Row, names: Names, zone: ZoneInfo) -> tuple[str, ...]:
    at = row["created_at"].replace(tzinfo=UTC).astimezone(zone)
    campaign = names.of(row["campaign_id"]) if row["campaign_id"] else ""
    cells = (campaign, source_label(row["source"]), row["reason"], row["created_by"])
    return (row["number"], *cells, f"{at:%Y-%m-%d %H:%M}")
