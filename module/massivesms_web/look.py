"""What templates may ask for: navigation, labels of states, the drawn bar.

Pure presentation; no queries beyond what current.py has already read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Flask, g, request
from flask_babel import gettext
from flask_login import current_user
from wtforms import Field
from wtforms.widgets import CheckboxInput, ListWidget, Select

from massivesms.domain import asterisk_reasons
from massivesms.domain.answer_settings import WEEKDAYS
from massivesms.domain.blocked_numbers import BY_OWNER
from massivesms.domain.campaigns import (
    IN_DOUBT_LABELS,
    OUTPUT_QUEUE_ID,
    PRIORITY_LABELS,
    InDoubt,
)
from massivesms.domain.caps import PERIOD_WORDS
from massivesms.domain.inert_text import shown
from massivesms.domain.pbx_groups import (
    ADMINISTRATORS,
    EVERYBODY,
    PRIVILEGE,
    SOURCE_LABELS,
)
from massivesms.domain.permissions import Permission
from massivesms.domain.singles import BY_ITSELF
from massivesms.domain.states import CAMPAIGN_LABELS, OPEN_STATES, STATE_LABELS
from massivesms.domain.words import N_

from . import current
from .language import number
from .trunk_states import Limit

TRUNK_LABELS: Mapping[str, str] = {
    "ready": N_("Ready"),
    "connecting": N_("Connecting"),
    "waiting": N_("Waiting"),
    "stopped": N_("Stopped"),
    "off": N_("Turned off"),
    "idle": N_("Not running"),
}
LABELS: Mapping[str, str] = {
    **TRUNK_LABELS,
    **{str(state): label for state, label in STATE_LABELS.items()},
    **{str(state): label for state, label in CAMPAIGN_LABELS.items()},
}

#: The priority of the output queue.
ALWAYS_FIRST = N_("Always first")

#: The roles of a new installation; others are called what people call them.
ROLE_LABELS: Mapping[str, str] = {
    "administrator": N_("administrator"),
    "supervisor": N_("supervisor"),
    "operator": N_("operator"),
}

#: From done to open, as the bar is read from left to right.
BAR_ORDER = (
    *("delivered", "submitted", "submitting", "queued", "in_doubt", "undelivered"),
    *("expired", "rejected", "failed", "skipped", "cancelled"),
)
BAR_WIDTH = 1000
BAR_LEAST = 6  # so that one message among a million is seen


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the navigation."""

    endpoint: str
    label: str
    permissions: tuple[Permission, ...] = ()
    needs_pbx: bool = False


NAVIGATION = (
    Entry("home.show", N_("Home")),
    Entry("send.show", N_("Send"), (Permission.SEND,)),
    Entry("campaigns.index", N_("Campaigns"), (Permission.CAMPAIGNS,)),
    Entry("lists.index", N_("Lists"), (Permission.LISTS,)),
    Entry("templates.index", N_("Templates"), (Permission.CAMPAIGNS, Permission.SEND)),
    Entry("messages.index", N_("Messages"), (Permission.CAMPAIGNS, Permission.SEND)),
    Entry("inbound.index", N_("Incoming"), (Permission.CAMPAIGNS, Permission.SEND)),
    Entry("doubts.index", N_("In doubt"), (Permission.CAMPAIGNS,)),
    Entry("trunks.index", N_("Trunks"), (Permission.TRUNKS,)),
)
CONFIGURATION = (
    Entry("configuration.show", N_("General"), (Permission.CONFIGURATION,)),
    Entry("answers.show", N_("Opt-outs and answers"), (Permission.CONFIGURATION,)),
    Entry("timetables.index", N_("Timetables"), (Permission.CONFIGURATION,)),
    Entry("holidays.index", N_("Holidays"), (Permission.CONFIGURATION,)),
    Entry("users.index", N_("Users"), (Permission.USERS,)),
    Entry("roles.index", N_("Roles"), (Permission.USERS,)),
    Entry("mail.show", N_("Mail account"), (Permission.CONFIGURATION,)),
    Entry("notices.show", N_("Notices by mail"), (Permission.CONFIGURATION,)),
    Entry("privacy.show", N_("Personal data"), (Permission.CONFIGURATION,)),
    Entry("sources.index", N_("Automatic loads"), (Permission.CONFIGURATION,)),
    Entry("webhooks.index", N_("Webhooks"), (Permission.CONFIGURATION,)),
    Entry("monitoring.show", N_("Monitoring"), (Permission.CONFIGURATION,)),
    Entry("pbx_groups.index", N_("PBX groups"), (Permission.USERS,), needs_pbx=True),
    Entry("audit.index", N_("Log of changes"), (Permission.CONFIGURATION,)),
    Entry("event_log.index", N_("Event log"), (Permission.CONFIGURATION,)),
)


#: Pages without an entry of their own -> the one to which they belong.
PART_OF: Mapping[str, str] = {"wizard": "lists", "modems": "trunks"}


@dataclass(frozen=True, slots=True)
class BarPart:
    """One piece of the drawn bar, in thousandths of its width."""

    state: str
    label: str
    count: int
    x: float
    width: float


def init(app: Flask) -> None:
    """Gives the templates what they ask for."""
    app.jinja_env.globals.update(
        state_label=state_label,
        role_label=role_label,
        source_label=source_label,
        pbx_group_label=pbx_group_label,
        priority_label=priority_label,
        in_doubt_label=in_doubt_label,
        bar_parts=bar_parts,
        cap_period=cap_period,
        used_words=used_words,
        field_kind=field_kind,
        weekdays=weekdays,
        who=who,
        navigation=lambda: _allowed(app, NAVIGATION),
        configuration_navigation=lambda: _allowed(app, CONFIGURATION),
        is_here=is_here,
        is_here_among=lambda entries: any(is_here(name) for name, _ in entries),
        is_bare=lambda: getattr(g, "bare", False),
        signature=lambda: current.settings().signature,
        refused_words=lambda: list(current.settings().refused_words),
        service_running=current.service_running,
        result_words=current.result_words,
        receipt_error_words=current.receipt_error_words,
        asterisk_rights=asterisk_reasons.OF_RIGHTS,
        P=Permission,
        OUTPUT_QUEUE_ID=OUTPUT_QUEUE_ID,
    )
    app.jinja_env.filters["say"] = current.say
    app.jinja_env.filters["shown"] = shown
    app.jinja_env.filters["message_date"] = message_date
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    static = Path(app.static_folder or "")

    @app.url_defaults
    def stamp(endpoint: str, values: dict[str, object]) -> None:
        """A changed file gets a new address, so that browsers fetch it."""
        if endpoint == "static" and "filename" in values:
            file = static / str(values["filename"])
            values["v"] = int(file.stat().st_mtime) if file.exists() else 0


def state_label(state: str) -> str:
    """The word for a state of a message, campaign or trunk."""
    return gettext(LABELS.get(str(state), str(state)))


def message_date(row: Mapping[str, Any]) -> datetime:
    """The moment that a message belongs to: the one that dates are looked for by."""
    waits = row["state"] in OPEN_STATES
    ended: datetime | None = row["submitted_at"] or row["settled_at"]
    created: datetime = row["created_at"]
    return created if waits or ended is None else ended


def field_kind(field: Field) -> str:
    """How a field is drawn: check, group (of checks or radios), select or input."""
    if isinstance(field.widget, CheckboxInput):
        return "check"
    if isinstance(field.widget, ListWidget):
        return "group"
    return "select" if isinstance(field.widget, Select) else "input"


def is_here(endpoint: str) -> bool:
    """Whether the page belongs to that entry of the navigation."""
    part = (request.endpoint or "").split(".")[0]
    return PART_OF.get(part, part) == endpoint.split(".")[0]


def role_label(name: str | None) -> str:
    """The word for a role of a new installation, or the name that it was given."""
    if name is None:
        return gettext("No access")
    return gettext(ROLE_LABELS[name]) if name in ROLE_LABELS else name


def source_label(source: str) -> str:
    """Where a user comes from."""
    return gettext(SOURCE_LABELS[source])


def pbx_group_label(name: str) -> str:
    """The words for a group of the PBX, or for what stands among them."""
    if name.startswith(PRIVILEGE):
        return gettext("Privilege %(name)s", name=name.removeprefix(PRIVILEGE))
    words = {
        ADMINISTRATORS: gettext("Administrators of the PBX"),
        EVERYBODY: gettext("Everybody else whom the PBX lets in"),
    }
    return words.get(name, name)


def priority_label(priority: int) -> str:
    """The word for a campaign's priority; the output queue has one of its own."""
    return gettext(PRIORITY_LABELS.get(priority, ALWAYS_FIRST))


def in_doubt_label(policy: str) -> str:
    """What a campaign does when no answer comes, in words."""
    return gettext(IN_DOUBT_LABELS[InDoubt(policy)])


def cap_period(period: str) -> str:
    """ "a day", as it is said after a number."""
    return gettext(PERIOD_WORDS[period])


def weekdays(days: str) -> str:
    """Stored days of the week, in words; '' for all of them."""
    return ", ".join(gettext(WEEKDAYS[int(day)]) for day in days.split(",") if day)


def who(name: str) -> str:
    """Who did something, where it may be nobody with a name."""
    if name == BY_OWNER:
        return gettext("the owner of the number")
    return gettext("by itself") if name == BY_ITSELF else name


def used_words(limit: Limit) -> str:
    """How much of a trunk's limit is used now, in words."""
    said = {
        "minute": gettext("%(used)s of %(cap)s this minute"),
        "hour": gettext("%(used)s of %(cap)s this hour"),
        "day": gettext("%(used)s of %(cap)s today"),
        "month": gettext("%(used)s of %(cap)s this month"),
    }
    values = {"used": number(limit.used), "cap": number(limit.cap)}
    return said[limit.period] % values


def bar_parts(counts: Mapping[str, int]) -> list[BarPart]:
    """The pieces of the bar of some counts; every state that has any is seen."""
    present = [(state, counts.get(state, 0)) for state in BAR_ORDER]
    present = [(state, n) for state, n in present if n > 0]
    total = sum(n for _, n in present)
    widths = [max(BAR_LEAST, BAR_WIDTH * n / total) for _, n in present]
    scale = BAR_WIDTH / sum(widths) if widths else 0
    parts, x = [], 0.0
    for (state, n), width in zip(present, widths, strict=True):
        width = round(width * scale, 2)
        parts.append(BarPart(state, state_label(state), n, round(x, 2), width))
        x += width
    return parts


def _allowed(app: Flask, entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    if getattr(g, "bare", False) or not current_user.is_authenticated:
        return []
    return [
        (entry.endpoint, gettext(entry.label))
        for entry in entries
        if entry.endpoint in app.view_functions
        and (not entry.permissions or current_user.may(*entry.permissions))
        and (not entry.needs_pbx or current.config().pbx.kind)
    ]
