"""The shell-script trunk: one run of the sysadmin's script for each message.

Owns the argv contract: $1 sender, $2 destination, $3 text, $4 "1" for Unicode.
No shell, a clean environment with SMS_* variables, a time limit, and a verdict
from the first line that the script prints.
"""

from __future__ import annotations

import select
import time
from collections.abc import Sequence

from ... import script_files
from ...domain.outcomes import Accepted, Decision, InDoubt, Outcome, Rejected, TrunkDown
from ...domain.segments import Alphabet
from ..base import (
    Event,
    Note,
    Pace,
    ReceiptCame,
    Settled,
    StopWanted,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from .answer import Answer, entities, first_line, read_answer
from .process import Run

LOOK_S = 0.05  # how often a running script's end is looked for
RETRY_S = 10.0  # a script that is missing may be put in place meanwhile
DRY_NUMBER = "0000000000"


class ScriptTrunk:
    """A script that may run several times at once."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        self._settings = settings
        self._pace = pace
        self._name = settings.values["script"]
        self._runs: dict[int, Run] = {}
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None  # it cannot be started any more
        self._is_over_known = False

    @property
    def window(self) -> int:
        """Copies of the script that may run at once (a message each)."""
        return self._settings.number("concurrency")

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
        """Starts a run for each submission."""
        for submission in submissions:
            outcome = self._start(submission)
            if outcome is not None:
                self._ready.append(Settled(submission.message_id, outcome))
            if isinstance(outcome, TrunkDown):
                code, detail = outcome.code, outcome.reason
                self._over = TrunkUnavailable(code, detail, wait_s=RETRY_S)

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """Outcomes of runs that have ended; raises TrunkUnavailable when none starts.

        What runs then is waited for by close().
        """
        if self._over is not None:
            if self._is_over_known:
                raise self._over
            self._is_over_known = True
        if not self._ready:
            self._wait(timeout_s, wake_fd)
        for message_id, run in list(self._runs.items()):
            if run.is_over():
                del self._runs[message_id]
                self._judge(message_id, run)
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, receipt: ReceiptCame, stored: bool) -> None:
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
        until_s = time.monotonic() + drain_s
        events: list[Event] = []
        while self._runs and time.monotonic() < until_s:
            events += self.poll(LOOK_S, -1)
        for message_id, run in self._runs.items():
            run.end()
            events.append(Settled(message_id, InDoubt("service_died")))
        self._runs.clear()
        events += self._ready
        self._ready = []
        return events

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

    def _wait(self, timeout_s: float, wake_fd: int) -> None:
        poller = select.poll()
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        for run in self._runs.values():
            if not run.is_at_end:
                poller.register(run, select.POLLIN)
        poller.poll((min(timeout_s, LOOK_S) if self._runs else timeout_s) * 1000)


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
