"""Blocked numbers: who gets nothing. Blocking, letting go, and taking a copy.

That nothing is sent to them is the claim's doing, in the service.
"""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from massivesms.domain.blocked_numbers import (
    SOURCE_LABELS,
    Written,
    check_reason,
    read_numbers,
)
from massivesms.domain.permissions import Permission
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.intake import dont_call
from massivesms.store import blocked_numbers, inbound
from massivesms.store.db import Row

from .. import csv_files, current
from ..access import requires
from ..forms.blocked_numbers import BlockForm
from ..language import number
from ..number_search import beginnings

PAGE = 50
SHOWN_BAD = 10
MOST_TYPED = 40

blueprint = Blueprint("blocked_numbers", __name__, url_prefix="/blocked")


@blueprint.get("/")
@requires(Permission.LISTS)
def index() -> str:
    """The blocked numbers by number; with ?number= those that begin so."""
    return _page(BlockForm(formdata=None))


@blueprint.post("/")
@requires(Permission.LISTS)
def add() -> str | Response:
    """Blocks what was written; what is no number stays in the field."""
    form = BlockForm()
    is_valid = form.validate()
    written = read_numbers(form.numbers.data or "", current.settings().number_plan)
    problem = check_reason(form.reason.data)
    if problem:
        current.show_problems(form, {"reason": problem})
    if isinstance(written, Problem):
        current.show_problems(form, {"numbers": written})
    if isinstance(written, Problem) or problem or not is_valid:
        return _page(form)
    if written.numbers:
        _block(written, form.reason.data)
    if not written.bad:
        return redirect(url_for("lists.blocked_numbers.index"))
    _keep_bad(form, written)
    return _page(form)


def _block(written: Written, reason: str) -> None:
    wanted, actor = [one.e164 for one in written.numbers], current.actor()
    added = current.db().atomically(
        lambda tx: blocked_numbers.add(tx, wanted, actor, reason=reason)
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


@blueprint.get("/remove")
@requires(Permission.LISTS)
def confirm() -> str:
    """Asks before a number gets messages again."""
    row = _found(request.args.get("number", ""))
    with current.db().transaction() as tx:
        wish = inbound.by_id(tx, row["inbound_id"]) if row["inbound_id"] else None
    return render_template(
        "blocked_numbers/remove.html", row=row, source=source_label, wish=wish
    )


@blueprint.post("/remove")
@requires(Permission.LISTS)
def remove() -> Response:
    """Lets a number get messages again."""
    wanted, actor = _digits(request.form.get("number", "")), current.actor()
    db = current.db()
    if db.atomically(lambda tx: blocked_numbers.remove(tx, wanted, actor)):
        if db.atomically(lambda tx: blocked_numbers.find(tx, wanted)):
            words = _("%(number)s stays left out: its owner opted out.", number=wanted)
            flash(words, "warning")
        else:
            flash(_("%(number)s gets messages again.", number=wanted), "success")
    else:
        flash(_("%(number)s is not blocked.", number=wanted), "info")
    return redirect(url_for("lists.blocked_numbers.index"))


@blueprint.post("/dont-call")
@requires(Permission.LISTS)
def load_dont_call() -> str | Response:
    """Blocks the numbers of the call centre's do-not-call list."""
    plan, actor = current.settings().number_plan, current.actor()
    try:
        done = dont_call.load(current.db(), plan, actor)
    except StoreError as error:
        flash(current.say(error.problem), "danger")
        return redirect(url_for("lists.blocked_numbers.index"))
    return render_template("blocked_numbers/loaded.html", done=done)


@blueprint.get("/blocked.csv")
@requires(Permission.LISTS)
def export() -> Response:
    """All of them as a CSV file; no cell of it runs as a formula."""
    head = (_("Number"), _("Source"), _("Reason"), _("Blocked by"), _("When"))
    out = csv_files.spooled()
    zone = current.settings().time_zone
    with current.db().transaction() as tx:
        rows = (_cells(row, zone) for row in blocked_numbers.every(tx))
        out.writelines(line.encode() for line in csv_files.lines(head, rows))
    return csv_files.answer(out, _("blocked-numbers.csv"))


def _cells(row: Row, zone: ZoneInfo) -> tuple[str, ...]:
    at = row["created_at"].replace(tzinfo=UTC).astimezone(zone)
    cells = (source_label(row["source"]), row["reason"], row["created_by"])
    return (row["number"], *cells, f"{at:%Y-%m-%d %H:%M}")


def _page(form: BlockForm) -> str:
    typed = request.args.get("number", "")
    starts = beginnings(typed, current.settings().number_plan)
    after = _digits(request.args.get("after", ""))
    with current.db().transaction() as tx:
        rows = blocked_numbers.page(
            tx, number_starts=starts, after=after, limit=PAGE + 1
        )
        total = blocked_numbers.total(tx)
    return render_template(
        "blocked_numbers/index.html",
        form=form,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1]["number"] if len(rows) > PAGE else None,
        is_filtered=bool(starts),
        total=total,
        source=source_label,
        has_call_centre=current.config().pbx.kind == "issabel",
    )


def _digits(typed: str) -> str:
    """What of it can be in a number: the column knows nothing else."""
    return "".join(c for c in typed[:MOST_TYPED] if c in "+0123456789")


def source_label(code: str) -> str:
    """Where a block came from, in words."""
    return _(SOURCE_LABELS[code]) if code in SOURCE_LABELS else code


def _found(wanted: str) -> Row:
    with current.db().transaction() as tx:
        row = blocked_numbers.find(tx, _digits(wanted))
    if row is None:
        abort(404)
    return row
