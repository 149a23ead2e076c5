"""Which messages are wanted: the filters of an address or a command, read and checked.

This room owns the names of the filters, what each may be and how a date of the
reader's clock becomes a moment. It looks nothing up: whether a campaign is there, the
store says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from .number_search import NO_NUMBER, beginnings
from .numbers import NumberPlan
from .states import MessageState
from .words import N_, Problem

#: As they stand in addresses; other pages lead here with them.
NUMBER, STATE, CAMPAIGN, TRUNK = "number", "state", "campaign", "trunk"
IMPORT, USER, FROM, TO = "import", "user", "from", "to"
RESULT, DETAIL = "result", "detail"
NAMES = (NUMBER, STATE, CAMPAIGN, TRUNK, IMPORT, USER, FROM, TO, RESULT, DETAIL)
LARGEST_ID = 2**63 - 1  # beyond it servers disagree on how to compare
_NAME = re.compile(r"[\w .@'+-]{1,64}")
_CODE = re.compile(r"[A-Za-z0-9_.]{1,48}")
_DETAIL = re.compile(r"[A-Za-z0-9_.: +-]{1,16}")  # as results are counted by it

Values = Mapping[str, Sequence[str]]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages; what is not given does not matter.

    Numbers are beginnings in E.164 such as +3460. The moments are UTC: a message
    belongs to when it was sent, else to when it ended, and one that still waits to
    when it was created; `end` is not within.
    """

    campaign_id: int | None = None
    states: tuple[str, ...] = ()
    number_starts: Sequence[str] = ()
    newest_first: bool = False
    trunk_id: int | None = None
    import_id: int | None = None
    user: str = ""  # who wrote the single message, or made the campaign
    start: datetime | None = None
    end: datetime | None = None
    result: str = ""
    detail: str = ""  # the operator's error in a receipt


def read(
    values: Values, plan: NumberPlan, zone: ZoneInfo, *, newest_first: bool = True
) -> tuple[Filter, dict[str, Problem]]:
    """The filter of some values by name, and by name what is wrong with them."""
    problems: dict[str, Problem] = {}

    def one(name: str) -> str:
        return next((v.strip() for v in values.get(name, ()) if v.strip()), "")

    def checked(name: str, check: Callable[[str], T | Problem]) -> T | None:
        text = one(name)
        found = check(text) if text else None
        if isinstance(found, Problem):
            problems[name] = found
            return None
        return found

    start = checked(FROM, lambda text: read_moment(text, zone))
    end = checked(TO, lambda text: read_moment(text, zone, is_end=True))
    if start and end and start >= end:
        problems[TO] = Problem("from_after_to", N_("This is before the beginning."))
    states, problem = _states(values.get(STATE, ()))
    if problem:
        problems[STATE] = problem
    numbers = checked(NUMBER, lambda text: _numbers(text, plan))
    wanted = Filter(
        campaign_id=checked(CAMPAIGN, _id),
        states=states,
        number_starts=numbers or (),
        newest_first=newest_first,
        trunk_id=checked(TRUNK, _id),
        import_id=checked(IMPORT, _id),
        user=checked(USER, _user) or "",
        start=start,
        end=end,
        result=checked(RESULT, _code) or "",
        detail=checked(DETAIL, _detail) or "",
    )
    return wanted, problems


def read_moment(
    text: str, zone: ZoneInfo, *, is_end: bool = False
) -> datetime | Problem:
    """A moment in UTC of YYYY-MM-DD or YYYY-MM-DD HH:MM[:SS] on the zone's clock.

    A day as an end is the beginning of the next one: the whole day is within.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    try:
        if day is not None:
            local = datetime.combine(day + timedelta(days=1 if is_end else 0), time())
        else:
            local = datetime.fromisoformat(text)
        if not 1970 < local.year < 3000 or local.tzinfo is not None:
            raise ValueError(text)
    except (ValueError, OverflowError):
        return Problem(
            "not_a_day",
            N_("This is no date: write it as 2026-03-31 or 2026-03-31 14:30."),
        )
    return local.replace(tzinfo=zone).astimezone(UTC)


def _states(texts: Sequence[str]) -> tuple[tuple[str, ...], Problem | None]:
    known = {str(state) for state in MessageState}
    given = {text.strip() for text in texts if text.strip()}
    if given - known:
        problem = Problem(
            "unknown_state", N_("There is no such state: choose among these.")
        )
        return (), problem
    wanted = tuple(str(state) for state in MessageState if str(state) in given)
    return (() if given == known else wanted), None


def _numbers(text: str, plan: NumberPlan) -> tuple[str, ...] | Problem:
    found = beginnings(text, plan)
    if found == NO_NUMBER:
        return Problem("no_number", N_("This is no number nor the beginning of one."))
    return found


def _id(text: str) -> int | Problem:
    if re.fullmatch(r"[0-9]{1,19}", text) and int(text) <= LARGEST_ID:
        return int(text)
    return Problem("not_an_id", N_("There is none with this id."))


def _user(text: str) -> str | Problem:
    if _NAME.fullmatch(text):
        return text
    return Problem("no_user", N_("Nobody is called so."))


def _code(text: str) -> str | Problem:
    if _CODE.fullmatch(text):
        return text
    return Problem("no_result", N_("There is no such result."))


def _detail(text: str) -> str | Problem:
    if _DETAIL.fullmatch(text):
        return text
    return Problem("no_detail", N_("No operator's error is written so."))
