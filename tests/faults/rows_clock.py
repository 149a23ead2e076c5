"""The clock jumps, over both edges of daylight saving too: no message leaves
outside its campaign's sending hours. Pauses and cancellations, in the same spirit.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from massivesms.domain.schedule import SendingHours, read_hours
from tests.engine.world import Engine, wait_until
from tests.fakes.smsc import Behaviour, Smsc
from tests.faults.judge import judge
from tests.faults.run import WINDOW, Run, Scenario

ZONE = ZoneInfo("Europe/Madrid")
EDGES = {"spring": (2026, 3, 29), "autumn": (2026, 10, 25)}
HOURS = ("09:00-20:00", "22:00-06:00", "01:30-02:30", "02:30-03:30", "02:00-03:00")
STAY_S = 1.2  # at each moment that the clock jumps to
GRACE_S = 0.8  # from the look at the clock to the SMSC
RATE_PER_S = 25.0
RUN_S = 60.0
QUIET_S = 0.7


class Clock:
    """A wall clock that can be set, and remembers when it showed what."""

    def __init__(self, moment: datetime) -> None:
        self.settings: list[tuple[float, datetime]] = []
        self.set(moment)

    def set(self, moment: datetime) -> None:
        """Jumps."""
        self.settings.append((time.monotonic(), moment))

    def now(self) -> datetime:
        """UTC; runs on at the usual speed."""
        at_s, moment = self.settings[-1]
        return moment + timedelta(seconds=time.monotonic() - at_s)

    def showed(self, from_s: float, to_s: float) -> list[datetime]:
        """What it may have shown between two moments of the monotonic clock."""
        ends = [at_s for at_s, _ in self.settings[1:]] + [float("inf")]
        shown = []
        for (begin_s, moment), end_s in zip(self.settings, ends, strict=True):
            for at_s in (max(from_s, begin_s), min(to_s, end_s)):
                if begin_s <= at_s <= end_s and from_s <= at_s <= to_s:
                    shown.append(moment + timedelta(seconds=at_s - begin_s))
        return shown


def jumps(run: Run) -> None:
    """To and fro by hours and days, around the edges of the hours and of summer."""
    hours = read_hours(run.choose("hours", HOURS))
    assert isinstance(hours, SendingHours)
    moments = moments_of(run, hours)
    clock = Clock(moments[0])
    smsc = run.smsc(Behaviour(seed=run.seed))
    run.trunk(smsc, rate_per_s=RATE_PER_S)
    run.world.set(time_zone=str(ZONE))
    engine = Engine(run.config)
    engine.clock = clock.now
    with engine:
        run.load(plain=True, hours=hours)
        for moment in moments[1:]:
            time.sleep(STAY_S)
            clock.set(moment)
        time.sleep(STAY_S)
        clock.set(midst(hours))
        run.finish(RUN_S + run.size / RATE_PER_S)
    wrong = [
        s.at_s
        for s in smsc.submissions
        if not any(is_inside(m, hours) for m in clock.showed(s.at_s - GRACE_S, s.at_s))
    ]
    assert not wrong, f"{len(wrong)} left outside the hours"
    assert len(smsc.submissions) == run.size


def moments_of(run: Run, hours: SendingHours) -> list[datetime]:
    """Drawn moments in UTC: just before and after each edge, an hour, a day off."""
    found = []
    for name, day in EDGES.items():
        midnight = datetime(*day, tzinfo=ZONE)
        for edge in (hours.start, hours.end):
            at = midnight.replace(hour=edge.hour, minute=edge.minute)
            found += [at.astimezone(UTC), at.replace(fold=1).astimezone(UTC)]
        change = 3 if name == "spring" else 2
        found.append(midnight.replace(hour=change, fold=1).astimezone(UTC))
    jumps_h = (0, 0, 1, -1, 24, -24)
    offset_s = (-0.25, 0.0, 0.25, -30, 30)
    drawn = [
        moment
        + timedelta(
            hours=run.random.choice(jumps_h), seconds=run.random.choice(offset_s)
        )
        for moment in run.random.sample(found, len(found))
    ]
    run.note("moments", [str(moment) for moment in drawn])
    return drawn


def is_inside(moment: datetime, hours: SendingHours) -> bool:
    """By minutes of the wall clock, not through the product's own rule."""
    local = moment.astimezone(ZONE)
    minute = local.hour * 60 + local.minute
    start = hours.start.hour * 60 + hours.start.minute
    end = hours.end.hour * 60 + hours.end.minute
    if start < end:
        return start <= minute < end
    return minute >= start or minute < end


def midst(hours: SendingHours) -> datetime:
    """Soon after the hours begin on an ordinary day."""
    start = datetime(2026, 6, 1, hours.start.hour, hours.start.minute, 5, tzinfo=ZONE)
    return start.astimezone(UTC)


def stopped(run: Run) -> None:
    """A click on Stop in mid-run, of the campaign or of everything; then resumed."""
    smsc, campaign_id = running(run)
    how = run.choose("stopped", ["campaign", "everything"])
    if how == "campaign":
        run.world.pause(campaign_id, True)
    else:
        run.world.set(sending="no")
    assert_at_most_a_window_more(smsc)
    assert run.left(), "all had been sent before"
    if how == "campaign":
        run.world.pause(campaign_id, False)
    else:
        run.world.set(sending="yes")
    run.finish(RUN_S)


def cancelled(run: Run) -> None:
    """A campaign is removed in mid-run: its messages are deleted, once settled."""
    smsc, campaign_id = running(run)
    run.world.remove(campaign_id)
    assert_at_most_a_window_more(smsc)
    rest = "SELECT COUNT(*) FROM message WHERE campaign_id = %s"
    wait_until(lambda: run.world.ask(rest, campaign_id) == 0, RUN_S)
    taken = smsc.messages()
    assert len(taken) < run.size, "all had been sent before"
    rows = [
        {"id": 0, "number": one.number, "text": one.text, "state": "in_doubt"}
        for one in run.imported
    ]
    verdict = judge(rows, taken, run.imported)
    assert not verdict.faults(), str(verdict)
    run.campaigns, run.imported, run.logs = [], [], []  # no row is left to judge


def running(run: Run) -> tuple[Smsc, int]:
    """A campaign of which a drawn part is sent."""
    smsc = run.smsc(Behaviour(answer_delay_s=(0.0, 0.02), seed=run.seed))
    run.trunk(smsc)
    campaign_id = run.load()
    run.service()
    smsc.wait_for(run.draw("after", 1, run.size // 2), RUN_S)
    return smsc, campaign_id


def assert_at_most_a_window_more(smsc: Smsc) -> None:
    """Called right after the commit: counts what comes until nothing comes."""
    at_click = len(smsc.submissions)
    wait_quiet(smsc)
    more = len(smsc.submissions) - at_click
    assert more <= WINDOW, f"{more} segments went out after the click"


def wait_quiet(smsc: Smsc) -> None:
    """Until nothing has come for a while."""
    seen = -1
    while seen != len(smsc.submissions):
        seen = len(smsc.submissions)
        time.sleep(QUIET_S)


ROWS = [
    Scenario(
        "clock", "the clock jumps an hour, a day; both DST edges", jumps, 50, 400,
        reduced=200, may_doubt=0,
    ),
    Scenario("stopped", "stopped and resumed in mid-run", stopped, 100, 1000,
             may_doubt=0),
    Scenario("cancelled", "cancelled in mid-run", cancelled, 100, 1000),
]  # fmt: skip
