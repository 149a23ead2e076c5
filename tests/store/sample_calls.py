"""Calls of one morning, and what each layout can tell of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from massivesms.domain.calls import Outcome, Query

ANSWERED, LOST = "ANSWERED", "NO ANSWER"


def call(minute: int, src: Any, dst: Any, said: str, **more: Any) -> dict[str, Any]:
    at = f"2026-03-01 10:{minute:02}:00"
    return {"calldate": at, "src": src, "dst": dst, "disposition": said, **more}


def came_in(minute: int, src: str, said: str, call_id: str, **more: Any) -> Any:
    did, channel = "910000001", f"PJSIP/101-{minute}"
    more = {"did": did, "dstchannel": channel, "uniqueid": call_id, **more}
    return call(minute, src, "101", said, **{"linkedid": call_id, "cnum": src, **more})


CALLS = [
    came_in(1, "600000001", ANSWERED, "a.1", billsec=100),
    came_in(2, "600000002", LOST, "a.2"),  # a ring group: 101 does not answer
    came_in(2, "600000002", LOST, "a.2"),
    came_in(3, "600000002", ANSWERED, "a.2", billsec=5, did="910000002"),
    came_in(4, "600000003", LOST, "a.3"),  # a queue: each agent has a channel
    came_in(5, "600000003", ANSWERED, "a.3", uniqueid="a.4", billsec=20),
    came_in(6, "600000004", LOST, "a.5"),
    came_in(7, "600000004", "BUSY", "a.5"),
    came_in(8, "", ANSWERED, "a.6", cnum="600000007", billsec=1),
    came_in(9, "", LOST, "a.7"),  # hidden
    call(
        10,
        *("600999999", "600000005", ANSWERED),  # our own mobile, shown to others
        cnum="101",
        outbound_cnum="600999999",
        billsec=10,
        uniqueid="a.8",
        linkedid="a.8",
    ),
    call(11, "101", "600000006", ANSWERED, dstchannel="SMS"),  # a message
    call(12, "101", "600000008", LOST),  # of before the PBX knew linkedid
    call(13, "101", "600000009", LOST),
]


OLD = "Asterisk 1.4"


MIDDLE = "Issabel 4"


NEW = "FreePBX 17"


ALL_CALLERS = {"600000001", "600000002", "600000003", "600000004", "101"}


CASES: dict[str, tuple[Query, dict[str, set[str]]]] = {
    "who called": (
        Query(),
        {
            OLD: ALL_CALLERS | {"600999999"},
            MIDDLE: ALL_CALLERS | {"600000007"},
            NEW: ALL_CALLERS | {"600000007"},
        },
    ),
    "whom we called": (
        Query(callees=True),
        {
            OLD: {"101", "600000005", "600000008", "600000009"},
            MIDDLE: {"600000005", "600000008", "600000009"},
            NEW: {"600000005", "600000008", "600000009"},
        },
    ),
    "answered": (
        Query(outcome=Outcome.ANSWERED),
        {
            OLD: {"600000001", "600000002", "600000003", "600999999", "101"},
            MIDDLE: {"600000001", "600000002", "600000003", "600000007", "101"},
            NEW: {"600000001", "600000002", "600000003", "600000007", "101"},
        },
    ),
    "missed": (
        Query(outcome=Outcome.MISSED),
        {
            OLD: {"600000002", "600000003", "600000004", "101"},  # each row is a call
            MIDDLE: {"600000003", "600000004", "101"},  # a queue is not known as one
            NEW: {"600000004", "101"},
        },
    ),
    "called in vain": (
        Query(callees=True, outcome=Outcome.MISSED),
        {MIDDLE: {"600000008", "600000009"}, NEW: {"600000008", "600000009"}},
    ),
    "one number of ours": (
        Query(dids=("910000002",)),
        {MIDDLE: {"600000002"}, NEW: {"600000002"}},
    ),
    "two numbers of ours, missed": (
        Query(dids=("910000002", "910000001"), outcome=Outcome.MISSED),
        {NEW: {"600000004"}},
    ),
    "twenty seconds at least": (
        Query(min_seconds=20),
        {OLD: {"600000001", "600000003"}, NEW: {"600000001", "600000003"}},
    ),
    "a minute": (
        Query(datetime(2026, 3, 1, 10, 6), datetime(2026, 3, 1, 10, 7)),
        {OLD: {"600000004"}, MIDDLE: {"600000004"}, NEW: {"600000004"}},
    ),
}
