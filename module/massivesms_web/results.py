"""What came of a campaign, as its page shows it: figures, links, charts.

Joins what the store has counted with words and addresses; nothing is counted here
and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from flask import url_for
from flask_babel import gettext as _

from massivesms.domain import pace
from massivesms.domain import results as result_words
from massivesms.domain.campaign_figures import Figures, Total
from massivesms.domain.figure_words import GROUPS, LINES
from massivesms.domain.states import CampaignState
from massivesms.domain.words import Problem
from massivesms.store import campaign_figures, campaign_results, traffic, trunks
from massivesms.store.db import Row, Transaction

from . import current
from .look import BAR_ORDER, state_label
from .situation import CampaignView

REASONS_SHOWN = 20
#: Figures of the four tiles that every message is in once.
PROCESSED = ("delivered", "accepted", "undelivered", "expired", "rejected", "no_answer")
NOT_PROCESSED = ("queued", "submitting")
BLOCKED = ("blocked",)
OTHER = tuple(
    name for name in LINES if name not in (*PROCESSED, *NOT_PROCESSED, *BLOCKED)
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why messages ended badly: one row of the table; `share` in thousandths."""

    words: str
    code: str
    detail: str
    state: str
    trunk: str
    messages: int
    share: int
    url: str


@dataclass(frozen=True, slots=True)
class Results:
    """Everything of a campaign's page that its counts tell."""

    campaign_id: int
    figures: Figures
    reasons: Sequence[Reason]
    has_more_reasons: bool
    trunk_names: dict[int, str]
    is_active: bool
    is_in_hours: bool
    rate: Problem | None
    forecast: Problem | None
    is_expecting: bool  # delivery receipts may still come

    @property
    def tiles(self) -> list[tuple[str, int, str]]:
        """(label, messages, address) of the figures at the top."""
        return [
            (label, sum(map(self.figures.of, names)), self.url(*names))
            for label, names in (
                (_("Processed"), PROCESSED),
                (_("Not processed"), NOT_PROCESSED),
                (_("On the black list"), BLOCKED),
                (_("Others"), OTHER),
            )
        ]

    def url(self, *names: str) -> str:
        """Where the messages of some figures are; '' when there are none.

        Figures that share a state with others are told apart by their result; where
        one address cannot say that, the table of reasons leads on.
        """
        present = [name for name in names if self.figures.of(name)]
        if not present:
            return ""
        if present == ["invalid_number"]:
            return "#recipients"
        states = {LINES[name].state for name in present}
        others = [
            name
            for name, line in LINES.items()
            if line.state in states and name not in names and self.figures.of(name)
        ]
        codes = self._codes(present)
        in_order = [s for s in BAR_ORDER if s in states]
        if not others:
            return messages_url(self.campaign_id, state=in_order)
        if len(states) == 1 and len(codes) == 1:
            return messages_url(self.campaign_id, state=in_order, result=codes[0])
        return "#reasons"

    def group_url(self, total: Total) -> str:
        """Where the messages of a group are."""
        return self.url(*total.group.names)

    def trunk_name(self, trunk_id: int) -> str:
        """A trunk's name, also of one that was removed."""
        if not trunk_id:
            return _("not known")
        return self.trunk_names.get(trunk_id, f"#{trunk_id}")

    @property
    def unpriced(self) -> str:
        """The names of trunks that sent and have no price."""
        return ", ".join(self.trunk_name(one) for one in self.figures.unpriced)

    @property
    def chart(self) -> dict[str, object]:
        """The chart of states: one piece for each figure that has any."""
        ignored = GROUPS["ignored"]
        pieces = [
            (_(ignored.label), "skipped", total.messages)
            if total.name == "ignored"
            else (_(figure.line.label), str(figure.line.state), figure.messages)
            for total in self.figures.totals
            for figure in (
                total.figures[:1] if total.name == "ignored" else total.figures
            )
        ]
        pieces = [piece for piece in pieces if piece[2]]
        return {
            "kind": "share",
            "labels": [label for label, _state, _n in pieces],
            "states": [state for _label, state, _n in pieces],
            "values": [n for _label, _state, n in pieces],
        }

    def _codes(self, names: Iterable[str]) -> list[str]:
        every = (one for total in self.figures.totals for one in total.figures)
        return sorted(
            {code for one in every if one.name in names for code in one.codes}
        )


def gather(tx: Transaction, view: CampaignView) -> Results:
    """The results of a campaign, as they are now."""
    campaign = view.row
    names = trunks.names(tx)
    figures = campaign_figures.of_campaign(tx, campaign["id"])
    rows = campaign_results.by_code(tx, campaign["id"])
    bad = sum(row["messages"] for row in rows)
    rate = rates(tx).get(campaign["id"]) if view.is_moving else None
    return Results(
        campaign_id=campaign["id"],
        figures=figures,
        reasons=[
            _reason(row, names, bad, campaign["id"]) for row in rows[:REASONS_SHOWN]
        ],
        has_more_reasons=len(rows) > REASONS_SHOWN,
        trunk_names=names,
        is_active=view.state in (CampaignState.RUNNING, CampaignState.PENDING),
        is_in_hours=in_hours(view),
        rate=pace.rate_words(rate),
        forecast=forecast(view, rate),
        is_expecting=bool(figures.of("accepted")) and not view.is_output_queue,
    )


def messages_url(campaign_id: int, **where: object) -> str:
    """The list of a campaign's messages, by state, trunk, result and its detail."""
    values: dict[str, Any] = {"campaign": campaign_id, **where}
    return url_for("messages.index", **values)


def in_hours(view: CampaignView) -> bool:
    """Whether its start, days, hours and holidays allow a campaign to be sent now."""
    return replace(view.schedule, deadline_at=None).allows(datetime.now(UTC))


def rates(tx: Transaction) -> dict[int, float]:
    """Messages a second of each campaign, as far as that can be said now."""
    now = datetime.now(UTC)
    found = traffic.leaving(tx, (now - pace.READ).replace(tzinfo=None))
    by_campaign = {one: pace.per_second(rows, now) for one, rows in found.items()}
    return {one: rate for one, rate in by_campaign.items() if rate is not None}


def forecast(view: CampaignView, rate: float | None) -> Problem | None:
    """When a campaign will be done at its present speed, in words."""
    left = view.row["counts"].get("queued", 0)
    return pace.forecast(left, rate, datetime.now(UTC), view.schedule)


def _reason(row: Row, names: dict[int, str], bad: int, campaign_id: int) -> Reason:
    code, detail, trunk_id = row["result_code"], row["detail"], row["trunk_id"]
    return Reason(
        words=_words(code) or state_label(row["state"]),
        code=code,
        detail=detail,
        state=row["state"],
        trunk=names.get(trunk_id, f"#{trunk_id}") if trunk_id else "",
        messages=row["messages"],
        share=1000 * row["messages"] // bad if bad else 0,
        url=messages_url(
            campaign_id,
            state=row["state"],
            trunk=trunk_id or None,
            result=code or None,
            detail=detail or None,
        ),
    )


def _words(code: str) -> str:
    """A result's sentence, without what was said of one message or another."""
    found = result_words.words(code)
    if found is None:
        return ""
    is_whole = found.template.endswith((". %(detail)s", "%(code)s. %(detail)s"))
    return current.say(found, detail="" if is_whole else "…")
