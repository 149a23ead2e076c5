"""Express: one message "at once" while a large campaign is being sent.

Put in the queue as the page "Send" does it. The time runs from just before COMMIT,
so it includes the disk, until the submission is read by the SMSC.
"""

from __future__ import annotations

import math
import random
import time
from typing import Any

from massivesms.store import messages
from massivesms.store.db import Transaction
from scripts.benchmark.drain import (
    CAMPAIGN,
    LEFT,
    LOOK_S,
    RESUME,
    make_campaign,
    make_list,
)
from scripts.benchmark.house import House, Installation, value, wait_until
from scripts.benchmark.peer import Peer
from scripts.benchmark.texts import MARK, TEXT
from scripts.demonstration.place import DemoFailed

OUTPUT_QUEUE_ID = 1
EVERY_S = 0.1
BEGUN = 0.02  # of the campaign, when the first one is put in
ARRIVAL_WAIT_S = 60.0


def measure(house: House, campaign_messages: int, singles: int) -> dict[str, Any]:
    """`express` as it stands in the JSON."""
    installation = house.installation("express")
    make_list(installation, "recipients", campaign_messages)
    make_campaign(installation, "large", "recipients")
    with Peer(MARK) as peer:
        installation.add_trunk("bench", peer.port)
        times_ms, per_second = _send(installation, peer, campaign_messages, singles)
    return {
        "express": {
            "messages": singles,
            "p50_ms": percentile(times_ms, 50),
            "p99_ms": percentile(times_ms, 99),
            "max_ms": max(times_ms),
            "campaign_per_second": per_second,
        }
    }


def _send(
    installation: Installation, peer: Peer, campaign_messages: int, singles: int
) -> tuple[list[float], float]:
    """The time of each single message, and how fast the campaign was meanwhile."""
    with installation.connect() as db, installation.running() as service:
        installation.wait_for_trunks(service)
        campaign_id = value(db, CAMPAIGN, "large")

        def left() -> int:
            return int(value(db, LEFT, campaign_id))

        value(db, RESUME, campaign_id)
        begun = campaign_messages * (1 - BEGUN)
        wait_until(service, lambda: left() < begun, ARRIVAL_WAIT_S, LOOK_S)
        began_s, left_before = time.monotonic(), left()
        committed = _put_in(installation, singles)
        left_after, took_s = left(), time.monotonic() - began_s
        if left_after <= 0:
            raise DemoFailed(
                f"{campaign_messages} messages were sent before {singles} single ones"
            )
        arrived: dict[str, int] = {}

        def all_came() -> bool:
            arrived.update(peer.arrived().marked)
            return len(arrived) >= singles

        wait_until(service, all_came, ARRIVAL_WAIT_S, 0.5)
    times_ms = [(arrived[number] - ns) / 1e6 for number, ns in committed.items()]
    return times_ms, (left_before - left_after) / took_s


def _put_in(installation: Installation, singles: int) -> dict[str, int]:
    """Number (digits) -> when its COMMIT was about to be asked for, in ns."""
    committed: dict[str, int] = {}
    db = installation.database()
    uneven = random.Random(7)  # not in step with anything of the service
    for n in range(singles):
        number = f"{MARK}{n:06}"
        new = messages.NewMessage(f"+{number}", False, 1, TEXT)
        with db.transaction() as tx:
            _enqueue(tx, new)
            committed[number] = time.monotonic_ns()
        time.sleep(EVERY_S * uneven.uniform(0.8, 1.2))
    db.close()
    return committed


def _enqueue(tx: Transaction, new: messages.NewMessage) -> None:
    messages.enqueue_single(tx, new, campaign_id=OUTPUT_QUEUE_ID, express=True)


def percentile(values: list[float], percent: float) -> float:
    """The smallest value that so many percent do not exceed."""
    place = math.ceil(len(values) * percent / 100)
    return sorted(values)[max(place, 1) - 1]
