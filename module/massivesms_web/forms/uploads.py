"""Uploaded files: how they are asked for, and whether there is one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import flash
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import FileStorage
from wtforms import Field

from massivesms.domain.words import N_, Problem
from massivesms.intake.files import LIMIT_BYTES

from .. import current

#: Attributes of the input; static/upload.js says at once that a file is too large,
#: before minutes of sending it.
CSV_INPUT: Mapping[str, object] = {
    "accept": ".csv,.tsv,.txt,.xlsx,.xls,.ods,text/csv,text/plain",
    "data-limit-bytes": LIMIT_BYTES,
    "data-too-large": _("The file is too large: 50 MB are the most. Split it."),
}

#: The label of what is asked when the same file comes again on the same day.
AGAIN = _("Load it all the same")


def is_uploaded(field: Field) -> bool:
    """Whether a file came with the form."""
    return isinstance(field.data, FileStorage) and bool(field.data.filename)


def flash_notes(notes: Iterable[Problem]) -> None:
    """Says what a person should know of a file that was loaded."""
    for note in notes:
        flash(current.say(note), "info")


def file_missing() -> Problem:
    """What is said when none came."""
    return Problem("file_missing", N_("Choose the file to load."))
