"""One run of one row: its seed, its database, its processes, its verdict.

A row (Scenario) is played by a function that gets a Run, does the fault and
asserts what only that row promises. What every row promises is judged here.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from massivesms.domain.segments import split
from massivesms.store import messages
from massivesms.store.messages import NewMessage
from tests.engine.world import World, numbered, wait_until
from tests.fakes.smsc import Behaviour, Received, Smsc, assemble, read_log
from tests.faults.ground import Ground, Place
from tests.faults.judge import Imported, Judgement, Tally, judge, tally
from tests.faults.processes import FaultyService, Operator

WINDOW = 20
TEXTS = (
    "Aviso <{id}>: su cita es mañana a las 9:30.",
    "Привет <{id}>, ждём вас завтра 😀",
    "<{id}> " + "Una nota larga, que va en varios segmentos {n}. " * 5,
    "<{id}> " + "Длинный текст в двух сегментах {n}. " * 3,
)
PLAIN_SHARE = 0.9  # of the messages: one segment, the first text


@dataclass(frozen=True)
class Scenario:
    """A row of the matrix, or a part of one."""

    name: str
    fault: str  # in words, for the table
    play: Callable[[Run], None]
    runs: int  # in full
    messages: int  # of each run, in full
    reduced: int = 200  # messages of each run, reduced
    may_doubt: int | None = WINDOW  # in one run; None = no limit
    may_double: int = 0
    hurts: bool = False  # the server: nothing else may run on it meanwhile
    disk_mb: int = 0  # the database has a disk of its own, of that size
    lacks: Callable[[], str] = lambda: ""  # why it cannot run here; "" = it can


@dataclass
class Result:
    """What came of one run."""

    name: str
    seed: int
    full: bool
    wanted: int  # messages of the main campaign
    messages: int = 0
    judgement: Judgement = field(default_factory=Judgement)
    tally: Tally = Tally(0, 0)
    noticed_s: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    took_s: float = 0.0
    directory: Path | None = None  # of a failed run


class Run:
    """What a scenario plays with."""

    def __init__(self, name: str, seed: int, size: int, full: bool, place: Place):
        self.seed, self.size, self.full = seed, size, full
        self.random = random.Random(f"{name} {seed}")
        self.place = place
        self.directory = place.directory
        self.config = place.config
        self.world = World(place.config, place.db)
        self.schedule: dict[str, Any] = {"name": name, "seed": seed, "messages": size}
        self.imported: list[Imported] = []
        self.loaded = 0
        self.campaigns: list[int] = []
        self.interrupted: set[int] = set()
        self.noticed_s: list[float] = []
        self.may_doubt: int | None = None
        self.finished = True  # nothing may be left to do at the end
        self.logs: list[Path] = []
        self.received_otherwise: list[Received] = []  # by scripts
        self.open = ExitStack()

    # --- what is drawn ---------------------------------------------------

    def draw(self, what: str, low: float, high: float) -> Any:
        """A number of this seed: an int between ints, else a float."""
        whole = isinstance(low, int) and isinstance(high, int)
        drawn = self.random.randint(int(low), int(high)) if whole else round(
            self.random.uniform(low, high), 3
        )  # fmt: skip
        return self.note(what, drawn)

    def choose(self, what: str, options: Sequence[Any]) -> Any:
        """One of some."""
        return self.note(what, self.random.choice(list(options)))

    def note(self, what: str, value: Any) -> Any:
        """Keeps a choice for the schedule of a failing run."""
        self.schedule[what] = value
        (self.directory / "schedule.json").write_text(json.dumps(self.schedule))
        return value

    # --- what is there ---------------------------------------------------

    def operator(self, **behaviour: Any) -> Operator:
        """A simulator of its own, running until the end of the run."""
        log = self._log()
        behaviour.setdefault("seed", self.seed)
        return self.open.enter_context(Operator(log, behaviour))

    def smsc(self, behaviour: Behaviour) -> Smsc:
        """A simulator in this process, for what needs a hand inside."""
        return self.open.enter_context(Smsc(behaviour, log_path=self._log()))

    def _log(self) -> Path:
        self.logs.append(self.directory / f"received{len(self.logs)}.jsonl")
        return self.logs[-1]

    def trunk(self, smsc: Operator | Smsc, name: str = "one", **more: Any) -> int:
        """An SMPP trunk with the window; further settings by `values`."""
        values = {"window": str(WINDOW), "receipts": "no"} | more.pop("values", {})
        return self.world.trunk(name, smsc, values=values, **more)  # type: ignore[arg-type]

    def service(self, *arguments: str, other: str = "") -> FaultyService:
        """The service, started; `other` = a second one beside the first."""
        config = self.place.other_config(other) if other else self.config
        log = self.directory / f"service{other}.log"
        return self.open.enter_context(FaultyService(config, *arguments, log=log))

    def load(
        self, n: int | None = None, name: str = "c", plain: bool = False, **more: Any
    ) -> int:
        """A campaign with messages of several sizes, each with its id in it."""
        policy = more.pop("policy", "hold")
        count, first = n or self.size, self.loaded
        fresh = [self._message(first + i, plain) for i in range(count)]
        sizes = [len(split(one.text).parts) for one in fresh]
        campaign_id = self.world.campaign(
            name,
            [
                NewMessage(one.number, False, size, one.text)
                for one, size in zip(fresh, sizes, strict=True)
            ],
            paused=True,
            **more,
        )
        sql = "UPDATE campaign SET in_doubt = %s, paused = 0 WHERE id = %s"
        self.world.db.atomically(lambda tx: tx.execute(sql, (policy, campaign_id)))
        self.imported += fresh
        self.loaded += count
        self.campaigns.append(campaign_id)
        return campaign_id

    def _message(self, n: int, plain: bool) -> Imported:
        is_plain = plain or self.random.random() < PLAIN_SHARE
        text = TEXTS[0] if is_plain else self.random.choice(TEXTS)
        key = f"{self.seed % 2**32:x}.{n}"
        return Imported(key, numbered(1, None, n)[0].number, text.format(id=key, n=n))

    # --- what is waited for ----------------------------------------------

    def left(self) -> int:
        """Messages that are queued or on their way."""
        counts = [self.world.counts(one) for one in self.campaigns]
        return sum(c.get("queued", 0) + c.get("submitting", 0) for c in counts)

    def finish(self, timeout_s: float = 60.0) -> None:
        """Until nothing is queued or on its way."""
        wait_until(lambda: self.left() == 0, timeout_s, self.states)

    def states(self) -> object:
        """The kept counts, to say what is missing."""
        return [self.world.counts(one) for one in self.campaigns]

    def note_interrupted(self) -> int:
        """Remembers what is on its way now, after a crash; how many messages."""
        sql = "SELECT id FROM message WHERE state = 'submitting'"
        found = self.world.db.atomically(lambda tx: tx.tuples(sql))
        self.interrupted |= {message_id for (message_id,) in found}
        return len(found)

    def rows(self) -> list[dict[str, Any]]:
        """The messages of all campaigns."""
        return [
            row
            for one in self.campaigns
            for row in self.world.db.atomically(
                lambda tx, one=one: messages.page(  # type: ignore[misc]
                    tx, messages.Filter(campaign_id=one), limit=1_000_000
                )
            )
        ]

    def received(self) -> list[Received]:
        """What the operators took, from their logs."""
        found = list(self.received_otherwise)
        for log in self.logs:
            if log.exists():
                found += assemble(read_log(log.read_text("ascii").splitlines()))
        return found

    def judge(self) -> tuple[Judgement, Tally]:
        """Joins everything."""
        rows = self.rows()
        counts: dict[str, int] = {}
        for one in self.campaigns:
            for state, n in self.world.counts(one).items():
                counts[state] = counts.get(state, 0) + n
        verdict = judge(
            rows, self.received(), self.imported, counts, finished=self.finished
        )
        return verdict, tally(rows, self.interrupted)


def play(
    scenario: Scenario, seed: int, ground: Ground, full: bool, size: int | None = None
) -> Result:
    """One run from its seed; never raises for what a run finds."""
    messages_wanted = size or (scenario.messages if full else scenario.reduced)
    result = Result(scenario.name, seed, full, messages_wanted)
    began_s = time.monotonic()
    with ground.place(f"{scenario.name}-{seed}") as place:
        run = Run(scenario.name, seed, messages_wanted, full, place)
        run.may_doubt = scenario.may_doubt
        with run.open:
            try:
                scenario.play(run)
            except Exception as error:  # noqa: BLE001 - a run that breaks is a finding
                result.problems.append(f"{type(error).__name__}: {error}")
        try:
            result.judgement, result.tally = run.judge()
        except Exception as error:  # noqa: BLE001 - likewise
            result.problems.append(f"not judged: {type(error).__name__}: {error}")
        result.messages = run.loaded
        result.noticed_s = run.noticed_s
        result.problems += _violations(scenario, run, result)
        result.took_s = time.monotonic() - began_s
        if result.problems:
            result.directory = run.directory
            place.keep()
            (run.directory / "verdict.txt").write_text("\n".join(result.problems))
    return result


def _violations(scenario: Scenario, run: Run, result: Result) -> list[str]:
    """What every row promises."""
    found = dict(result.judgement.faults())
    if len(found.get("duplicated", ())) <= scenario.may_double:
        found.pop("duplicated", None)
    problems = [str(Judgement(**found))] if found else []
    if run.may_doubt is not None and result.tally.in_doubt > run.may_doubt:
        problems.append(f"{result.tally.in_doubt} in doubt, at most {run.may_doubt}")
    return problems
