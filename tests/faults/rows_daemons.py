"""Two services on one database, a stale owner that wakes, a service started twice."""

from __future__ import annotations

import time

from tests.engine.world import wait_until
from tests.fakes.smsc import Behaviour
from tests.faults.processes import FaultyService
from tests.faults.run import Run, Scenario

RUN_S = 180.0
TAKEN_OVER_S = 30.0
CAMPAIGN_S = 4.0  # how long a campaign takes in any case


def two_daemons(run: Run) -> None:
    """Each trunk is bound by one of them, and all goes out once."""
    behaviour = Behaviour(answer_delay_s=(0.0, 0.02), seed=run.seed)
    operators = [run.smsc(behaviour) for _ in range(run.draw("trunks", 1, 3))]
    for n, smsc in enumerate(operators):
        run.trunk(smsc, f"trunk{n}")
    run.load()
    for other in run.choose("order", [("", "b"), ("b", "")]):
        run.service(other=other)
    run.finish(RUN_S)
    binds = [len(smsc.binds) for smsc in operators]
    assert binds == [1] * len(operators), f"bound so often: {binds}"


def taken_over(run: Run) -> None:
    """One of two is killed: the other drives its trunk."""
    smsc = run.operator(answer_delay_s=[0.0, 0.02])
    run.trunk(smsc, rate_per_s=run.size / CAMPAIGN_S)
    run.load()
    first = run.service()
    smsc.wait_for(1)
    run.service(other="b")
    smsc.wait_for(run.draw("killed after", 2, run.size // 2), RUN_S)
    first.kill()
    run.note_interrupted()
    before, began_s = smsc.arrived(), time.monotonic()
    wait_until(lambda: smsc.arrived() > before or not run.left(), TAKEN_OVER_S)
    run.noticed_s.append(time.monotonic() - began_s)
    run.finish(RUN_S)


def stale_owner(run: Run) -> None:
    """One hangs for longer than its lease; the other takes over; the first wakes."""
    smsc = run.operator(answer_delay_s=[0.0, 0.02])
    run.trunk(smsc, rate_per_s=run.size / CAMPAIGN_S)
    run.load()
    first = run.service()
    smsc.wait_for(run.draw("hangs after", 1, run.size // 2), RUN_S)
    first.freeze()
    run.note_interrupted()
    run.service(other="b")
    before, began_s = smsc.arrived(), time.monotonic()
    wait_until(lambda: smsc.arrived() > before, TAKEN_OVER_S)
    run.noticed_s.append(time.monotonic() - began_s)
    if run.choose("wakes", ["at once", "when all is sent"]) == "when all is sent":
        run.finish(RUN_S)
    first.thaw()
    run.finish(RUN_S)
    wait_until(lambda: first.process.poll() is None, 1)
    more = run.load(20, name="after it woke")
    run.finish(RUN_S)
    assert run.world.counts(more).get("in_doubt", 0) == 0


def started_twice(run: Run) -> None:
    """Several at once with one configuration: one works, the others refuse."""
    smsc = run.smsc(Behaviour(answer_delay_s=(0.0, 0.01), seed=run.seed))
    run.trunk(smsc)
    run.load()
    services = [run.service() for _ in range(run.draw("at once", 2, 3))]
    wait_until(lambda: sum(running(one) for one in services) == 1, 30)
    run.finish(RUN_S)
    ended = [one.process.poll() for one in services]
    assert sorted(ended, key=str) == [1] * (len(services) - 1) + [None], ended
    assert len(smsc.binds) == 1, f"bound {len(smsc.binds)} times"
    assert "running already" in services[0].said()


def running(service: FaultyService) -> bool:
    """Whether its process lives."""
    return service.process.poll() is None


ROWS = [
    Scenario(
        "two-daemons", "two daemons, one database", two_daemons, 20, 20_000, may_doubt=0
    ),
    Scenario("taken-over", "one of two daemons killed", taken_over, 20, 20_000),
    Scenario(
        "stale-owner", "a stale owner wakes", stale_owner, 20, 20_000
    ),
    Scenario(
        "started-twice", "the daemon started twice", started_twice, 100, 200,
        reduced=100, may_doubt=0,
    ),
]  # fmt: skip
