"""Exports: what a filter shows as a file, small ones at once, others in the background.

Each page that exports begins one here, by the name that export/jobs.SOURCES has for its
rows. A file may be fetched by who asked for it and by nobody else, for a day.
"""

from __future__ import annotations

import io
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from flask import (
    Blueprint,
    abort,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.export import files
from massivesms.export.formats import FORMATS, begin
from massivesms.export.jobs import SOURCES, Source, audited
from massivesms.export.table import Cell
from massivesms.store import export_jobs, load_jobs
from massivesms.store.db import Row

from .. import current, message_search
from ..access import requires
from ..language import chosen

blueprint = Blueprint("exports", __name__, url_prefix="/exports")

AT_ONCE_ROWS = 2000
AT_ONCE_S = 1.5
SOURCE = "messages"


@blueprint.post("/")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def create() -> Response:
    """The messages of the form's filters as a file."""
    values = message_search.given(request.form.to_dict(flat=False))
    search = message_search.read(values)
    if search.problems:
        flash(" ".join(search.problems.values()), "danger")
        return redirect(message_search.address(values))
    return start(SOURCE, values, request.form.get("format", ""))


def start(source: str, values: Mapping[str, list[str]], format_name: str) -> Response:
    """A file at once when it is small, else the page of its progress."""
    if format_name not in FORMATS:
        abort(400)
    rows = _few(SOURCES[source], values)
    if rows is not None:
        return _at_once(source, values, format_name, rows)
    params = {
        "source": source,
        "filter": values,
        "format": format_name,
        "language": chosen(),
    }
    actor = current.actor()
    job_id = current.db().atomically(lambda tx: export_jobs.create(tx, params, actor))
    current.want_job()
    return _to(job_id)


def _few(source: Source, values: Mapping[str, list[str]]) -> list[list[Cell]] | None:
    """All rows, or None when they are many or take long to be found."""
    until_s = time.monotonic() + AT_ONCE_S
    rows: list[list[Cell]] = []
    settings = current.settings()
    for some in source.rows(current.db(), values, settings, _):
        rows += some.rows
        if len(rows) > AT_ONCE_ROWS:
            return None
        if some.share < 1 and time.monotonic() > until_s:
            return None
    return rows


def _at_once(
    source: str,
    values: Mapping[str, list[str]],
    format_name: str,
    rows: list[list[Cell]],
) -> Response:
    out = io.BytesIO()
    kind = SOURCES[source]
    writer = begin(format_name, out, kind.columns, kind.title, _)
    for row in rows:
        writer.write(row)
    writer.close()
    actor, details = current.actor(), audited(values, format_name)
    current.db().atomically(
        lambda tx: export_jobs.record(tx, actor, len(rows), details)
    )
    out.seek(0)
    name = _name(source, format_name, datetime.now(UTC))
    return send_file(
        out,
        mimetype=FORMATS[format_name].media_type,
        as_attachment=True,
        download_name=name,
    )


@blueprint.get("/<int:job_id>")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def show(job_id: int) -> str:
    """How far an export is; htmx fetches only what changes by itself."""
    job = _mine(job_id)
    is_part = "HX-Request" in request.headers
    return render_template(
        "exports/_job.html" if is_part else "exports/show.html",
        job=job,
        is_there=_path(job) is not None,
        format=FORMATS[job["params"]["format"]],
        again=message_search.address(job["params"]["filter"]),
        kept_h=export_jobs.KEPT_H,
    )


@blueprint.post("/<int:job_id>/cancel")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def cancel(job_id: int) -> Response:
    """Ends an export; nothing of it is left."""
    _mine(job_id)
    actor = current.actor()
    if not current.db().atomically(
        lambda tx: load_jobs.cancel(tx, job_id, actor, "message.export_cancel")
    ):
        flash(_("It was done already."), "info")
    return _to(job_id)


@blueprint.get("/<int:job_id>/file")
@requires(Permission.CAMPAIGNS, Permission.SEND)
def download(job_id: int) -> Response:
    """The file of an export that is done."""
    job = _mine(job_id)
    path = _path(job)
    if path is None:
        flash(_("This file is no longer kept: export it again."), "warning")
        return _to(job_id)
    params = job["params"]
    return send_file(
        cast(Any, path),
        mimetype=FORMATS[params["format"]].media_type,
        as_attachment=True,
        download_name=_name(params["source"], params["format"], job["created_at"]),
        conditional=False,
        etag=False,
    )


def offered_formats() -> list[tuple[str, str]]:
    """The formats by name with their words; the reader's own kind of CSV first."""
    first = "csv_semicolons" if chosen() == "es" else "csv"
    names = ["xlsx", first, *(n for n in FORMATS if n not in ("xlsx", first))]
    return [(name, _(FORMATS[name].label)) for name in names]


def _name(source: str, format_name: str, at: datetime) -> str:
    """What the file is called where it is saved."""
    zone = current.settings().time_zone
    local = (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(zone)
    title = _(SOURCES[source].title).lower()
    return f"{title}-{local:%Y-%m-%d-%H%M}.{FORMATS[format_name].ending}"


def _path(job: Row) -> Path | None:
    """The file, while it is kept."""
    if job["state"] != "done":
        return None
    with current.db().transaction() as tx:
        is_kept = export_jobs.is_kept(tx, job["id"])
    return files.path_of(current.config().exports_dir, job["file"]) if is_kept else None


def _mine(job_id: int) -> Row:
    """An export of who asks; others are not found."""
    with current.db().transaction() as tx:
        job = load_jobs.by_id(tx, job_id)
    if job is None or job["kind"] != load_jobs.EXPORT:
        abort(404)
    if job["created_by"] != current.actor().name:
        abort(404)
    return job


def _to(job_id: int) -> Response:
    return redirect(url_for("messages.exports.show", job_id=job_id))
