"""Trunks for the tests: their settings with defaults, submissions, waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from massivesms.domain.outcomes import Outcome
from massivesms.domain.segments import split
from massivesms.domain.trunk_kinds import KINDS
from massivesms.trunks.base import (
    Came,
    Event,
    InboundCame,
    Pace,
    ReceiptCame,
    Settled,
    Submission,
    TrunkSession,
    TrunkSettings,
    Unpaced,
)
from massivesms.trunks.modem import streak
from massivesms.trunks.registry import session_for


def settings(kind: str, scripts_dir: Path = Path(), **values: str) -> TrunkSettings:
    """Complete settings of a trunk of one kind."""
    complete = {s.key: s.default for s in KINDS[kind].settings} | values
    return TrunkSettings(7, "one", kind, complete, scripts_dir)


def submission(
    message_id: int, text: str = "Hola", *, number: str = "34600111222",
    sender: str = "Empresa", taken: dict[int, str] | None = None,
) -> Submission:  # fmt: skip
    return Submission(
        message_id, 3, number, True, sender, text, split(text), taken or {}
    )


@dataclass
class Driver:
    """Polls a session and keeps what it told."""

    session: TrunkSession
    steps: list[tuple[str, str]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answers_receipts: bool = True

    @classmethod
    def paced(cls, trunk: TrunkSettings, pace: Pace) -> Driver:
        """A driver with a speed limit; close it yourself."""
        return cls(session_for(trunk, pace))

    def note(self, code: str, detail: str) -> None:
        self.steps.append((code, detail))

    def open(self) -> None:
        self.session.open(self.note)

    def send(self, *submissions: Submission) -> None:
        self.session.submit(submissions)

    @property
    def outcomes(self) -> dict[int, Outcome]:
        """The last word on each message."""
        return {e.message_id: e.outcome for e in self.events if isinstance(e, Settled)}

    @property
    def receipts(self) -> list[ReceiptCame]:
        return [e for e in self.events if isinstance(e, ReceiptCame)]

    @property
    def incoming(self) -> list[InboundCame]:
        return [e for e in self.events if isinstance(e, InboundCame)]

    def poll(self) -> list[Event]:
        events = self.session.poll(0.2, -1)
        self.events += events
        for event in events:
            if isinstance(event, Came) and self.answers_receipts:
                self.session.acknowledge(event, True)
        return events

    def until(self, fact: Callable[[], object], timeout_s: float = 10) -> None:
        until_s = time.monotonic() + timeout_s
        while not fact():
            assert time.monotonic() < until_s, self.events
            self.poll()

    def close(self, drain_s: float = 1.0) -> list[Event]:
        events = self.session.close(drain_s)
        self.events += events
        return events


@pytest.fixture
def drive() -> Iterator[Callable[[TrunkSettings], Driver]]:
    """Makes drivers of sessions, closed at the end."""
    made: list[Driver] = []

    def make(trunk: TrunkSettings) -> Driver:
        made.append(Driver(session_for(trunk, Unpaced())))
        return made[-1]

    yield make
    for driver in made:
        driver.session.close(0.0)


@pytest.fixture(autouse=True)
def forget() -> None:
    """What a modem of an earlier test did wrong: all have the same id here."""
    streak._of_trunk.clear()


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "scripts"
    folder.mkdir()
    return folder
