"""The message centre behind all links: binds, submissions, receipts, faults.

Joins the rooms of the simulator and holds what they share. Runs wholly in the
loop's thread; server.py is the door for every other thread.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time

from tests.fakes.smsc.answers import Answers
from tests.fakes.smsc.behaviour import Behaviour
from tests.fakes.smsc.deliveries import Deliveries, Delivery
from tests.fakes.smsc.incoming import bodies_of, reply_of
from tests.fakes.smsc.link import BIND_COMMANDS, Link
from tests.fakes.smsc.pdu import (
    HEADER,
    HEADER_OCTETS,
    RESPONSE,
    Command,
    PduError,
    Status,
    Tag,
    decode_bind,
    pack,
    pack_tlvs,
    submit_sm_fault,
)
from tests.fakes.smsc.receipts import encode_receipt, is_asked_for, receipt_for
from tests.fakes.smsc.record import Bind, ClientPdu, ReceiveLog, Submission
from tests.fakes.smsc.verdicts import Verdicts

SUBMIT_SM_RESP = int(Command.SUBMIT_SM_RESP)
_BOUND_BODY = b"SMSC\0" + pack_tlvs({Tag.SC_INTERFACE_VERSION: b"\x34"})


class Centre:
    """One SMSC: its links, its Behaviour and its memory."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, log: ReceiveLog, behaviour: Behaviour
    ) -> None:
        self.loop = loop
        self.log = log
        self.links: list[Link] = []
        self.deliveries = Deliveries(loop, self.links)
        self._id_numbers = itertools.count(1)
        self._replied: set[str] = set()
        self._adopt(behaviour)

    def behave(self, behaviour: Behaviour) -> None:
        """Replace the Behaviour; counters and faults begin anew on every link."""
        self._answers.release_held()
        self._adopt(behaviour)
        for link in self.links:
            link.behave()
            self._silence_if_due(link)
        self.deliveries.pump_all()

    def _adopt(self, behaviour: Behaviour) -> None:
        rng = random.Random(behaviour.seed)
        self.behaviour = behaviour
        self._takes_all_at_once = behaviour.takes_all_at_once
        self._faults_left = behaviour.fault_times
        self._verdicts = Verdicts(behaviour, rng)
        self._answers = Answers(behaviour, rng, self.loop, self.log, self._settled)
        self.deliveries.window_pdus = behaviour.deliver_window
        self.deliveries.redeliver_s = behaviour.redeliver_s

    def link_made(self, link: Link) -> None:
        """A client connected."""
        self.links.append(link)
        self.log.announce()

    def link_lost(self, link: Link) -> None:
        """A link ended; what it had not acknowledged is kept."""
        if link in self.links:
            self.links.remove(link)
        self.deliveries.link_lost(link)
        self.log.announce()

    # Binds

    def take_bind(self, link: Link, pdu: ClientPdu) -> None:
        """Judge a bind and answer it, unless told not to."""
        try:
            body = decode_bind(pdu.body)
        except PduError as malformed:
            self.log.refused.append(pdu)
            link.send(pack(pdu.command | RESPONSE, malformed.status, pdu.sequence))
            return
        bind = Bind(
            BIND_COMMANDS[pdu.command],
            body.system_id,
            body.password,
            body.system_type,
            body.interface_version,
        )
        self.log.binds.append(bind)
        if link.is_silent or not self.behaviour.answer_binds:
            return
        bind.status = self._bind_status(link, bind)
        answer = b"" if bind.status else _BOUND_BODY
        link.send(pack(pdu.command | RESPONSE, bind.status, pdu.sequence, answer))
        if bind.status == Status.OK:
            self._bound(link, bind)

    def _bind_status(self, link: Link, bind: Bind) -> int:
        if link.bound_as:
            return Status.ALYBND
        if self.behaviour.refuse_bind:
            return self.behaviour.refuse_bind
        if self.behaviour.system_id not in (None, bind.system_id):
            return Status.INVSYSID
        if self.behaviour.password not in (None, bind.password):
            return Status.INVPASWD
        return Status.OK

    def _bound(self, link: Link, bind: Bind) -> None:
        link.bound_as, link.system_id = bind.command, bind.system_id
        link.behave()
        self._silence_if_due(link)
        self.deliveries.pump_all()

    # Submissions

    def take_submission(self, link: Link, sequence: int, body: bytes) -> None:
        """Log one submit_sm and start its answer on the way."""
        fault = submit_sm_fault(body)
        if fault or link.bound_as in ("", "receiver"):
            self._refuse(link, sequence, body, fault or Status.INVBNDSTS)
            return
        number = next(self._id_numbers)
        submission = Submission(time.monotonic(), link.system_id, body, number)
        if link.is_unbinding:
            self._take_too_late(link, sequence, submission)
            return
        if not self._takes_all_at_once:
            self._take_by_behaviour(link, sequence, submission)
            return
        submission.status = 0
        submission.message_id = message_id = f"{number:x}"
        self.log.add(submission)
        tail = message_id.encode("ascii") + b"\0"
        length = HEADER_OCTETS + len(tail)
        link.send(HEADER.pack(length, SUBMIT_SM_RESP, 0, sequence) + tail)

    def _refuse(self, link: Link, sequence: int, body: bytes, status: int) -> None:
        """The client broke the protocol: no submission, but on record."""
        self.log.refused.append(ClientPdu(Command.SUBMIT_SM, 0, sequence, body))
        link.send(pack(SUBMIT_SM_RESP, status, sequence))

    def _take_too_late(self, link: Link, sequence: int, submission: Submission) -> None:
        """Under way while we asked to unbind: not taken, and no fault of theirs."""
        submission.verdict = submission.status = Status.INVBNDSTS
        self.log.add(submission)
        link.send(pack(SUBMIT_SM_RESP, Status.INVBNDSTS, sequence))

    def _take_by_behaviour(
        self, link: Link, sequence: int, submission: Submission
    ) -> None:
        behaviour = self.behaviour
        verdict = self._verdicts.judge(submission)
        submission.verdict = verdict.status
        self.log.add(submission)
        link.submissions += 1
        hangs_up = (
            behaviour.hang_up is not None
            and link.submissions == behaviour.hang_up_after
            and self._has_fault_left()
        )
        if behaviour.receipts and behaviour.receipts.before_answer:
            self._post_receipts(submission)
        if link.is_silent or (hangs_up and behaviour.hang_up_before_answer):
            self._answers.withhold(submission)
        else:
            self._answers.give(link, sequence, submission, verdict)
        if hangs_up and behaviour.hang_up is not None:
            self.log.announce()
            link.hang_up(behaviour.hang_up)
        self._silence_if_due(link)

    def _silence_if_due(self, link: Link) -> None:
        if (
            link.bound_as
            and link.submissions == self.behaviour.silent_after
            and self._has_fault_left()
        ):
            link.is_silent = True

    def _has_fault_left(self) -> bool:
        """Counts down Behaviour.fault_times; asked only where a fault is due."""
        if self._faults_left is None:
            return True
        self._faults_left -= 1
        return self._faults_left >= 0

    # Deliveries

    def take_delivered(self, link: Link, pdu: ClientPdu) -> None:
        """A deliver_sm_resp."""
        self.log.delivered_answers.append(pdu)
        self.deliveries.answered(link, pdu.sequence, pdu.status)

    def _settled(self, submission: Submission) -> None:
        """The answer was given or never will be: the receipt's time begins."""
        self._let_reply(submission)
        receipts = self.behaviour.receipts
        if receipts is None or receipts.before_answer:
            return
        if receipts.delay_s > 0:
            self.loop.call_later(receipts.delay_s, self._post_receipts, submission)
        else:
            self._post_receipts(submission)

    def _let_reply(self, submission: Submission) -> None:
        """The person who got a message may answer it, once."""
        number = submission.number
        text = reply_of(number, self.behaviour.replies)
        if text is None or not submission.accepted or number in self._replied:
            return
        self._replied.add(number)
        reference = len(self._replied) % 256
        for body in bodies_of(number, submission.sender, text, reference):
            delivery = Delivery(submission.system_id, body)
            self.loop.call_later(
                self.behaviour.reply_delay_s, self.deliveries.post, delivery
            )

    def _post_receipts(self, submission: Submission) -> None:
        style = self.behaviour.receipts
        if style is None or not submission.accepted:
            return
        receipt = receipt_for(submission, style, self.behaviour.message_id_form)
        if not style.unasked and not is_asked_for(submission, receipt.state):
            return
        body = encode_receipt(receipt, style)
        for _ in range(style.copies):
            self.deliveries.post(Delivery(submission.system_id, body))
        self.log.announce()
