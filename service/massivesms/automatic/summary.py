"""The mail that says what a run of a source came to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..domain.settings import Settings
from ..domain.words import N_, Problem
from ..languages import Speech
from ..store import mails, sources
from ..store.db import Row, Transaction

KIND = "source"
LINES = (
    ("rows_read", N_("Rows read")),
    ("accepted", N_("New messages")),
    ("duplicates", N_("Repeated or loaded before")),
    ("refused", N_("Refused")),
)


def put(
    tx: Transaction,
    settings: Settings,
    source: Row,
    run: Row,
    counts: Mapping[str, int],
    problem: Problem | None = None,
) -> None:
    """Puts the summary in the outbox, if somebody is to have it."""
    recipients = [one for one in source["mail_to"].split(", ") if one]
    if not recipients:
        return
    speech = Speech(settings.language, settings.time_zone)
    named = {"name": source["name"], "day": speech.date(run["day"])}
    if problem is not None:
        head = speech.gettext("The load of %(name)s of %(day)s failed", **named)
        lines = [speech.say(problem), "", speech.gettext("Nothing of it was loaded.")]
    else:
        head = speech.gettext("The load of %(name)s of %(day)s", **named)
        lines = [
            f"{speech.gettext(label)}: {speech.number(counts.get(name, 0))}"
            for name, label in LINES
        ]
        if import_id := counts.get("import_id"):
            lines.append(f"{speech.gettext('Import')}: {import_id}")
    mails.add(tx, KIND, recipients, head, "\n".join([head, "", *lines]) + "\n")


def put_ended(tx: Transaction, settings: Settings, runs: Iterable[Row]) -> None:
    """Tells of those of some runs that failed and are not tried again."""
    for run in runs:
        source = sources.by_id(tx, run["source_id"])
        if source is not None and run["due_at"] is None:
            put(tx, settings, source, run, {}, run["problem"])
