"""Why is nothing being sent? One reason for each campaign, the first that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .calendars import Calendar
from .caps import Full, period_words
from .number_prefixes import serves
from .schedule import Schedule, SendingHours
from .schedule_words import why_closed
from .words import N_, Problem


@dataclass(frozen=True, slots=True)
class TrunkView:
    """A trunk as it stands now: `ready` = one of its sessions can send.

    `full` is the limit that it has used up; `prefixes` are the numbers it serves.
    """

    trunk_id: int
    name: str
    active: bool
    stopped: bool
    ready: bool
    full: Full | None = None
    prefixes: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that can hold a campaign back. `now` and `start_at` are UTC."""

    now: datetime
    time_zone: ZoneInfo
    service_running: bool
    sending: bool
    general_hours: SendingHours | None
    trunks: Sequence[TrunkView]
    calendar: Calendar = field(default_factory=Calendar)


def why_waiting(
    situation: Situation,
    *,
    queued: int,
    paused: bool,
    start_at: datetime | None,
    hours: SendingHours | None,
    trunk_id: int | None,
    number: str = "",
    deadline_at: datetime | None = None,
    discarding: bool = False,
    schedule: Schedule | None = None,
    unapproved: bool = False,
) -> Problem | None:
    """The reason why queued messages of a campaign do not go out; None = they do.

    With a `number` it is the reason of that one message. `schedule` is the whole of
    what the campaign goes by; without it, that is its start and hours.
    """
    if not queued:
        return None
    if problem := _ending(situation, deadline_at, discarding):
        return problem
    if unapproved:
        return approval_waits()
    if paused:
        return Problem("paused", N_("It is paused: press Resume to send it."))
    if not situation.service_running:
        return Problem(
            "service_stopped",
            N_("The service is not running. On the server: service massivesms start"),
        )
    if not situation.sending:
        return Problem(
            "sending_off",
            N_("All sending is stopped: press Start sending on the home page."),
        )
    whole = schedule or Schedule(
        situation.time_zone, start_at, None, hours, situation.general_hours
    )
    waits = why_closed(whole, situation.now, situation.time_zone)
    return waits or _trunks(situation, trunk_id, number)


def approval_waits() -> Problem:
    """That a second person must approve it first."""
    return Problem(
        "approval_waits",
        N_(
            "It waits for a second person's approval: somebody who neither made nor"
            " changed it."
        ),
    )


def _ending(
    situation: Situation, deadline_at: datetime | None, discarding: bool
) -> Problem | None:
    """That what is left is never sent; the service ends it in a moment."""
    is_late = deadline_at is not None and situation.now >= deadline_at
    if not (is_late or discarding):
        return None
    if not situation.service_running:
        return Problem(
            "ending_needs_service",
            N_(
                "Nothing more of it is sent. What is left is ended once the service"
                " runs: service massivesms start"
            ),
        )
    if discarding:
        return Problem("discarding", N_("What was not sent yet is being discarded."))
    assert deadline_at is not None
    local = deadline_at.astimezone(situation.time_zone)
    return Problem(
        "deadline_passed",
        N_("Its deadline was %(date)s at %(time)s: what is left is being skipped."),
        date=f"{local:%Y-%m-%d}",
        time=f"{local:%H:%M}",
    )


def _trunks(situation: Situation, trunk_id: int | None, number: str) -> Problem | None:
    usable = [t for t in situation.trunks if trunk_id in (None, t.trunk_id)]
    if not usable:
        return Problem("no_trunk", N_("There is no trunk yet: create one first."))
    if number:
        usable = [t for t in usable if serves(t.prefixes, number)]
    if not usable:
        return Problem(
            "no_trunk_for_number",
            N_(
                "No trunk serves numbers like these: look at the beginnings of numbers"
                " that your trunks serve."
            ),
        )
    active = [t for t in usable if t.active]
    named = ", ".join(t.name for t in (active or usable)[:3])
    if not active:
        return Problem(
            "trunks_off", N_("The trunk is turned off: %(names)s."), names=named
        )
    if all(t.stopped for t in active):
        return Problem(
            "trunks_stopped",
            N_("The trunk was stopped and needs you: %(names)s."),
            names=named,
        )
    ready = [t for t in active if t.ready]
    if not ready:
        return Problem(
            "trunks_down", N_("The trunk has no connection: %(names)s."), names=named
        )
    used_up = [(t.full.free_at, t) for t in ready if t.full]
    if len(used_up) == len(ready):
        return _used_up(situation, min(used_up, key=lambda pair: pair[0])[1])
    return None


def _used_up(situation: Situation, trunk: TrunkView) -> Problem:
    assert trunk.full is not None
    return used_up(trunk.name, trunk.full, situation.now, situation.time_zone)


def used_up(name: str, full: Full, now: datetime, zone: ZoneInfo) -> Problem:
    """That a trunk has reached a limit, and when it goes on. `now` is UTC."""
    free = full.free_at.astimezone(zone)
    is_soon = free - now <= timedelta(days=1, hours=1)
    template = (
        N_(
            "The trunk %(name)s has used up its limit of %(cap)s %(period)s;"
            " it goes on at %(time)s."
        )
        if is_soon
        else N_(
            "The trunk %(name)s has used up its limit of %(cap)s %(period)s;"
            " it goes on on %(date)s at %(time)s."
        )
    )
    return Problem(
        "trunk_full",
        template,
        name=name,
        cap=full.cap,
        period=period_words(full.period),
        date=f"{free:%Y-%m-%d}",
        time=f"{free:%H:%M}",
    )
