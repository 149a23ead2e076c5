"""The service is killed at each of six points of a message's way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import massivesms
from tests.engine.world import wait_until
from tests.faults.kill_points import BY_SUBMISSION, POINTS
from tests.faults.run import WINDOW, Run, Scenario

NAMES = {
    "before_claim": "before the claim",
    "after_claim": "between claim and write",
    "mid_write": "in mid-write",
    "before_answer": "before the answer",
    "before_settle": "before settling",
    "after_settle": "after settling",
}
RUN_S = 60.0
POLICY_S = 40.0


def kill(point: str, policy: str = "hold") -> Callable[[Run], None]:
    """Killed once, started again; everything ends in a known state."""

    def play(run: Run) -> None:
        segments = run.size if point in BY_SUBMISSION else run.size // WINDOW
        after = run.draw("after", 1, max(1, segments * 3 // 4))
        slow_s = run.draw("answers within", 0.0, 0.02)
        smsc = run.operator(answer_delay_s=[0.0, slow_s])
        run.trunk(smsc)
        run.load(policy=policy)
        killed = run.service("--kill-at", point, "--after", str(after))
        killed.wait_killed(RUN_S)
        held = run.note_interrupted()
        assert held <= WINDOW, f"{held} were on their way"
        run.service()
        run.finish(RUN_S)
        if policy != "hold":
            wait_until(lambda: nothing_in_doubt(run), POLICY_S)
            run.finish(RUN_S)

    return play


def nothing_in_doubt(run: Run) -> bool:
    """By the kept counts."""
    return not any(run.world.counts(one).get("in_doubt") for one in run.campaigns)


def policy_is_missing() -> str:
    """Whether this engine counts how often its rule put a message back."""
    engine = Path(massivesms.__file__).parent
    rooms = [*engine.glob("engine/*.py"), *engine.glob("store/*.py")]
    if any("resends" in file.read_text() for file in rooms):
        return ""
    return "the engine does not carry out campaign.in_doubt yet"


HOLD = [
    Scenario(
        f"kill-{point.replace('_', '-')}",
        f"kill -9 {NAMES[point]}",
        kill(point),
        runs=100,
        messages=1000,
    )
    for point in POINTS
]
RESEND = [
    Scenario(
        f"resend-{point.replace('_', '-')}",
        f"kill -9 {NAMES[point]}, `resend`",
        kill(point, "resend"),
        runs=100,
        messages=1000,
        may_doubt=0,
        may_double=WINDOW,
        lacks=policy_is_missing,
    )
    for point in POINTS
]
ASSUME = [
    Scenario(
        "assume-sent",
        "kill -9 before the answer, `assume_sent`",
        kill("before_answer", "assume_sent"),
        runs=100,
        messages=1000,
        may_doubt=0,
        lacks=policy_is_missing,
    )
]
ROWS = [*HOLD, *RESEND, *ASSUME]
