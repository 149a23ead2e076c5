"""The PBX's call records: read only, by windows of dates, never altered.

Only the index by calldate is used, because every PBX has it and `src` has none. A
window holds a bounded number of rows: the PBX writes its calls in between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ..config import DatabaseSettings
from ..domain.calls import Outcome, Query, refused
from ..errors import ImportRefused, StoreError
from . import call_layouts
from .call_layouts import Layout
from .db import Database, Transaction

WINDOW_ROWS = 50_000
#: A call's rows lie so far apart at the most: who waits longer in a queue hangs up.
CALL_SPAN = timedelta(hours=4)
#: Dates outside come from broken clocks and from rows without a date.
FIRST, LAST = datetime(1970, 1, 2), datetime(9999, 1, 1)  # noqa: DTZ001 local time
SENT_MESSAGE = "SMS"  # dstchannel of rows that stand for messages, not for calls
ANSWERED_NUMBER = 8  # AST_CDR_ANSWERED

Watch = Callable[[int, int], None]
Moment = datetime | str  # calldate, as its column gives it

#: One window's numbers, each once.
NUMBERS = """
SELECT DISTINCT {number} AS number FROM `{table}` c {index}
WHERE c.calldate >= %(start)s AND c.calldate < %(end)s{conditions}"""
#: A call has a row for each telephone that rang: one answered is enough.
UNANSWERED = """
  AND ({call} = '' OR {call} NOT IN (
    SELECT {other_call} FROM `{table}` a {index}
    WHERE a.calldate >= %(before)s AND a.calldate < %(after)s AND {answered}))"""


def numbers(
    settings: DatabaseSettings, query: Query, watch: Watch | None = None
) -> Iterator[str]:
    """The numbers of the calls as they were written, each once a window.

    `watch` is told after each window how many of how many are done; what it raises
    ends the reading. Raises ImportRefused for what this PBX's records do not have,
    ConfigError, and CallRecordsUnreadable when they cannot be read.
    """
    database = Database(settings)
    try:
        with database.transaction() as tx:
            layout = call_layouts.read(tx, settings.table)
            for problem in refused(query, layout.has).values():
                raise ImportRefused(problem)
            windows = plan(tx, layout, query, WINDOW_ROWS)
        for done, window in enumerate(windows):
            if watch:
                watch(done, len(windows))
            with database.transaction() as tx:
                found = read(tx, layout, query, window)
            for (number,) in found:
                if number:
                    yield number
        if watch:
            watch(len(windows), len(windows))
    except StoreError as error:
        raise call_layouts.unreadable(settings, error) from error
    finally:
        database.close()


BOUND = """
SELECT calldate FROM `{table}` {index}
WHERE calldate >= %(start)s AND calldate < %(end)s
ORDER BY calldate LIMIT 1 OFFSET %(rows)s"""
LATER = """
SELECT calldate FROM `{table}` {index}
WHERE calldate > %(start)s AND calldate < %(end)s
ORDER BY calldate LIMIT 1"""


def plan(
    tx: Transaction, layout: Layout, query: Query, rows: int
) -> list[tuple[Moment, Moment]]:
    """Windows of so many rows that cover the query; only one without an index."""
    start: Moment = max(query.start or FIRST, FIRST)
    end = min(query.end or LAST, LAST)
    if not layout.date_index:
        return [(start, end)]
    _take_local_time(tx, layout)
    parts = _parts(layout)

    def ask(sql: str, start: Moment, rows: int = 0) -> Moment | None:
        values = {"start": start, "end": end, "rows": rows}
        found: Moment | None = tx.value(sql.format(**parts), values)
        return found

    windows: list[tuple[Moment, Moment]] = []
    following = ask(BOUND, start)
    while following is not None:
        start = following
        following = ask(BOUND, start, rows)
        if following == start:  # more rows of one second than a window has
            following = ask(LATER, start)
        if following == start:  # a TIMESTAMP in the hour that autumn has twice
            following = None
        windows.append((start, end if following is None else following))
    return windows


def read(
    tx: Transaction, layout: Layout, query: Query, window: tuple[Moment, Moment]
) -> tuple[tuple[Any, ...], ...]:
    """The numbers of one window, each once."""
    _take_local_time(tx, layout)
    start, end = window
    values = {
        "start": start,
        "end": end,
        "before": _moved(start, -CALL_SPAN),
        "after": _moved(end, CALL_SPAN),
        "dids": query.dids,
        "min_seconds": query.min_seconds,
    }
    return tx.tuples(statement(layout, query), values)


def statement(layout: Layout, query: Query) -> str:
    """The SQL of one window, of the columns that there are."""
    parts = _parts(layout)
    conditions = [*_direction(layout, query), *_outcome(layout, query, parts)]
    if query.dids:
        conditions.append("c.did IN %(dids)s")
    if query.min_seconds:
        conditions.append("c.billsec >= %(min_seconds)s")
    also = "".join(f"\n  AND {condition}" for condition in conditions)
    if query.outcome is Outcome.MISSED:
        also += _whole_call(layout, parts)
    return NUMBERS.format(number=_number(layout, query), conditions=also, **parts)


def _parts(layout: Layout) -> dict[str, str]:
    name = layout.date_index.replace("`", "``")
    index = f"FORCE INDEX (`{name}`)" if name else ""
    return {"table": layout.table, "index": index}


def _number(layout: Layout, query: Query) -> str:
    """Who called, as the PBX showed it when the exchange gave nothing; or dst."""
    if query.callees:
        return _text("c.dst")
    if layout.has("cnum"):
        return f"COALESCE(NULLIF({_text('c.src')}, ''), {_text('c.cnum')})"
    return _text("c.src")


def _direction(layout: Layout, query: Query) -> Iterator[str]:
    """Leaves out what only looks like a call from there, or to there."""
    if query.callees:
        if layout.has("dstchannel"):
            yield f"COALESCE(c.dstchannel, '') <> '{SENT_MESSAGE}'"
        if layout.has("did"):  # calls that came in have one
            yield "COALESCE(c.did, '') = ''"
    elif layout.has("did", "outbound_cnum"):  # our own number, shown to others
        shown = f"{_text('c.src')} = NULLIF({_text('c.outbound_cnum')}, '')"
        yield f"NOT COALESCE({shown} AND COALESCE(c.did, '') = '', 0)"


def _outcome(layout: Layout, query: Query, parts: dict[str, str]) -> Iterator[str]:
    if query.outcome is Outcome.ANSWERED:
        yield _answered(layout, "c")
    elif query.outcome is Outcome.MISSED:
        yield f"NOT COALESCE({_answered(layout, 'c')}, 0)"


def _answered(layout: Layout, alias: str) -> str:
    if layout.has_numeric_disposition:
        return f"{alias}.disposition = {ANSWERED_NUMBER}"
    return f"{alias}.disposition = 'ANSWERED'"


def _whole_call(layout: Layout, parts: dict[str, str]) -> str:
    if not layout.has("linkedid") and not layout.has("uniqueid"):
        return ""  # each row is a call
    return UNANSWERED.format(
        call=_call(layout, "c"),
        other_call=_call(layout, "a"),
        answered=_answered(layout, "a"),
        **parts,
    )


def _call(layout: Layout, alias: str) -> str:
    """What the rows of one call share; '' in rows from before there was such."""
    names = [name for name in ("linkedid", "uniqueid") if layout.has(name)]
    found = [f"NULLIF({_text(f'{alias}.{name}')}, '')" for name in names]
    return f"COALESCE({', '.join(found)}, '')"


def _text(column: str) -> str:
    """A column of any type and alphabet as text that compares with any other."""
    return f"CONVERT({column} USING utf8mb4) COLLATE utf8mb4_bin"


SERVER_TIME = "SET time_zone = 'SYSTEM'"


def _take_local_time(tx: Transaction, layout: Layout) -> None:
    if layout.is_in_server_time:
        tx.execute(SERVER_TIME)


def _moved(moment: Moment, by: timedelta) -> Moment:
    """Earlier or later; a text that is no date stays where it is."""
    if isinstance(moment, str):
        try:
            moved = datetime.fromisoformat(moment) + by
        except ValueError:
            return moment
        return moved.isoformat(" ")
    return moment + by


def check(settings: DatabaseSettings) -> None:
    """Whether the call records can be read; raises StoreError or ConfigError."""
    call_layouts.layout(settings)
