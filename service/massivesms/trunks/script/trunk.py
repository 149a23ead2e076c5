"""The shell-script trunk: one run of the sysadmin's script for each message.

Owns the argv contract: $1 sender, $2 destination, $3 text, $4 "1" for Unicode.
No shell, a clean environment with SMS_* variables, a time limit, and a verdict
from the first line that the script prints.
"""

from __future__ import annotations

import math
import select
import time
from collections import deque
from collections.abc import Sequence

from ... import script_files
from ...domain.outcomes import Accepted, Decision, InDoubt, Outcome, Rejected, TrunkDown
from ...domain.segments import Alphabet
from ..base import (
    Came,
    Event,
    Note,
    Pace,
    Settled,
    StopWanted,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from ..polling import poll_precisely, stood_still
from .answer import Answer, entities, first_line, read_answer
from .process import Run

LEAST_WAIT_S = 0.0005  # between two questions to the pace
LOOK_S = 0.05  # how often a running script's end is looked for
RETRY_S = 10.0  # a script that is missing may be put in place meanwhile
DRY_NUMBER = "0000000000"


class ScriptTrunk:
    """A script that may run several times at once."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._name = settings.values["script"]
        self._waiting: deque[Submission] = deque()
        self._granted = 0  # segments of the first that the pace allowed so far
        self._runs: dict[int, Run] = {}
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None  # it cannot be started any more
        self._is_over_known = False

    @property
    def window(self) -> int:
        """Copies of the script that may run at once (a message each)."""
        return self._settings.number("concurrency")

    @property
    def unwritten(self) -> int:
        """Segments of messages whose run has not begun."""
        return sum(len(one.split.parts) for one in self._waiting)

    def slots(self, segments: int) -> int:
        """A message is one run, however long."""
        return 1

    def open(self, note: Note) -> None:
        """Checks that the script may be run. Raises TrunkUnavailable."""
        refused = script_files.refusal(self._settings.scripts_dir, self._name)
        if refused:
            raise TrunkUnavailable(refused, self._name, wait_s=RETRY_S)
        note("script_ready", self._name)

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Starts a run for each submission, as copies and the pace allow."""
        self._waiting.extend(submissions)
        self._start_due()

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """Outcomes of runs that have ended; raises TrunkUnavailable when none starts.

        What runs then is waited for by close().
        """
        if self._over is not None:
            if self._is_over_known:
                raise self._over
            self._is_over_known = True
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._wait(until_s, wake_fd)
            self._look()
            if not stood_still(until_s):
                self._start_due()
            if self._ready or is_woken or time.monotonic() >= until_s:
                break
        ready, self._ready = self._ready, []
        return ready

    def _look(self) -> None:
        """Takes the answers of runs that have ended."""
        for message_id, run in list(self._runs.items()):
            if run.is_over():
                del self._runs[message_id]
                self._judge(message_id, run)

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """Scripts send no receipts."""

    def check(self, note: Note) -> bool:
        """Runs the script once with SMS_DRY_RUN=1 and a number that is none."""
        text = "massivesms"
        arguments = ["", DRY_NUMBER, text, ""]
        try:
            run = self._run(arguments, {"SMS_DRY_RUN": "1", "SMS_TEXT": text})
        except OSError as error:
            note("script_not_started", error.strerror or str(error))
            return False
        while not run.is_over():
            select.select([] if run.is_at_end else [run], [], [], LOOK_S)
        if run.timed_out or run.signal_number:
            outcome = _without_answer(run)
            note(outcome.code, outcome.reason)
            return False
        if read_answer(run.output) is None:
            note("script_unreadable", first_line(run.output))
            return False
        note("script_said", first_line(run.output))
        return True

    def close(self, drain_s: float) -> list[Event]:
        """Waits for the runs, then ends them: those are in doubt."""
        self._give_back("service_stopped", "")
        until_s = time.monotonic() + drain_s
        while self._runs and time.monotonic() < until_s:
            self._wait(until_s, -1)
            self._look()
        for message_id, run in self._runs.items():
            run.end()
            self._ready.append(Settled(message_id, InDoubt("service_died")))
        self._runs.clear()
        ready, self._ready = self._ready, []
        return ready

    def _start_due(self) -> None:
        """Starts what waits, while a copy is free and the pace grants segments."""
        now_s = time.monotonic()
        while self._waiting and len(self._runs) < self.window:
            submission = self._waiting[0]
            segments = len(submission.split.parts)
            self._granted += self._pace.take(segments - self._granted, now_s)
            if self._granted < segments:
                return
            self._granted = 0
            self._waiting.popleft()
            outcome = self._start(submission)
            if outcome is not None:
                self._ready.append(Settled(submission.message_id, outcome))
            if isinstance(outcome, TrunkDown):
                code, detail = outcome.code, outcome.reason
                self._over = TrunkUnavailable(code, detail, wait_s=RETRY_S)
                self._give_back(code, detail)

    def _give_back(self, code: str, detail: str) -> None:
        """Settles what was not started."""
        for submission in self._waiting:
            down = TrunkDown(code, detail)
            self._ready.append(Settled(submission.message_id, down))
        self._waiting.clear()
        self._granted = 0

    def _start(self, submission: Submission) -> Outcome | None:
        """Starts a run; an outcome at once when that is impossible."""
        refused = script_files.refusal(self._settings.scripts_dir, self._name)
        if refused:
            return TrunkDown(refused, self._name)
        if submission.sender_id.startswith("-") or submission.destination[:1] == "-":
            return Rejected("number_refused", "", Decision.FAIL)
        is_unicode = submission.split.alphabet is Alphabet.UCS2
        text = submission.text
        if is_unicode and self._settings.is_on("legacy_entities"):
            text = entities(text)
        arguments = [
            submission.sender_id,
            submission.destination,
            text,
            "1" if is_unicode else "",
        ]
        try:
            self._runs[submission.message_id] = self._run(
                arguments, _variables(submission)
            )
        except (OSError, ValueError) as error:
            return TrunkDown("script_not_started", str(error))
        return None

    def _run(self, arguments: Sequence[str], variables: dict[str, str]) -> Run:
        return Run(
            self._settings.scripts_dir / self._name,
            arguments,
            variables,
            self._settings.number("timeout_s"),
        )

    def _judge(self, message_id: int, run: Run) -> None:
        if run.timed_out or run.signal_number:
            self._ready.append(Settled(message_id, _without_answer(run)))
            return
        answer = read_answer(run.output)
        if answer is None:
            doubt = InDoubt("script_unreadable", first_line(run.output))
            self._ready.append(Settled(message_id, doubt))
            return
        self._ready.append(Settled(message_id, _outcome(answer)))
        if answer.stop_trunk:
            self._ready.append(StopWanted("script_stopped_trunk", answer.message))

    def _wait(self, until_s: float, wake_fd: int) -> bool:
        """Waits for a run, the pace or wake_fd; True when it was wake_fd."""
        poller = select.poll()
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        for run in self._runs.values():
            if not run.is_at_end:
                poller.register(run, select.POLLIN)
        now_s = time.monotonic()
        due_s = LOOK_S if self._runs else math.inf
        if self._waiting and len(self._runs) < self.window:
            due_s = min(due_s, max(LEAST_WAIT_S, self._pace.wait_s(now_s)))
        found = poll_precisely(poller, min(until_s - now_s, due_s))
        return any(fd == wake_fd for fd, _ in found)


def _outcome(answer: Answer) -> Outcome:
    """What a readable answer means for the message."""
    if answer.code == 0:
        return Accepted((), answer.message)
    if answer.stop_message:
        return Rejected("script_refused", answer.message, Decision.FAIL)
    if answer.stop_trunk:
        return Rejected("script_stopped_trunk", answer.message, Decision.STOP_TRUNK)
    return Rejected("script_failed", answer.message, Decision.RETRY)


def _without_answer(run: Run) -> InDoubt:
    if run.timed_out:
        return InDoubt("script_timeout")
    return InDoubt("script_killed", str(run.signal_number))


def _variables(submission: Submission) -> dict[str, str]:
    return {
        "SMS_MESSAGE_ID": str(submission.message_id),
        "SMS_CAMPAIGN": str(submission.campaign_id),
        "SMS_SENDER": submission.sender_id,
        "SMS_NUMBER": submission.destination,
        "SMS_TEXT": submission.text,
        "SMS_SEGMENTS": str(len(submission.split.parts)),
    }
