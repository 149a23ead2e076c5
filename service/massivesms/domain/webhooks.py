"""Webhooks: which events there are, and what a target may be told and asked.

Rules of what a person enters, and of when a failed delivery is tried again. Whether
an address may be reached is decided where it is resolved: massivesms.webhooks.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import SplitResult, urlsplit

from .campaigns import check_name
from .states import STATE_LABELS, MessageState
from .words import N_, Problem

S = MessageState
#: The states into which a message comes; while it waits or is sent nothing is told.
STATES = (
    *(S.SUBMITTED, S.DELIVERED, S.UNDELIVERED, S.EXPIRED, S.REJECTED, S.FAILED),
    *(S.IN_DOUBT, S.SKIPPED, S.CANCELLED),
)
INCOMING = "incoming"
CAMPAIGN_FINISHED = "campaign.finished"
TRUNK_STOPPED = "trunk.stopped"
MESSAGE = "message."

#: kind of event -> its words.
EVENT_LABELS: Mapping[str, str] = {
    **{f"{MESSAGE}{state}": STATE_LABELS[state] for state in STATES},
    INCOMING: N_("Incoming message"),
    CAMPAIGN_FINISHED: N_("Campaign finished"),
    TRUNK_STOPPED: N_("Trunk stopped"),
}
MOST_WEBHOOKS = 20
MAX_NAME = 80
MAX_URL = 500
MAX_HEADERS = 10
MAX_HEADER = 500

RETRY_S = 5  # after the first failure; then twice as long each time
LONGEST_RETRY_S = 3600
GIVE_UP_S = 3 * 24 * 3600
#: Answers that are about what was sent, not about the target: after ASIDE_AFTER of
#: them others go before it.
ABOUT_THE_BODY = frozenset({400, 406, 409, 413, 415, 422, 500})
ASIDE_AFTER = 5
GONE = 410  # the target wants no more: the webhook is turned off


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as it was booked: what became of a subject (its id) then, and why."""

    event_id: str
    kind: str
    at: datetime  # UTC, naive as the database has it
    subject: int
    code: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A webhook as a person enters it; `headers` None = as they are."""

    name: str
    url: str
    events: Sequence[str]
    with_texts: bool = False
    active: bool = True
    headers: Mapping[str, str] | None = field(default=None)


def check(draft: Draft) -> dict[str, Problem]:
    """The problems of a draft, by field; empty when it is good."""
    found: Mapping[str, Problem | None] = {
        "name": check_name(draft.name, MAX_NAME),
        "url": check_url(draft.url),
        "events": _check_events(draft.events),
        "headers": check_headers(draft.headers or {}),
    }
    return {name: problem for name, problem in found.items() if problem}


def _check_events(events: Sequence[str]) -> Problem | None:
    if not events:
        return Problem("events_missing", N_("Choose at least one event."))
    unknown = [kind for kind in events if kind not in EVENT_LABELS]
    if not unknown:
        return None
    return Problem(
        "event_unknown",
        N_("There is no event %(name)s. The events are: %(known)s."),
        name=", ".join(unknown),
        known=", ".join(EVENT_LABELS),
    )


def in_order(events: Sequence[str]) -> list[str]:
    """Each event once, in our order; unknown ones left out."""
    return [kind for kind in EVENT_LABELS if kind in events]


def check_url(url: str) -> Problem | None:
    """What is wrong with the address of a target."""
    if not url:
        return Problem("url_missing", N_("The address is missing."))
    if len(url) > MAX_URL or not (url.isascii() and url.isprintable()) or " " in url:
        return Problem(
            "url_characters",
            N_(
                "The address has characters that cannot be used, or more than"
                " %(most)s. Letters with accents are written as the browser copies"
                " them."
            ),
            most=MAX_URL,
        )
    parts = split_url(url)
    if parts is None:
        return Problem(
            "url_form",
            N_("This is no address. Write it whole: https://example.com/path"),
        )
    if parts.username is not None or parts.password is not None:
        return Problem(
            "url_password",
            N_("A user or password does not belong in the address: use a header."),
        )
    if parts.fragment:
        return Problem("url_fragment", N_("Leave out what comes after the #."))
    return None


def split_url(url: str) -> SplitResult | None:
    """The parts of an address of http or https with a host, or None."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # may be no number
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return parts


_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS = {
    *("host", "content-length", "content-type", "connection", "transfer-encoding"),
    *("user-agent", "expect", "upgrade", "te", "trailer", "accept-encoding"),
}
_OURS_BEGIN = ("webhook-", "proxy-")


def read_headers(text: str) -> dict[str, str] | Problem:
    """Headers as they are typed, one "Name: value" a line."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, colon, value = line.partition(":")
        if not colon or not value.strip():
            return Problem("header_form", N_("Write one header a line: Name: value"))
        found[name.strip()] = value.strip()
    return found


def check_headers(headers: Mapping[str, str]) -> Problem | None:
    """What is wrong with a webhook's own headers. Never says a value."""
    if len(headers) > MAX_HEADERS:
        return Problem(
            "headers_many", N_("%(most)s headers are the most."), most=MAX_HEADERS
        )
    for name, value in headers.items():
        lower = name.lower()
        if lower in _OURS or lower.startswith(_OURS_BEGIN):
            return Problem(
                "header_ours",
                N_("The header %(name)s is set by massivesms."),
                name=name,
            )
        is_plain = value.isascii() and value.isprintable() and len(value) <= MAX_HEADER
        if not _TOKEN.fullmatch(name) or not is_plain:
            return Problem(
                "header_characters",
                N_("The header %(name)s has characters that cannot be used."),
                name=name[:40],
            )
    return None


def retry_s(failures: int) -> int:
    """How long to wait after so many failures in a row: 5 s, 10 s ... an hour."""
    return int(min(RETRY_S * 2 ** min(failures - 1, 20), LONGEST_RETRY_S))


def goes_aside(attempts: int, status: int | None) -> bool:
    """Whether others go before a delivery that failed so often, now with a status."""
    return attempts >= ASIDE_AFTER and status in ABOUT_THE_BODY
