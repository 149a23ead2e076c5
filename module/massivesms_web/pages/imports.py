"""Imports: what became of the rows of one load, for pages of lists and campaigns.

Owns no address of its own: a load belongs to its list or campaign, and whoever
may open that one may see its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import BinaryIO, cast

from flask import abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain import contact_fields
from massivesms.domain.recipients import BadRow
from massivesms.domain.words import N_
from massivesms.intake import bulk_rows
from massivesms.intake.bad_rows import HEADINGS
from massivesms.intake.files import write_bad_rows
from massivesms.store import contacts, imports
from massivesms.store.db import Row, Transaction

from .. import csv_files, current
from ..keys import key

PAGE = 100
BATCH = 1000

#: Why a row was not taken, in few words, by the code of its problem.
REASON_LABELS: Mapping[str, str] = {
    "duplicate": N_("Already there"),
    "already_blocked": N_("Blocked already"),
    "campaign_unknown": N_("No such campaign"),
    "reason_long": N_("Reason too long"),
    "erased": N_("Erased on request"),
    "empty": N_("No number"),
    "no_digits": N_("No digits"),
    "unknown_characters": N_("Not written like a number"),
    "scientific": N_("Spoilt by a spreadsheet"),
    "several_numbers": N_("Several numbers"),
    "too_short": N_("Too short"),
    "too_long": N_("Too long"),
    "not_mobile": N_("Not a mobile"),
    "invalid": N_("No such number"),
    "no_country_code": N_("Country not known"),
    "text_missing": N_("No message"),
    "text_empty": N_("No message"),
    "text_control_characters": N_("Characters that cannot be sent"),
    "text_broken_characters": N_("Broken characters in the message"),
    "text_too_long": N_("Message too long"),
    "excluded_in_file": N_("Excluded in the file"),
    "value_missing": N_("A value is missing"),
    "extra_cells": N_("Too many cells"),
    "field_too_long": N_("Value too long"),
    "too_many_fields": N_("Too many fields"),
    "fields_too_long": N_("Fields too long together"),
    "bulk_cells": N_("Too few cells"),
    "bulk_more_cells": N_("Too many cells"),
    "bulk_no_text": N_("No message"),
    "bulk_twice": N_("Already there"),
    "place_left": N_("A place is not filled in"),
    "campaign_over": N_("Campaign over"),
    "priority_wrong": N_("No priority"),
}
KIND_LABELS: Mapping[str, str] = {
    "file": N_("File"),
    "blocked": N_("File"),
    "bulk": N_("Bulk file"),
    "call_records": N_("Call records"),
    "list": N_("List"),
    "manual": N_("By hand"),
    "automatic": N_("Automatic load"),
    "api": N_("Through the API"),
}


MESSAGE = N_("Message")
ROW_HEADINGS = {
    "blocked": N_("Campaign"),
    "bulk": N_("Campaign, message, priority"),
}
#: Loaded again, its columns are found by these names.
BLOCKED_HEADINGS = (HEADINGS[0], HEADINGS[1], N_("campaign"), N_("verdict"))

#: How the rows not taken are written, by the kind of load.
WRITERS = {
    "blocked": (write_bad_rows, BLOCKED_HEADINGS),
    "bulk": (bulk_rows.write_bad, bulk_rows.HEADINGS),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """How many rows of a load were not taken for one reason."""

    label: str
    count: int
    first_line: int


@dataclass(frozen=True, slots=True)
class LoadSummary:
    """One load with its verdicts; `row` is the store's."""

    row: Row
    kind: str
    reasons: tuple[Reason, ...]

    @property
    def has_bad_rows(self) -> bool:
        """Whether some of its rows were not taken."""
        return bool(self.reasons)

    @property
    def is_purged(self) -> bool:
        """Whether such rows are kept no longer."""
        return not self.reasons and bool(self.row["duplicates"] or self.row["refused"])

    @property
    def has_lines(self) -> bool:
        """Whether its rows are lines of a file that a person can look up."""
        return self.row["kind"] in ("file", "blocked", "bulk")

    @property
    def row_heading(self) -> str:
        """What stands in its rows beside the number."""
        return _(ROW_HEADINGS.get(self.row["kind"], MESSAGE))


def summary(tx: Transaction, row: Row) -> LoadSummary:
    """What became of the rows of a load."""
    found = []
    if row["duplicates"] or row["refused"]:
        found = imports.reasons(tx, row["id"])
    reasons = tuple(
        Reason(reason_label(r["code"]), r["n"], r["first_line"]) for r in found
    )
    return LoadSummary(row, kind_label(row["kind"]), reasons)


def kind_label(kind: str) -> str:
    """Where a load came from, in a word."""
    return _(KIND_LABELS.get(kind, kind))


def reason_label(code: str) -> str:
    """Few words for why a row was not taken."""
    return _(REASON_LABELS.get(code, code))


def page(import_id: int, *, name: str, back: str, **owner: int | str) -> str:
    """The page of one load of a list (`list_id`), of a campaign (`campaign_id`) or of
    a `kind` that has an address of its own."""
    after = request.args.get("after", default=0, type=key)
    with current.db().transaction() as tx:
        load = summary(tx, _found(tx, import_id, owner))
        rows = imports.problems(tx, import_id, after=after, limit=PAGE + 1)
    return render_template(
        "imports/show.html",
        load=load,
        rows=rows[:PAGE],
        next_after=rows[PAGE - 1]["id"] if len(rows) > PAGE else None,
        name=name,
        back=back,
    )


def download(import_id: int, **owner: int | str) -> Response:
    """The rows that were not taken as a CSV file to repair and load again.

    Written a batch at a time into a file, so a million rows need no memory.
    """
    with current.db().transaction() as tx:
        row = _found(tx, import_id, owner)
        out = csv_files.spooled()
        write, named = WRITERS.get(row["kind"], (None, HEADINGS))
        write = write or partial(write_bad_rows, fields=_fields(tx, import_id))
        write(
            _bad_rows(tx, import_id),
            cast(BinaryIO, out),
            words=current.say,
            headings=[_(heading) for heading in named],
        )
    return csv_files.answer(out, _("rows-not-taken-%(id)s.csv", id=import_id))


def _fields(tx: Transaction, import_id: int) -> dict[str, str]:
    """What its rows hold beside number and message, as an export titles it."""
    standard = contact_fields.STANDARD
    names = contacts.in_order(imports.problem_fields(tx, import_id))
    return {name: _(standard[name]) if name in standard else name for name in names}


def _bad_rows(tx: Transaction, import_id: int) -> Iterator[BadRow]:
    after = 0
    while rows := imports.problems(tx, import_id, after=after, limit=BATCH):
        for row in rows:
            yield BadRow(
                *(row["line"], row["number"], row["problem"]),
                *(row["row_text"], row["fields"]),
            )
        after = rows[-1]["id"]


def _found(tx: Transaction, import_id: int, owner: Mapping[str, int | str]) -> Row:
    """The load, if it belongs to that list or campaign."""
    row = imports.by_id(tx, import_id)
    if row is None or any(row[key] != value for key, value in owner.items()):
        abort(404)
    if "list_id" in owner and row["campaign_id"] is not None:
        abort(404)
    return row
