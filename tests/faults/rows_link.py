"""The SMSC breaks the link, falls silent, goes away, or stops answering."""

from __future__ import annotations

import time
from collections.abc import Callable

from tests.engine.world import wait_until
from tests.faults.processes import Operator
from tests.faults.run import WINDOW, Run, Scenario

RUN_S = 60.0
NOTICED_S = 35.0


def hang_up(how: str) -> Callable[[Run], None]:
    """The SMSC ends a link on some submission, answered or not."""

    def play(run: Run) -> None:
        smsc = run.operator(
            hang_up=how,
            hang_up_after=run.draw("hang up after", 1, run.size // 2),
            hang_up_before_answer=run.choose("unanswered", [True, False]),
            fault_times=1,
            answer_delay_s=[0.0, 0.01],
        )
        trunk_id = run.trunk(smsc)
        run.load()
        run.service()
        notice(run, trunk_id, time.monotonic())
        run.finish(RUN_S)

    return play


def silent(run: Run) -> None:
    """The link stays open; nothing is answered any more, enquire_link neither.

    In full with the enquire_link_s that trunks have by default.
    """
    smsc = run.operator(
        silent_after=run.draw("silent after", 1, run.size // 2), fault_times=1
    )
    values = {} if run.full else {"enquire_link_s": "5"}
    trunk_id = run.trunk(smsc, values=values)
    run.load()
    run.service()
    wait_until(lambda: has_stalled(smsc), RUN_S)
    notice(run, trunk_id, time.monotonic())
    run.finish(RUN_S)


def frozen(run: Run) -> None:
    """The SMSC's machine hangs (SIGSTOP), and goes on after it was noticed."""
    smsc = run.operator(answer_delay_s=[0.0, 0.01])
    values = {} if run.full else {"enquire_link_s": "5"}
    trunk_id = run.trunk(smsc, values=values)
    run.load()
    run.service()
    smsc.wait_for(run.draw("frozen after", 1, run.size // 2))
    smsc.freeze()
    notice(run, trunk_id, time.monotonic())
    smsc.thaw()
    run.finish(RUN_S)


def gone(run: Run) -> None:
    """The SMSC ends, is not there for a while, and is back."""
    smsc = run.operator(answer_delay_s=[0.0, 0.01])
    trunk_id = run.trunk(smsc)
    run.load()
    run.service()
    smsc.wait_for(run.draw("gone after", 1, run.size // 2))
    away_s = run.draw("away", 0.0, 3.0)
    smsc.stop()
    notice(run, trunk_id, time.monotonic())
    wait_away(away_s)
    smsc.start()
    run.finish(RUN_S)


def answers_nothing(run: Run) -> None:
    """Submissions are taken and never answered; enquire_link is.

    Each would be in doubt after its time-out: the trunk must stop of itself.
    """
    timeout_s = 2
    smsc = run.operator(drop_answer_share=1.0)
    trunk_id = run.trunk(smsc, values={"answer_timeout_s": str(timeout_s)})
    run.load()
    run.service()
    smsc.wait_for(WINDOW)
    notice(run, trunk_id, time.monotonic())
    smsc.stop()
    smsc.start(drop_answer_share=0.0)
    run.finish(RUN_S)


def has_stalled(smsc: Operator) -> bool:
    """Nothing came for a second although there is something to send."""
    before = smsc.arrived()
    wait_away(1.0)
    return 0 < smsc.arrived() == before


def notice(run: Run, trunk_id: int, since_s: float) -> None:
    """Until the trunk's page tells of an error; within the promised time."""
    wait_until(
        lambda: run.world.session(trunk_id).get("error_code"), NOTICED_S, lambda: "seen"
    )
    run.noticed_s.append(time.monotonic() - since_s)


def wait_away(seconds: float) -> None:
    """The length of a fault."""
    time.sleep(seconds)


ROWS = [
    Scenario("smsc-resets", "SMSC resets the link", hang_up("reset"), 100, 1000),
    Scenario("smsc-closes", "SMSC closes the link", hang_up("close"), 100, 1000),
    Scenario("smsc-unbinds", "SMSC unbinds", hang_up("unbind"), 100, 1000),
    Scenario("smsc-gone", "SMSC ends and comes back", gone, 100, 1000),
    Scenario("smsc-silent", "SMSC goes silent", silent, 100, 1000),
    Scenario("smsc-frozen", "SMSC frozen", frozen, 100, 1000),
    Scenario(
        "smsc-answers-nothing",
        "SMSC answers no submission",
        answers_nothing,
        100,
        1000,
    ),
]
