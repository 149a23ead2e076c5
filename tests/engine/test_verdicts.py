"""The retry policy: from an outcome to what the message becomes."""

from __future__ import annotations

import pytest

from massivesms.domain.outcomes import (
    Accepted,
    Decision,
    Deferred,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)
from massivesms.domain.routing import Candidate
from massivesms.engine.verdicts import Route, decide
from massivesms.store.claims import Claimed
from massivesms.store.settlements import Settlement

FRESH = Claimed(1, 2, "+34600111222", False, 2, None, None)
OTHERS = [Candidate(7, 1, True), Candidate(8, 2, True), Candidate(9, 3, False)]
AUTO = Route(7, fixed=False, candidates=OTHERS)
NAMED = Route(7, fixed=True, candidates=OTHERS)
ALONE = Route(7, fixed=False, candidates=OTHERS[:1])
D = Decision


def rejected(decision: Decision, **more: object) -> Rejected:
    return Rejected("code", "words", decision, **more)  # type: ignore[arg-type]


def claimed(**changes: object) -> Claimed:
    return FRESH._replace(**changes)  # type: ignore[arg-type]


def again(**values: object) -> dict[str, object]:
    """Queued again: route, wait, lane, tried trunks, attempts, pinned."""
    usual = {"state": "queued", "route_trunk_id": 0, "due_in_s": 0.0, "lane": 1,
             "tried_trunks": "", "attempts": 0, "pinned": False}  # fmt: skip
    return usual | values


CASES: list[tuple[str, Claimed, Outcome, Route, dict[str, object]]] = [
    ("taken", FRESH, Accepted(("a", "b")), AUTO,
     {"state": "submitted", "ids": ("a", "b"), "code": None}),
    ("doubt is never sent again", FRESH, InDoubt("answer_timeout", "", {1: "a"}), AUTO,
     {"state": "in_doubt", "partly": {1: "a"}, "code": "answer_timeout"}),
    ("the message's fault", FRESH, rejected(D.FAIL), AUTO,
     {"state": "rejected", "code": "code", "detail": "words"}),
    ("throttled costs no try", claimed(attempts=1), Deferred(1.0, "t"), AUTO,
     again(route_trunk_id=7, due_in_s=1.0, attempts=1)),
    ("half throttled stays here", FRESH, Deferred(1.0, "t", "", {1: "a"}), AUTO,
     again(route_trunk_id=7, due_in_s=1.0, pinned=True, partly={1: "a"})),
    ("the link broke", FRESH, TrunkDown("link_lost"), AUTO, again()),
    ("the link broke for a named trunk", claimed(pinned=True), TrunkDown("x"), NAMED,
     again(route_trunk_id=7, pinned=True)),
    ("the link broke on the second trunk", claimed(tried_trunks="8"), TrunkDown("x"),
     AUTO, again(route_trunk_id=7, tried_trunks="8")),
    ("no credit costs no message", FRESH, rejected(D.STOP_TRUNK), AUTO, again()),
    ("half out it waits for the trunk", FRESH,
     rejected(D.STOP_TRUNK, accepted={1: "a"}), AUTO,
     again(route_trunk_id=7, pinned=True, partly={1: "a"})),
    ("first try", FRESH, rejected(D.RETRY), AUTO,
     again(route_trunk_id=7, due_in_s=30.0, attempts=1)),
    ("second try", claimed(attempts=1), rejected(D.RETRY), AUTO,
     again(route_trunk_id=7, due_in_s=30.0, attempts=2)),
    ("then the next trunk", claimed(attempts=2), rejected(D.RETRY), AUTO,
     again(route_trunk_id=8, tried_trunks="7")),
    ("then the end", claimed(attempts=2), rejected(D.RETRY), ALONE,
     {"state": "failed"}),
    ("the trunk's fault", FRESH, rejected(D.NEXT_TRUNK), AUTO,
     again(route_trunk_id=8, tried_trunks="7")),
    ("a named trunk's fault", FRESH, rejected(D.NEXT_TRUNK), NAMED,
     {"state": "failed"}),
    ("no other trunk", FRESH, rejected(D.NEXT_TRUNK), ALONE, {"state": "failed"}),
    ("one that is down is waited for", claimed(tried_trunks="8"),
     rejected(D.NEXT_TRUNK), AUTO, again(route_trunk_id=9, tried_trunks="8,7")),
    ("all have refused", claimed(tried_trunks="8,9"), rejected(D.NEXT_TRUNK), AUTO,
     {"state": "failed"}),
    ("half out goes nowhere else", FRESH, rejected(D.NEXT_TRUNK, accepted={1: "a"}),
     AUTO, {"state": "failed", "partly": {1: "a"}}),
    ("once more", FRESH, rejected(D.NEXT_ONCE), AUTO,
     again(route_trunk_id=8, tried_trunks="7")),
    ("and then no more", claimed(tried_trunks="8"), rejected(D.NEXT_ONCE), AUTO,
     {"state": "failed"}),
    ("once more at another", FRESH, rejected(D.ONCE_MORE), AUTO,
     again(route_trunk_id=8, tried_trunks="7")),
    ("once more at the same, being alone", FRESH, rejected(D.ONCE_MORE), ALONE,
     again(route_trunk_id=7, due_in_s=30.0, attempts=1)),
    ("once more at the one that was named", FRESH, rejected(D.ONCE_MORE), NAMED,
     again(route_trunk_id=7, due_in_s=30.0, attempts=1)),
    ("and no third time", claimed(attempts=1), rejected(D.ONCE_MORE), ALONE,
     {"state": "failed"}),
    ("nor after another", claimed(tried_trunks="8"), rejected(D.ONCE_MORE), AUTO,
     {"state": "failed"}),
    ("somebody waits for it", claimed(lane=0), rejected(D.NEXT_TRUNK), AUTO,
     again(route_trunk_id=8, tried_trunks="7", lane=0)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "outcome", "route", "wanted"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_an_outcome_decides(
    message: Claimed, outcome: Outcome, route: Route, wanted: dict[str, object]
) -> None:
    settlement = decide(message, outcome, route)
    assert {name: getattr(settlement, name) for name in wanted} == wanted
    assert isinstance(settlement, Settlement)
    assert (settlement.message_id, settlement.segments) == (1, 2)
