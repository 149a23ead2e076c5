"""What came of messages over time, as charts and tables show it: in local time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import dates
from flask import url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.figure_words import LINES
from massivesms.domain.over_time import (
    STEP_LABELS,
    OverTime,
    Step,
    over_time,
    pieces,
    step_for,
)
from massivesms.domain.permissions import Permission
from massivesms.store import inbound_counts, traffic
from massivesms.store.db import Transaction

from .look import BAR_ORDER, state_label

MOST = timedelta(days=90)
OF_QUEUE = timedelta(days=7)  # it never ends
INCOMING_MOST = 10_000
SENT = ("submitted", "delivered", "undelivered", "expired")
FAILED = ("undelivered", "expired", "rejected", "failed")
FORMS: Mapping[Step, str] = {
    Step.MINUTE: "HH:mm",
    Step.TEN_MINUTES: "d MMM HH:mm",
    Step.HOUR: "d MMM HH:mm",
    Step.DAY: "d MMM y",
}


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart."""

    state: str
    label: str
    values: Sequence[int]


@dataclass(frozen=True, slots=True)
class Course:
    """A chart over time and its table; without series there is nothing to draw."""

    step: str
    labels: Sequence[str]
    series: Sequence[Series]

    @property
    def chart(self) -> dict[str, object]:
        """What charts.js draws."""
        series = [
            {"state": one.state, "label": one.label, "values": list(one.values)}
            for one in self.series
        ]
        return {"kind": "course", "labels": list(self.labels), "series": series}

    @property
    def rows(self) -> list[tuple[str, list[int]]]:
        """(time, messages of each series), for the times with any, the newest first."""
        rows = [
            (label, [one.values[n] for one in self.series])
            for n, label in enumerate(self.labels)
        ]
        return [row for row in reversed(rows) if any(row[1])]


@dataclass(frozen=True, slots=True)
class Today:
    """What has happened since midnight, local time; `incoming` None = very many."""

    sent: int
    delivered: int
    failed: int
    incoming: int | None
    day: str  # as filters of messages write it
    course: Course

    @property
    def tiles(self) -> list[tuple[str, int | None, str]]:
        """(label, number, address of what is behind it or '')."""
        return [
            (_("Sent"), self.sent, self._url(*SENT)),
            (_("Delivered"), self.delivered, self._url("delivered")),
            (_("Failed"), self.failed, self._url(*FAILED)),
            (_("Incoming"), self.incoming, _incoming_url()),
        ]

    def _url(self, *states: str) -> str:
        if not current_user.may(Permission.CAMPAIGNS, Permission.SEND):
            return ""
        values: dict[str, Any] = {"from": self.day, "state": list(states)}
        return url_for("messages.index", **values)

    @property
    def chart(self) -> dict[str, object]:
        """By hour, as bars."""
        return {**self.course.chart, "kind": "hours"}


def of_campaign(tx: Transaction, campaign_id: int, zone: ZoneInfo) -> Course:
    """What came of a campaign from its first message to its last."""
    span = traffic.span(tx, campaign_id)
    if span is None:
        return Course("", (), ())
    most = OF_QUEUE if campaign_id == OUTPUT_QUEUE_ID else MOST
    last = span[1].replace(tzinfo=UTC)
    first = max(span[0].replace(tzinfo=UTC), last - most)
    step = step_for(first, last)
    rows = traffic.by_slot(tx, pieces(first, last, zone), step, campaign_id)
    return _course(over_time(rows, zone, step, first, last))


def today(tx: Transaction, zone: ZoneInfo) -> Today:
    """What has happened since midnight in the configured zone, by hour."""
    now = datetime.now(UTC)
    midnight = datetime.combine(now.astimezone(zone).date(), time(), zone)
    begin = midnight.astimezone(UTC)
    rows = traffic.by_slot(tx, pieces(begin, now, zone), Step.HOUR)
    found = over_time(rows, zone, Step.HOUR, begin, now)
    sums = {state: sum(values) for state, values in found.counts.items()}
    shown = {
        "submitted": found.counts.get("submitted", [0] * len(found.starts)),
        "delivered": found.counts.get("delivered", [0] * len(found.starts)),
        "failed": [
            sum(hour)
            for hour in zip(
                *(found.counts.get(s, [0] * len(found.starts)) for s in FAILED),
                strict=True,
            )
        ],
    }
    incoming = inbound_counts.since(tx, begin, INCOMING_MOST)
    return Today(
        sent=sums.get("submitted", 0),
        delivered=sums.get("delivered", 0),
        failed=sum(sums.get(state, 0) for state in FAILED),
        day=f"{midnight:%Y-%m-%d}",
        incoming=incoming if incoming < INCOMING_MOST else None,
        course=Course(
            _(STEP_LABELS[Step.HOUR]),
            [f"{start:%H}" for start in found.starts],
            [
                Series("submitted", _("Sent"), shown["submitted"]),
                Series("delivered", _("Delivered"), shown["delivered"]),
                Series("failed", _("Failed"), shown["failed"]),
            ],
        ),
    )


def _incoming_url() -> str:
    may = current_user.may(Permission.CAMPAIGNS, Permission.SEND)
    return url_for("inbound.index") if may else ""


def _course(found: OverTime) -> Course:
    starts = found.starts
    is_one_day = starts[0].date() == starts[-1].date()
    form = "HH:mm" if is_one_day and found.step != Step.DAY else FORMS[found.step]
    locale = get_locale()
    return Course(
        _(STEP_LABELS[found.step]),
        [dates.format_datetime(start, form, locale=locale) for start in starts],
        [
            Series(state, _label(state), found.counts[state])
            for state in BAR_ORDER
            if state in found.counts
        ],
    )


def _label(state: str) -> str:
    """The word of a figure: "accepted" is one of several that are "sent"."""
    accepted = LINES["accepted"]
    return _(accepted.label) if state == accepted.state else state_label(state)
