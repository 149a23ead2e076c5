"""Looking for messages: a page of them, or all of them, whatever the filter.

Where an index serves a filter it is read in its order. Where none does, messages are
looked at for a bounded time, and who asked is told how far that went and may go on
from there: no page waits for a search through millions. Nothing is counted or skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..domain.message_filters import Filter
from . import message_ways
from .db import Database, Row, Transaction
from .message_rows import by_ids
from .message_spans import Span
from .message_ways import BY_STATE, Values, Way

PATIENCE_S = 0.025  # a page answers within 0.1 s, and is made in the rest of that
STEP = 2000  # messages looked at in one statement, at first
LEAST_STEP, MOST_STEP = 500, 50_000
STEP_S = 0.01  # what one statement should take
ROWS_AT_ONCE = 2000

KEYS_OF = "SELECT route_trunk_id, lane, due_at, id FROM message WHERE id = %(after)s"
NEWEST_ID = "SELECT MAX(id) FROM message"
ENDS = "SELECT MIN(id), MAX(id) FROM message"


@dataclass(frozen=True, slots=True)
class Found:
    """What a look brought: messages, and from which id on to look further.

    `following` is None when there is nothing further. With `is_unfinished` the time
    was up: there may be more in what was not looked at yet.
    """

    rows: list[Row]
    following: int | None = None
    is_unfinished: bool = False


NOTHING = Found([])


def look(
    tx: Transaction,
    wanted: Filter,
    *,
    after: int | None = None,
    limit: int = 50,
    patience_s: float | None = None,
    step: int = STEP,
    clock: Callable[[], float] = time.monotonic,
    stable: bool = False,
) -> Found:
    """Messages in the order of their ids, those that come after an id (0 = none).

    One state of one campaign comes in the order of sending, which is by id but for
    those tried again; not with `stable`, where a message that changes its state
    between two looks comes neither twice nor never for that.
    """
    until_s = clock() + (PATIENCE_S if patience_s is None else patience_s)
    clauses, values = message_ways.conditions(tx, wanted)
    way = message_ways.find(tx, wanted, clauses, values, stable=stable)
    if way is None:
        return NOTHING
    search = _Search(tx, way, wanted.newest_first, clauses, values)
    if not search.begin(after or None):
        return NOTHING
    ids: list[int] = []
    while len(ids) < limit and not search.is_over:
        if ids and clock() >= until_s:
            break
        began_s = clock()
        ids += search.step(step, limit - len(ids))
        now_s = clock()
        if now_s >= until_s:
            break
        faster = STEP_S / max(now_s - began_s, STEP_S / 4)
        step = max(LEAST_STEP, min(int(step * faster), MOST_STEP))
    if len(ids) >= limit:
        return Found(by_ids(tx, ids), ids[-1])
    rows = by_ids(tx, ids)
    if search.is_over:
        return Found(rows)
    return Found(rows, search.place, True)


def page(
    tx: Transaction, wanted: Filter, *, after: int | None = None, limit: int = 50
) -> list[Row]:
    """So many messages as `look` finds, however long that takes."""
    rows: list[Row] = []
    while True:
        left = limit - len(rows)
        found = look(tx, wanted, after=after, limit=left, patience_s=1.0)
        rows += found.rows
        if not found.is_unfinished:
            return rows
        after = found.following


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of all messages of a filter, and how far that is (0 to 1)."""

    rows: list[Row]
    share: float


def every(db: Database, wanted: Filter) -> Iterator[Batch]:
    """All messages of a filter that there are now, the oldest first.

    Each batch is read in a transaction of its own, so that nobody waits for it: a
    message is as it was at some moment between, but comes once whatever happens to it.
    """
    wanted = replace(wanted, newest_first=False)
    with db.transaction() as tx:
        newest = int(tx.value(NEWEST_ID) or 0)
    after = 0
    while True:
        with db.transaction() as tx:
            found = look(
                tx,
                wanted,
                after=after,
                limit=ROWS_AT_ONCE,
                patience_s=0.5,
                step=10 * STEP,
                stable=True,
            )
        rows = [row for row in found.rows if row["id"] <= newest]
        is_over = found.following is None or found.following >= newest
        after = found.following or newest
        yield Batch(rows, 1.0 if is_over else after / newest)
        if is_over:
            return


class _Search:
    """One look, a statement at a time; `place` is the last id that was looked at."""

    def __init__(
        self,
        tx: Transaction,
        way: Way,
        newest_first: bool,
        clauses: dict[str, str],
        values: Values,
    ) -> None:
        self._tx = tx
        self._way = way
        self._sign, self._direction = ("<", "DESC") if newest_first else (">", "ASC")
        self._order = ", ".join(f"m.{key} {self._direction}" for key in way.keys)
        self._prefix = [clauses[name] for name in clauses if name in way.serves]
        self._rest = [clauses[name] for name in clauses if name not in way.serves]
        self._values = values
        self._is_down = newest_first
        self._spans = list(way.spans) or _all(tx)
        if newest_first:
            self._spans.reverse()
        self.place: int | None = None
        self.is_over = False

    def begin(self, after: int | None) -> bool:
        """Goes to the message after which to look; False when that is not there."""
        self.place = after
        if after is None:
            return True
        self._values["place"] = after
        if self._way.keys is BY_STATE:
            keys = self._tx.row(KEYS_OF, {"after": after})
            if keys is None:
                return False  # deleted with its campaign
            self._values.update({f"last_{name}": keys[name] for name in keys})
        return True

    def step(self, size: int, limit: int) -> list[int]:
        """The ids of what fits among the next messages, at most so many."""
        if self._way.keys is BY_STATE:
            return self._step_by_keys(size, limit)
        while self._spans:
            first, last = self._left_of(self._spans[0])
            if first > last:
                self._spans.pop(0)
                continue
            return self._step_by_id(first, last, size, limit)
        self.is_over = True
        return []

    def _left_of(self, span: Span) -> Span:
        first, last = span
        if self.place is None:
            return span
        if self._is_down:
            return first, min(last, self.place - 1)
        return max(first, self.place + 1), last

    def _step_by_id(self, first: int, last: int, size: int, limit: int) -> list[int]:
        whole = self._way.is_few or not self._rest
        if not whole:
            first, last = self._nearest(first, last, size)
        among = f"m.id BETWEEN {first:d} AND {last:d}"
        ids = self._select([*self._prefix, among, *self._rest], limit)
        self.place = first if self._is_down else last
        if len(ids) == limit:
            self.place = ids[-1]
        elif whole and len(self._spans) == 1:
            self.is_over = True
        return ids

    def _nearest(self, first: int, last: int, size: int) -> Span:
        """Of a span the part that is looked at next."""
        if self._way.index == "PRIMARY":
            size -= 1
            if self._is_down:
                return max(first, last - size), last
            return first, min(last, first + size)
        among = f"m.id BETWEEN {first:d} AND {last:d}"
        found = self._boundary([*self._prefix, among], "m.id", size)
        if found is None:
            return first, last
        return (found[0], last) if self._is_down else (first, found[0])

    def _step_by_keys(self, size: int, limit: int) -> list[int]:
        place = ["route_trunk_id", "lane", "due_at", "id"]
        so_far = self._prefix
        if self.place is not None:
            so_far = [*so_far, _beyond(place, self._sign, "last_")]
        end = None
        if self._rest:
            names = ", ".join(f"m.{name}" for name in place)
            end = self._boundary(so_far, names, size)
        upto = []
        if end is not None:
            self._values.update(
                {f"end_{n}": v for n, v in zip(place, end, strict=True)}
            )
            upto = [f"NOT {_beyond(place, self._sign, 'end_')}"]
        ids = self._select([*so_far, *upto, *self._rest], limit)
        if len(ids) == limit:
            self.place = ids[-1]
        elif end is None:
            self.is_over = True
        else:
            self.place = int(end[-1])
            self._values.update({f"last_{n}": self._values[f"end_{n}"] for n in place})
        return ids

    def _boundary(
        self, clauses: Sequence[str], names: str, size: int
    ) -> tuple[Any, ...] | None:
        """The last one of the next `size` messages, by the index alone."""
        sql = f"""
            SELECT {names} FROM message m FORCE INDEX ({self._way.index})
            WHERE {" AND ".join(clauses)} ORDER BY {self._order}
            LIMIT {size - 1:d}, 1"""  # noqa: S608
        return next(iter(self._tx.tuples(sql, self._values)), None)

    def _select(self, clauses: Sequence[str], limit: int) -> list[int]:
        sql = f"""
            SELECT m.id FROM message m FORCE INDEX ({self._way.index})
            WHERE {" AND ".join(clauses)} ORDER BY {self._order}
            LIMIT {limit:d}"""  # noqa: S608
        return [one for (one,) in self._tx.tuples(sql, self._values)]


def _all(tx: Transaction) -> list[Span]:
    """From the first to the last message that there is."""
    return [span for span in tx.tuples(ENDS) if span[0] is not None]


def _beyond(keys: Sequence[str], sign: str, prefix: str) -> str:
    """The rows after one: (a, b) > (x, y), spelt as an index can use it."""
    ways = []
    for n, key in enumerate(keys):
        same = [f"m.{k} = %({prefix}{k})s" for k in keys[:n]]
        ways.append(" AND ".join([*same, f"m.{key} {sign} %({prefix}{key})s"]))
    return "(" + " OR ".join(ways) + ")"
