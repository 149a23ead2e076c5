"""Imports: what became of the rows of one load, for pages of lists and campaigns.

Owns no address of its own: a load belongs to its list or campaign, and whoever
may open that one may see its rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import abort, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from massivesms.domain.recipients import BadRow
from massivesms.domain.words import N_
from massivesms.intake.bad_rows import HEADINGS
from massivesms.intake.files import write_bad_rows
from massivesms.store import imports
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
    "extra_cells": N_("Too many cells"),
}
KIND_LABELS: Mapping[str, str] = {
    "file": N_("CSV file"),
    "blocked": N_("CSV file"),
    "call_records": N_("Call records"),
    "list": N_("List"),
    "manual": N_("By hand"),
    "automatic": N_("Automatic"),
    "api": N_("API"),
}


MESSAGE, CAMPAIGN = N_("Message"), N_("Campaign")
#: Loaded again, its columns are found by these names.
BLOCKED_HEADINGS = (HEADINGS[0], HEADINGS[1], N_("campaign"), N_("verdict"))


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
        return self.row["kind"] in ("file", "blocked")

    @property
    def row_heading(self) -> str:
        """What stands in its rows beside the number."""
        is_blocked = self.row["kind"] == "blocked"
        heading = CAMPAIGN if is_blocked else MESSAGE
        return _(heading)


def summary(tx: Transaction, row: Row) -> LoadSummary:
    """What became of the rows of a load."""
    found = []
    if row["duplicates"] or row["refused"]:
        found = imports.reasons(tx, row["id"])
    reasons = tuple(
        Reason(reason_label(r["code"]), r["n"], r["first_line"]) for r in found
    )
    kind = _(KIND_LABELS.get(row["kind"], row["kind"]))
    return LoadSummary(row, kind, reasons)


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
        named = BLOCKED_HEADINGS if row["kind"] == "blocked" else HEADINGS
        headings = [_(heading) for heading in named]
        write_bad_rows(
            _bad_rows(tx, import_id),
            cast(BinaryIO, out),
            words=current.say,
            headings=headings,
        )
    return csv_files.answer(out, _("rows-not-taken-%(id)s.csv", id=import_id))


def _bad_rows(tx: Transaction, import_id: int) -> Iterator[BadRow]:
    after = 0
    while rows := imports.problems(tx, import_id, after=after, limit=BATCH):
        for row in rows:
            yield BadRow(row["line"], row["number"], row["problem"], row["row_text"])
        after = rows[-1]["id"]


def _found(tx: Transaction, import_id: int, owner: Mapping[str, int | str]) -> Row:
    """The load, if it belongs to that list or campaign."""
    row = imports.by_id(tx, import_id)
    if row is None or any(row[key] != value for key, value in owner.items()):
        abort(404)
    if "list_id" in owner and row["campaign_id"] is not None:
        abort(404)
    return row
