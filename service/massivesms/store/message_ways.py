"""The ways to the messages of a filter: which index is read, and between which ids.

What is few is read whole and sorted; what is many is read in an index's order. Which
of them a filter has is known beforehand, from the counts and the traffic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..domain.message_filters import Filter
from . import like, message_spans
from .db import Transaction
from .message_spans import Span

FEW = 20_000  # so many are read and sorted at once
FEW_TO_LOOK_AT = 4000  # when each of them must be looked at besides
MOST_NAMED = 200  # campaigns that a statement names

Values = dict[str, Any]
BY_ID = ("id",)
BY_STATE = ("route_trunk_id", "lane", "due_at", "id")


@dataclass(frozen=True, slots=True)
class Way:
    """How to come to the messages: an index, its order, what of the filter it serves.

    `spans` are those of ids that are worth a look; () = everywhere. `is_few`: so few
    that they are looked at in one statement.
    """

    index: str
    keys: tuple[str, ...]
    serves: frozenset[str]
    spans: tuple[Span, ...] = ()
    is_few: bool = False


WHEN = """(CASE WHEN m.state IN ('queued', 'submitting') THEN m.created_at
 ELSE COALESCE(m.submitted_at, m.settled_at, m.created_at) END)"""


def conditions(tx: Transaction, wanted: Filter) -> tuple[dict[str, str], Values]:
    """Each part of a filter by name as a condition, and the values of all."""
    found: dict[str, str] = {}
    values: Values = {}

    def add(name: str, clause: str, value: object) -> None:
        found[name] = clause
        values[name] = value

    if wanted.campaign_id is not None:
        add("campaign", "m.campaign_id = %(campaign)s", wanted.campaign_id)
    if wanted.states:
        add("states", "m.state IN %(states)s", wanted.states)
    if wanted.number_starts:
        parts = []
        for n, start in enumerate(wanted.number_starts):
            parts.append(f"m.number LIKE %(start{n})s")
            values[f"start{n}"] = like.number_begins(start)
        found["number"] = "(" + " OR ".join(parts) + ")"
    if wanted.trunk_id is not None:
        add("trunk", "m.trunk_id = %(trunk)s", wanted.trunk_id)
    if wanted.import_id is not None:
        add("import", "m.import_id = %(import)s", wanted.import_id)
    if wanted.user:
        own = "(m.created_by IS NULL AND m.campaign_id IN %(own)s)"
        add("user", f"(m.created_by = %(user)s OR {own})", wanted.user)
        values["own"] = message_spans.made_by(tx, wanted.user) or [0]
    if wanted.start is not None:
        add("start", f"{WHEN} >= %(start)s", wanted.start.replace(tzinfo=None))
    if wanted.end is not None:
        add("end", f"{WHEN} < %(end)s", wanted.end.replace(tzinfo=None))
    if wanted.result:
        add("result", "m.result_code = %(result)s", wanted.result)
    if wanted.detail:
        add("detail", "m.result_detail = %(detail)s", wanted.detail)
    return found, values


def find(
    tx: Transaction,
    wanted: Filter,
    clauses: dict[str, str],
    values: Values,
    *,
    stable: bool,
) -> Way | None:
    """The best way to a filter's messages; None when there can be none.

    May narrow `clauses` to the campaigns that can have some.
    """
    of = message_spans.campaigns(tx, wanted)
    counted: dict[int, int] = {}
    if wanted.states:
        counted = message_spans.in_states(tx, wanted.states, of)
        of = set(counted)
    if of is not None and not of:
        return None
    if of is not None and "campaign" not in clauses and len(of) <= MOST_NAMED:
        name = "campaign" if len(of) == 1 else "campaigns"
        clauses[name] = f"m.campaign_id IN %({name})s"
        values[name] = sorted(of)
    is_one = "campaign" in clauses
    if few := _few(tx, wanted, clauses, values, sum(counted.values())):
        return few
    has_time = wanted.start is not None or wanted.end is not None
    if is_one and len(wanted.states) == 1 and not stable and not has_time:
        return Way("claim", BY_STATE, frozenset({"campaign", "states"}))
    spans = _spans(tx, wanted, of)
    if spans is not None and not spans:
        return None
    if is_one:
        return Way("campaign_page", BY_ID, frozenset({"campaign"}), tuple(spans or ()))
    return Way("PRIMARY", BY_ID, frozenset(), tuple(spans or ()))


def _spans(tx: Transaction, wanted: Filter, of: set[int] | None) -> list[Span] | None:
    """Between which ids to look; None = everywhere."""
    one = next(iter(of)) if of is not None and len(of) == 1 else None
    found: list[Span] | None = None
    if of is not None and one is None and len(of) <= message_spans.MOST_CAMPAIGNS:
        found = message_spans.merged(message_spans.of_campaigns(tx, of))
    if wanted.start is None and wanted.end is None:
        return found
    of_time = message_spans.between(tx, wanted.start, wanted.end, one)
    return of_time if found is None else message_spans.common(of_time, found)


SOME = """
SELECT COUNT(*) FROM (
  SELECT 1 FROM message m FORCE INDEX ({index}) WHERE {of} LIMIT {few}) some"""


def _few(
    tx: Transaction,
    wanted: Filter,
    clauses: dict[str, str],
    values: Values,
    in_states: int,
) -> Way | None:
    """A way to messages that are so few that all of them can be read and sorted."""
    served = frozenset({"campaign", "campaigns", "states"})
    if wanted.states and not {"campaign", "campaigns"}.isdisjoint(clauses):
        most = FEW if set(clauses) <= served else FEW_TO_LOOK_AT
        if in_states <= most:
            return Way("claim", BY_ID, served, is_few=True)
    if not wanted.number_starts:
        return None
    is_one = "campaign" in clauses
    index, served = "number", frozenset({"number"})
    if is_one:
        index, served = "campaign_number", served | {"campaign"}
    of = " AND ".join(clauses[name] for name in clauses if name in served)
    most = FEW if set(clauses) <= served else FEW_TO_LOOK_AT
    sql = SOME.format(index=index, of=of, few=most + 1)
    if int(tx.value(sql, values)) > most:
        return None
    return Way(index, BY_ID, served, is_few=True)
