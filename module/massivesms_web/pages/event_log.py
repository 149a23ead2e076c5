"""The event log: the service's and the pages' own lines, a file a day.

Shows the end of a day, empties it, and says which kinds of events are recorded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from massivesms.domain.event_kinds import EVENT_KINDS
from massivesms.domain.permissions import Permission
from massivesms.errors import EventLogError
from massivesms.event_log import files, reading
from massivesms.event_log.reading import Part, Wanted
from massivesms.store import audit

from .. import current, settings_changes
from ..access import requires
from ..forms.event_log import RecordedForm
from ..keys import key, read_day

blueprint = Blueprint("event_log", __name__, url_prefix="/configuration/events")

SHOWN = 200
BLOCK = 256 * 1024
FILTERS = ("day", "kind", "level", "text")


@blueprint.get("/")
@requires(Permission.CONFIGURATION)
def index() -> str:
    """The end of a day's events; htmx fetches only them."""
    if request.headers.get("HX-Request"):
        return render_template("event_log/_lines.html", **_lines())
    texts = current.settings().texts
    form = RecordedForm(
        formdata=None,
        log_events=texts["log_events"].split(","),
        log_keep_days=texts["log_keep_days"],
    )
    return _page(form)


@blueprint.post("/recorded")
@requires(Permission.CONFIGURATION)
def record() -> AnyResponse | tuple[str, int]:
    """Changes which kinds of events are recorded, and for how long they are kept."""
    form = RecordedForm()
    entered = {
        "log_events": ",".join(form.log_events.data or ()),
        "log_keep_days": (form.log_keep_days.data or "").strip(),
    }
    if problems := settings_changes.change(entered):
        current.show_problems(form, problems)
        return _page(form), 422
    flash(_("What the event log records is saved."), "success")
    return redirect(url_for("event_log.index"))


@blueprint.get("/<day>/empty")
@requires(Permission.CONFIGURATION)
def confirm_empty(day: str) -> str:
    """Asks before a day's events are lost."""
    found = _day(day)
    return render_template(
        "confirm.html",
        title=_("Empty the event log of %(day)s?", day=found.isoformat()),
        text=_("Its events cannot be brought back. What happens from now on is added."),
        lost=[],
        button=_("Empty it"),
        action=url_for("event_log.empty", day=found.isoformat()),
        cancel=url_for("event_log.index", day=found.isoformat()),
    )


@blueprint.post("/<day>/empty")
@requires(Permission.CONFIGURATION)
def empty(day: str) -> AnyResponse:
    """Empties a day's file."""
    found, actor = _day(day), current.actor()
    with current.db().transaction() as tx:
        name = files.path_of(current.config().log_dir, found).name
        audit.record(tx, actor, "log.empty", name)
        files.empty(current.config().log_dir, found)
    flash(_("The event log of %(day)s is empty.", day=found.isoformat()), "success")
    return redirect(url_for("event_log.index", day=found.isoformat()))


@blueprint.get("/<day>/file")
@requires(Permission.CONFIGURATION)
def download(day: str) -> Response:
    """A day's file as it is."""
    found = _day(day)
    file = files.open_to_read(current.config().log_dir, found)
    size = os.fstat(file).st_size
    answer = Response(_blocks(file, size), mimetype="text/plain")
    answer.content_length = size
    name = files.path_of(current.config().log_dir, found).name
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.call_on_close(lambda: os.close(file))
    return answer


def _blocks(file: int, size: int) -> Iterator[bytes]:
    """So much of a file, in blocks: what is added meanwhile is not part of it."""
    place = 0
    while place < size and (block := os.pread(file, min(BLOCK, size - place), place)):
        yield block
        place += len(block)


def _day(text: str) -> date:
    return read_day(text) or abort(404)


def _page(form: RecordedForm) -> str:
    return render_template("event_log/index.html", form=form, **_lines())


def _lines() -> dict[str, object]:
    """The events of the address's filters, or why they cannot be read."""
    directory = current.config().log_dir
    today = datetime.now(UTC).astimezone(current.settings().time_zone).date()
    day = read_day(request.args.get("day")) or today
    before = request.args.get("before", type=key)
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    chosen["day"] = day.isoformat()
    part, problem = Part([], None), ""
    days: list[files.LogFile] = []
    try:
        days = files.all_files(directory)
        if any(file.day == day for file in days):
            part = _read(day, chosen, before)
    except EventLogError as error:
        problem = current.say(error.problem)
    except OSError as error:
        problem = _("The file cannot be read: %(error)s.", error=error.strerror or "")
    return {
        "part": part,
        "problem": problem,
        "days": days,
        "day": day,
        "size": next((file.size for file in days if file.day == day), None),
        "chosen": chosen,
        "kinds": {kind: label for kind, (label, _hint) in EVENT_KINDS.items()},
        "is_live": day == today and before is None,
        "is_filtered": any(chosen[name] for name in ("kind", "level", "text")),
        "directory": directory,
    }


def _read(day: date, chosen: dict[str, str], before: int | None) -> Part:
    kind, level = chosen["kind"], chosen["level"]
    wanted = Wanted(
        kind if kind in EVENT_KINDS else "",
        level if level in reading.LEVELS else "",
        chosen["text"].strip()[:200],
    )
    file = files.open_to_read(current.config().log_dir, day)
    try:
        return reading.read_end(file, wanted, limit=SHOWN, before=before)
    finally:
        os.close(file)
