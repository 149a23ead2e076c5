"""The daily report: what became of a day's messages, as text and as a table.

Figures are of what happened on that day by the configured clock; what waits for a
person is as it is now. A state is counted when a message comes into it, so a message
that was sent and delivered on one day is in both lines.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from ..domain import results
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.settings import Settings
from ..domain.states import STATE_LABELS, MessageState
from ..domain.words import N_
from ..languages import Speech
from ..store import daily_reports, mails
from ..store.daily_reports import Figures
from ..store.db import Row, Transaction

KIND = "report"
MOST_CAMPAIGNS = 50  # in the text; the table has all of them
ORDER = (
    *("submitted", "delivered", "undelivered", "expired", "rejected", "failed"),
    *("skipped", "cancelled", "in_doubt"),
)
CALLS = N_("Calls to modems")
NO_TRUNK = N_("Without a trunk")
COLUMNS = (
    *(N_("Day"), N_("Campaign or trunk"), N_("Name"), N_("State"), N_("Messages")),
    N_("Segments"),
)


@dataclass(frozen=True, slots=True)
class Report:
    """One day's report, ready for a mail."""

    subject: str
    body: str
    attachment: tuple[str, str]


def put(tx: Transaction, settings: Settings, day: date) -> Report:
    """Puts the report of a day in the outbox, to each of its recipients."""
    made = make(tx, settings, speech_of(settings), day)
    mails.add(
        tx,
        KIND,
        settings.notices.report_to,
        made.subject,
        made.body,
        attachment=made.attachment,
    )
    return made


def speech_of(settings: Settings) -> Speech:
    """What speaks in mails: the product's language and clock."""
    return Speech(settings.language, settings.time_zone)


def make(tx: Transaction, settings: Settings, speech: Speech, day: date) -> Report:
    """The report of a day by the configured clock."""
    midnights = [datetime.combine(d, time(), settings.time_zone) for d in _span(day)]
    begin, end = (moment.astimezone(UTC) for moment in midnights)
    found = daily_reports.figures(tx, begin, end)
    head = speech.gettext("Daily report of %(day)s", day=speech.date(day))
    parts = [
        head,
        _totals(speech, found),
        _named(speech, speech.gettext("By campaign"), _campaigns(speech, found)),
        _named(speech, speech.gettext("By trunk"), _trunks(speech, found)),
        _incoming(speech, found),
        _needing(speech, found),
    ]
    name = speech.gettext("report-%(day)s.csv", day=day.isoformat())
    body = "\n\n".join(part for part in parts if part) + "\n"
    return Report(head, body, (name, _table(speech, day, found)))


def _span(day: date) -> tuple[date, date]:
    return day, day + timedelta(days=1)


Sums = dict[str, tuple[int, int]]  # state -> messages, segments


def _sums(rows: Sequence[Row]) -> Sums:
    found: Sums = {}
    for row in rows:
        messages, segments = found.get(row["state"], (0, 0))
        added = int(row["messages"]), int(row["segments"])
        found[row["state"]] = messages + added[0], segments + added[1]
    return found


def _totals(speech: Speech, found: Figures) -> str:
    sums = _sums(found.by_campaign)
    if not sums:
        return speech.gettext("No message was sent or changed its state.")
    title = speech.gettext("Messages")
    return "\n".join([title, *_lines(speech, sums)])


def _lines(speech: Speech, sums: Sums) -> list[str]:
    lines = []
    for state in ORDER:
        if state in sums:
            messages, segments = sums[state]
            label = speech.gettext(STATE_LABELS[MessageState(state)])
            counted = speech.ngettext(
                "%(num)s segment", "%(num)s segments", segments,
                num=speech.number(segments),
            )  # fmt: skip
            lines.append(f"  {label}: {speech.number(messages)} ({counted})")
    return lines


def _groups(rows: Sequence[Row], key: str) -> list[list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in rows:
        groups.setdefault(row[key], []).append(row)
    return list(groups.values())


def _campaigns(speech: Speech, found: Figures) -> list[tuple[str, list[Row]]]:
    """(name, rows) of each campaign, the one with the most messages first."""
    groups = [
        (_campaign(speech, rows[0]), rows)
        for rows in _groups(found.by_campaign, "campaign_id")
    ]
    return sorted(groups, key=lambda one: -sum(int(r["messages"]) for r in one[1]))


def _campaign(speech: Speech, row: Row) -> str:
    if row["campaign_id"] == OUTPUT_QUEUE_ID:
        return speech.gettext("Output queue")
    return str(row["name"] or f"#{row['campaign_id']}")


def _trunks(speech: Speech, found: Figures) -> list[tuple[str, list[Row]]]:
    return [
        (str(rows[0]["name"] or speech.gettext(NO_TRUNK)), rows)
        for rows in _groups(found.by_trunk, "trunk_id")
    ]


def _named(speech: Speech, title: str, groups: list[tuple[str, list[Row]]]) -> str:
    if not groups:
        return ""
    lines = [title]
    for name, rows in groups[:MOST_CAMPAIGNS]:
        states = [line.strip() for line in _lines(speech, _sums(rows))]
        lines.append(f"  {name}: {'; '.join(states)}")
    rest = len(groups) - MOST_CAMPAIGNS
    if rest > 0:
        said = speech.ngettext(
            "%(num)s more is in the table.", "%(num)s more are in the table.", rest,
            num=speech.number(rest),
        )  # fmt: skip
        lines.append(f"  {said}")
    return "\n".join(lines)


def _incoming(speech: Speech, found: Figures) -> str:
    total = sum(found.inbound.values())
    lines = [f"{speech.gettext('Incoming')}: {speech.number(total)}"]
    for code, label in (("opt_out", N_("Opt-outs")), ("opt_in", N_("Back again"))):
        if n := found.inbound.get(code, 0):
            lines.append(f"  {speech.gettext(label)}: {speech.number(n)}")
    if found.calls:
        lines.append(f"{speech.gettext(CALLS)}: {speech.number(found.calls)}")
    return "\n".join(lines)


def _needing(speech: Speech, found: Figures) -> str:
    """What waits for a person now; '' when nothing does."""
    lines = []
    if found.in_doubt:
        label, n = speech.gettext("In doubt"), speech.number(found.in_doubt)
        lines.append(f"  {label}: {n}")
    if found.orphans:
        label = speech.gettext("Delivery receipts that met no message")
        lines.append(f"  {label}: {speech.number(found.orphans)}")
    for trunk in found.stopped:
        why = results.words(trunk["stopped_code"], trunk["stopped_detail"])
        said = speech.say(why) if why else ""
        label = speech.gettext("The trunk %(name)s is stopped", name=trunk["name"])
        lines.append(f"  {label}: {said}")
    if not lines:
        return ""
    return "\n".join([speech.gettext("What needs you now"), *lines])


def _table(speech: Speech, day: date, found: Figures) -> str:
    """All figures for a spreadsheet; names cannot be formulas."""
    out = io.StringIO()
    out.write("\ufeff")
    writer = csv.writer(out, dialect="excel")
    writer.writerow([speech.gettext(one) for one in COLUMNS])
    for title, groups in (
        (speech.gettext("Campaign"), _campaigns(speech, found)),
        (speech.gettext("Trunk"), _trunks(speech, found)),
    ):
        for name, rows in groups:
            for row in sorted(rows, key=_place):
                label = speech.gettext(STATE_LABELS[MessageState(row["state"])])
                counts = (int(row["messages"]), int(row["segments"]))
                writer.writerow((day.isoformat(), title, _inert(name), label, *counts))
    return out.getvalue()


def _place(row: Row) -> int:
    state = row["state"]
    return ORDER.index(state) if state in ORDER else len(ORDER)


def _inert(cell: str) -> str:
    return "'" + cell if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
