"""What we do of ourselves when somebody writes: opt-outs, coming back, answers.

In the transaction that stores the incoming message. A fault in here is written in the
log and undone by itself: the message of the person is stored all the same.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from ..domain import keywords
from ..domain.answer_rules import AnswerRule, Kind, Understood, understand
from ..domain.campaigns import OUTPUT_QUEUE_ID
from ..domain.numbers import Number, from_operator, masked, read_number
from ..domain.segments import split
from ..domain.sender_ids import check_sender_id
from ..domain.settings import Settings
from ..domain.singles import BY_ITSELF
from ..errors import StoreError
from ..store import (
    answer_rules,
    answered,
    blocked_numbers,
    erased,
    messages,
    opt_outs,
    trunks,
)
from ..store import (
    inbound as inbound_store,
)
from ..store.db import Row, Transaction
from ..store.messages import NewMessage

log = logging.getLogger(__name__)

#: What a fault of ours may be; what the database refuses comes as StoreError.
FAULTS = (
    *(StoreError, ArithmeticError, AttributeError, LookupError),
    *(TypeError, ValueError),
)


def react(tx: Transaction, inbound: Row, settings: Settings, now: datetime) -> Kind:
    """Does what an incoming message asks for or is answered with; what that was.

    `inbound` is its whole row; `now` is in UTC.
    """
    if not inbound["number"]:
        return Kind.NOTHING  # a name or a short code: nobody to leave out or to answer
    if inbound["incomplete"] or inbound["unreadable"]:
        return Kind.NOTHING  # what was meant is not known: a person has to read it
    try:
        with tx.part():
            return _Reaction(tx, inbound, settings, now).carry_out()
    except FAULTS:
        log.exception("incoming message %d was not answered", inbound["id"])
        return Kind.NOTHING


@dataclass(slots=True)
class _Reaction:
    """One incoming message with what it is judged by."""

    tx: Transaction
    inbound: Row
    settings: Settings
    now: datetime

    @property
    def number(self) -> str:
        found: str = self.inbound["number"]
        return found

    @property
    def day(self) -> date:
        return self.now.astimezone(self.settings.time_zone).date()

    def carry_out(self) -> Kind:
        """Understands the text and acts."""
        answers = self.settings.answers
        rules = answer_rules.every(self.tx) if answers.automatic else []
        found = self._understand(rules, None)
        if found.kind is Kind.OPT_IN and not self._is_out():
            found = self._understand(rules, False)
        if found.kind is Kind.NOTHING or erased.among(self.tx, [self.number]):
            return Kind.NOTHING
        done = self._act(found, rules)
        if done:
            inbound_store.mark(self.tx, self.inbound["id"], str(found.kind))
        return found.kind if done else Kind.NOTHING

    def _understand(
        self, rules: Sequence[AnswerRule], is_out: bool | None
    ) -> Understood:
        local = self.now.astimezone(self.settings.time_zone)
        text = self.inbound["text"]
        return understand(text, self.settings.answers, rules, local, is_out=is_out)

    def _is_out(self) -> bool:
        block = blocked_numbers.find(self.tx, self.number)
        return block is not None and block["opted_out_at"] is not None

    def _act(self, found: Understood, rules: Sequence[AnswerRule]) -> bool:
        """Whether something was done."""
        if self._is_ours():
            return False
        if found.kind is Kind.OPT_OUT:
            return self._leave_out(found)
        if found.kind is Kind.OPT_IN:
            return self._let_in(found)
        return self._answer(found, rules)

    # --- opt-outs ----------------------------------------------------------

    def _leave_out(self, found: Understood) -> bool:
        left = opt_outs.leave(
            self.tx, self.number, self.inbound["id"], found.keyword, self.now
        )
        if left.is_only:
            again = timedelta(days=self.settings.answers.opt_out_again_days)
            self._confirm(found, None if left.is_new else again)
        return True

    def _let_in(self, found: Understood) -> bool:
        came = opt_outs.come_back(
            self.tx, self.number, self.inbound["id"], found.keyword
        )
        if came.was_out and came.is_free:
            self._confirm(found, None)
        return came.was_out

    def _confirm(self, found: Understood, gap: timedelta | None) -> None:
        """Confirms a wish: a new one, or one that was confirmed `gap` ago."""
        answers = self.settings.answers
        if not (found.answer and answers.automatic and self._can_be_answered()):
            return
        before = answered.of_number(self.tx, self.number, self.day, self.now)
        last = before.get(str(found.kind), answered.Answered()).last_at
        is_soon = gap is not None and last is not None and self.now - last < gap
        today = before.get(answered.CONFIRMATIONS, answered.Answered()).today
        if is_soon or today >= answers.per_day:
            return
        is_out = found.kind is Kind.OPT_OUT
        self._write(found, messages.CONFIRMATION if is_out else messages.ANSWER)
        self._note(str(found.kind), answered.CONFIRMATIONS)

    # --- answers -----------------------------------------------------------

    def _answer(self, found: Understood, rules: Sequence[AnswerRule]) -> bool:
        why = self._why_silent(found, rules)
        if why:
            log.info("%s gets no answer: %s", masked(self.number), why)
            return False
        kind = f"{found.kind}:{found.rule_id}" if found.rule_id else str(found.kind)
        self._write(found, messages.ANSWER)
        self._note(kind, answered.ALL)
        return True

    def _why_silent(self, found: Understood, rules: Sequence[AnswerRule]) -> str:
        """Why nothing is answered, for the log; '' when something is."""
        if not self.settings.sending:
            return "all sending is stopped"
        if not self._can_be_answered():
            return "too few digits"
        if self._is_echo(rules):
            return "it is one of our own texts"
        if blocked_numbers.find(self.tx, self.number):
            return "it is blocked"
        if answered.writes_like_a_robot(self.tx, self.number):
            return "it writes like a machine"
        return self._why_too_often(found)

    def _why_too_often(self, found: Understood) -> str:
        answers, none = self.settings.answers, answered.Answered()
        before = answered.of_number(self.tx, self.number, self.day, self.now)
        if before.get(answered.ALL, none).today >= answers.per_day:
            return "it had all answers of today"
        kind = f"{found.kind}:{found.rule_id}" if found.rule_id else str(found.kind)
        last = before.get(kind, none).last_at
        gap = timedelta(minutes=answers.gap_minutes)
        if last is not None and self.now - last < gap:
            return "it had the same answer a moment ago"
        return ""

    # --- whom, and with what -------------------------------------------------

    def _can_be_answered(self) -> bool:
        return len(self.number) - 1 >= self.settings.answers.least_digits

    def _is_ours(self) -> bool:
        """Whether it came from a number from which we send."""
        plan = self.settings.number_plan
        ours = {self.inbound["recipient"], *trunks.senders(self.tx)} - {""}
        return self.number in {from_operator(one, plan) for one in ours}

    def _is_echo(self, rules: Sequence[AnswerRule]) -> bool:
        answers = self.settings.answers
        own = [answers.opt_out_text, answers.opt_in_text, answers.out_of_hours_text]
        said = keywords.fold(self.inbound["text"])
        every = (*own, *(rule.text for rule in rules))
        return any(text and keywords.fold(text) == said for text in every)

    def _write(self, found: Understood, answer: int) -> None:
        """Puts the answer in the output queue: back by the way that it came."""
        number = self._number_as_it_came()
        trunk = trunks.by_id(self.tx, self.inbound["trunk_id"])
        is_usable = trunk is not None and bool(trunk["active"])
        recipient = self.inbound["recipient"]
        may_be_sender = is_usable and check_sender_id(recipient) is None
        text = found.answer
        message_id = messages.enqueue_single(
            self.tx,
            NewMessage(number.e164, number.is_local, len(split(text).parts), text),
            campaign_id=OUTPUT_QUEUE_ID,
            trunk_id=self.inbound["trunk_id"] if is_usable else None,
            sender_id=recipient if may_be_sender else None,
            express=True,
            created_by=BY_ITSELF,
            answer=answer,
        )
        self.tx.after_commit.append(
            lambda: log.info(
                "incoming message %d (%s) is answered by message %d",
                *(self.inbound["id"], found.kind, message_id),
            )
        )

    def _number_as_it_came(self) -> Number:
        """With or without its country code, as the operator of its trunk writes it."""
        read = read_number(self.inbound["sender"], self.settings.number_plan)
        if isinstance(read, Number) and read.e164 == self.number:
            return read
        return Number(self.number, False)

    def _note(self, kind: str, group: str) -> None:
        answered.note(self.tx, self.number, kind, group, self.day, self.now)
