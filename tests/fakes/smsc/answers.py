"""How answers to submit_sm leave: at once, late, doubled, shuffled or never.

Owns the answers between the verdict and the link. Decides nothing about the
message itself, and writes no bytes: that is the link's.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.fakes.smsc.behaviour import Behaviour
from tests.fakes.smsc.pdu import Command, Status, pack, pack_tlvs
from tests.fakes.smsc.record import ReceiveLog, Submission
from tests.fakes.smsc.verdicts import Verdict, is_drawn, written_id

if TYPE_CHECKING:
    from tests.fakes.smsc.link import Link


@dataclass(slots=True)
class Answer:
    """One answer on its way: to whom, about what."""

    link: Link
    sequence: int
    submission: Submission
    verdict: Verdict
    delay_s: float
    copies: int


class Answers:
    """The answers given under one Behaviour.

    `settled` is called once per submission, when its answer was given, dropped
    or found its link gone; receipts count their delay from there.
    """

    def __init__(
        self,
        behaviour: Behaviour,
        rng: random.Random,
        loop: asyncio.AbstractEventLoop,
        log: ReceiveLog,
        settled: Callable[[Submission], None],
    ) -> None:
        self._behaviour = behaviour
        self._rng = rng
        self._loop = loop
        self._log = log
        self._settled = settled
        self._held: list[Answer] = []
        self._held_timer: asyncio.TimerHandle | None = None

    def give(
        self, link: Link, sequence: int, submission: Submission, verdict: Verdict
    ) -> None:
        """Start one answer on its way."""
        if is_drawn(self._behaviour.drop_answer_share, self._rng):
            self.withhold(submission)
            return
        delay_s, longest_s = self._behaviour.answer_delay_range_s
        if longest_s > delay_s:
            delay_s = self._rng.uniform(delay_s, longest_s)
        if is_drawn(self._behaviour.late_answer_share, self._rng):
            delay_s = self._behaviour.late_answer_s
        copies = 2 if is_drawn(self._behaviour.double_answer_share, self._rng) else 1
        answer = Answer(link, sequence, submission, verdict, delay_s, copies)
        if self._behaviour.shuffle_answers:
            self._hold(answer)
        else:
            self._release(answer)

    def withhold(self, submission: Submission) -> None:
        """The SMSC took its decision and tells nobody."""
        self._settled(submission)

    def release_held(self) -> None:
        """Give what is held, in random order."""
        if self._held_timer:
            self._held_timer.cancel()
            self._held_timer = None
        held, self._held = self._held, []
        self._rng.shuffle(held)
        for answer in held:
            self._release(answer)

    def _hold(self, answer: Answer) -> None:
        self._held.append(answer)
        if len(self._held) >= self._behaviour.shuffle_answers:
            self.release_held()
        elif self._held_timer is None:
            self._held_timer = self._loop.call_later(
                self._behaviour.shuffle_wait_s, self.release_held
            )

    def _release(self, answer: Answer) -> None:
        if answer.delay_s > 0:
            self._loop.call_later(answer.delay_s, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        link, submission = answer.link, answer.submission
        if link.can_send:
            message_id = None
            if submission.accepted:
                form = self._behaviour.message_id_form
                message_id = written_id(submission.id_number, form)
            self._log.answered(submission, answer.verdict.status, message_id)
            self._log.announce()
            link.send(self._packed(answer, message_id) * answer.copies)
        self._settled(submission)

    def _packed(self, answer: Answer, message_id: str | None) -> bytes:
        """The PDU. An error has no body (§4.4.2) unless error_body is on."""
        status, sequence = answer.verdict.status, answer.sequence
        if answer.verdict.nacked:
            return pack(Command.GENERIC_NACK, status, sequence)
        if status != Status.OK or message_id is None:
            body = b"\0" if self._behaviour.error_body else b""
            return pack(Command.SUBMIT_SM_RESP, status, sequence, body)
        body = message_id.encode("ascii")
        if self._behaviour.message_id_nul:
            body += b"\0"
        body += pack_tlvs(self._behaviour.answer_tlvs)
        return pack(Command.SUBMIT_SM_RESP, status, sequence, body)
