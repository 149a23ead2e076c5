"""A list as a file to keep, and a sample of a file to load."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, abort, request, send_file
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.permissions import Permission
from massivesms.export import contacts as contact_files
from massivesms.export.formats import FORMATS
from massivesms.store import audit, lists
from massivesms.store.db import Row

from .. import csv_files, current
from ..access import requires
from ..language import chosen

blueprint = Blueprint("exports", __name__)


def offered(row: Row) -> list[tuple[str, str]]:
    """The formats for a list with their words; the reader's own kind of CSV first."""
    first = own_csv()
    names = [first, *(name for name in FORMATS if name not in (first, "xlsx"))]
    if row["included"] + row["excluded"] <= contact_files.XLSX_ROWS:
        names.insert(0, "xlsx")
    return [(name, _(FORMATS[name].label)) for name in names]


def own_csv() -> str:
    """The kind of CSV that the reader's spreadsheet expects."""
    return "csv_semicolons" if chosen() == "es" else "csv"


@blueprint.post("/<int:list_id>/export")
@requires(Permission.LISTS)
def create(list_id: int) -> Response:
    """The contacts of a list as a file; no cell of it runs as a formula."""
    with current.db().transaction() as tx:
        row = lists.by_id(tx, list_id)
    if row is None:
        abort(404)
    format_name = request.form.get("format", "")
    if format_name not in dict(offered(row)):
        abort(400)
    kinds = lists.KINDS.get(request.form.get("use", ""), lists.ANY_USE)
    out = csv_files.spooled()
    count = contact_files.write(
        *(current.db(), row, format_name, cast(BinaryIO, out), _), kinds=kinds
    )
    actor, details = current.actor(), {"numbers": count, "format": format_name}
    current.db().atomically(
        lambda tx: audit.record(tx, actor, "list.export", row["name"], details)
    )
    return _answer(out, format_name, row["name"])


@blueprint.get("/sample.csv")
@requires(Permission.LISTS)
def sample() -> Response:
    """A small file as loads take it, in the reader's language."""
    out = csv_files.spooled()
    plan = current.settings().number_plan
    contact_files.sample(own_csv(), cast(BinaryIO, out), _, plan)
    return _answer(out, own_csv(), _("sample"))


def _answer(out: Any, format_name: str, name: str) -> Response:
    out.seek(0)
    kind = FORMATS[format_name]
    safe = "".join(c if c.isalnum() or c in " -_" else "-" for c in name).strip()
    return send_file(
        out,
        mimetype=kind.media_type,
        as_attachment=True,
        download_name=f"{safe or 'list'}.{kind.ending}",
    )
