"""One lane for each modem: the message that it has, until its fate is known. Pure.

A driver only queues what it is given. So a modem gets one message at a time, and the
next one when the first was sent: when an event said so, or when the driver's queue of
this modem was empty twice and no event had told of an error before. That says nothing
as long as no event was heard at all: perhaps this user is told of none.

A modem whose driver may have a message still is stuck: it gets no other one until that
queue is empty, or all that is piled up there might be sent much later.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...domain.asterisk_reasons import Treatment, refusal_of
from ...domain.inert_text import inert
from ...domain.outcomes import Accepted, Decision, InDoubt, Outcome, Rejected, TrunkDown
from ..base import Submission, TrunkUnavailable
from .devices import Device
from .messages import Report, sms_id
from .packets import Packet

FIRST_LOOK_S = 0.5
LOOK_S = 1.0
AGAIN_S = 0.02  # the second look at an empty queue
REST_S = 30.0  # of a modem that could not send
STUCK_S = 10.0  # of a modem, until it counts as one that cannot send
STUCK_WAIT_S = 60.0  # until the trunk looks again whether its modems are stuck
STICKING = {"asterisk_unconfirmed", "asterisk_no_answer"}  # its driver may have it
MOST_SHOWN = 160
SENT, NOT_SENT = "Sent", "NotSent"  # of ...SMSStatus
DECISIONS: Mapping[Treatment, Decision] = {
    Treatment.GIVE_UP: Decision.FAIL,
    Treatment.ONCE_MORE: Decision.NEXT_ONCE,
    Treatment.QUEUE: Decision.RETRY,
    Treatment.STOP: Decision.STOP_TRUNK,
}


@dataclass(slots=True)
class Lane:
    """A modem (or, without a name, SIP) and its message."""

    device: str
    submission: Submission | None = None
    key: int = 0  # of the action that gives it away
    is_taken: bool = False  # the driver has queued it
    rests_until_s: float = -math.inf
    look_s: float = math.inf
    due_s: float = math.inf
    stuck_s: float = math.inf  # since when it is
    _old_id: str = ""  # by which drivers before 2020 tell what became of it
    _told: dict[str, str] = field(default_factory=dict)
    _quiet: int = 0  # looks in a row that found the queue empty

    def is_free(self, now_s: float) -> bool:
        """Whether it can be given a message."""
        is_empty = self.submission is None and not self.is_stuck
        return is_empty and now_s >= self.rests_until_s

    @property
    def is_stuck(self) -> bool:
        """Whether its driver may have a message that has an outcome already."""
        return self.stuck_s < math.inf

    def is_away(self, now_s: float) -> bool:
        """Whether it cannot send, for more than a moment."""
        return now_s < self.rests_until_s or now_s >= self.stuck_s + STUCK_S

    def stick(self, now_s: float) -> None:
        """Its driver may have something still: its queue is looked at until then."""
        self.stuck_s, self.look_s, self._quiet = now_s, now_s + FIRST_LOOK_S, 0

    def put_in_doubt(self, code: str, now_s: float) -> None:
        """Its last message is in doubt, for this reason."""
        if self.device and code in STICKING:
            self.stick(now_s)

    def begin(self, submission: Submission, key: int) -> None:
        """The action is on its way."""
        self.submission, self.key, self.is_taken = submission, key, False
        self.look_s = self.due_s = math.inf
        self._old_id, self._quiet = "", 0
        self._told.clear()

    def end(self) -> Submission:
        """Its message has an outcome, or goes back."""
        assert self.submission is not None
        submission, self.submission = self.submission, None
        self.key, self.is_taken = 0, False
        self.look_s = self.due_s = math.inf
        return submission

    def take(self, response: Packet, now_s: float, timeout_s: float) -> Outcome | None:
        """The driver has queued the message."""
        self.is_taken = True
        self.look_s, self.due_s = now_s + FIRST_LOOK_S, now_s + timeout_s
        self._old_id = response.get("ID")
        return self._by_status(self._told.get(self._old_id, ""))

    def hear_status(self, packet: Packet) -> Outcome | None:
        """An event ...SMSStatus of this modem."""
        status = packet.get("Status")
        if not self.is_taken:
            self._told[packet.get("ID")] = status
            return None
        return self._by_status(status if packet.get("ID") == self._old_id else "")

    def has(self, message_id: int) -> bool:
        """Whether this is its message."""
        return self.submission is not None and self.submission.message_id == message_id

    def hear_report(self, report: Report) -> Outcome | None:
        """A report of its message."""
        if report.says_failed:
            return modem_refused(self.device)
        return self.sent() if report.says_sent else None

    def look(
        self, device: Device | None, now_s: float, hears_events: bool
    ) -> Outcome | None:
        """How the modem's driver lists it; None: it does not."""
        if self.is_stuck:
            self._look_whether_stuck(device, now_s)
            return None
        if device is None or device.has_forgotten:
            trouble = device.trouble if device else self.device
            return InDoubt("asterisk_device_lost", trouble)
        # A driver that tells no number is as good as one that is done: it has it.
        self._quiet = 0 if device.tasks else self._quiet + 1
        if self._quiet > 1 and hears_events:
            return self.sent()
        self.look_s = now_s + (AGAIN_S if self._quiet == 1 else LOOK_S)
        return None

    def _look_whether_stuck(self, device: Device | None, now_s: float) -> None:
        has_tasks = bool(device and not device.has_forgotten and device.tasks)
        self._quiet = 0 if has_tasks else self._quiet + 1
        self.look_s = now_s + (AGAIN_S if self._quiet == 1 else LOOK_S)
        if self._quiet > 1:
            self.stuck_s = self.look_s = math.inf

    def late(self, now_s: float) -> Outcome | None:
        """Its time is over and nothing was heard."""
        if now_s < self.due_s:
            return None
        code = "asterisk_no_events" if self._quiet > 1 else "asterisk_unconfirmed"
        return InDoubt(code, self.device)

    def sent(self) -> Accepted:
        """The modem gave it to the network."""
        assert self.submission is not None
        return Accepted((sms_id(self.submission.message_id),))

    def _by_status(self, status: str) -> Outcome | None:
        if status == SENT:
            return self.sent()
        return modem_refused(self.device) if status == NOT_SENT else None


def modem_refused(device: str) -> InDoubt:
    """The modem reported an error after it had the text; which one nobody tells."""
    return InDoubt("asterisk_modem_refused", device)


def refused(said: str, action: str, segments: int) -> Rejected | InDoubt | None:
    """An error in answer to the action; None: only this modem cannot send.

    A driver queues the parts of a long text one by one: when its queue takes no more,
    some of them may be in it.
    """
    row = refusal_of(said)
    if row.treatment is Treatment.DEVICE:
        return None
    if row.treatment is Treatment.QUEUE and segments > 1:
        return InDoubt(row.code, shown(said))
    detail = action if row.treatment is Treatment.STOP else shown(said)
    return Rejected(row.code, detail, DECISIONS[row.treatment])


def stuck(lanes: Sequence[Lane], now_s: float) -> TrunkUnavailable | None:
    """Why the trunk is over, when no modem can send and some are stuck."""
    names = [lane.device for lane in lanes if lane.is_stuck]
    if not names or not all(lane.is_away(now_s) for lane in lanes):
        return None
    return TrunkUnavailable("no_answers", ", ".join(names), wait_s=STUCK_WAIT_S)


def unanswered(has_left: bool, is_closing: bool) -> Outcome:
    """No answer to the action came."""
    if not has_left:
        return TrunkDown("service_stopped" if is_closing else "asterisk_not_reached")
    return InDoubt("service_died" if is_closing else "asterisk_no_answer")


def shown(said: str) -> str:
    """Asterisk's words for people."""
    return inert(" ".join(said.split()))[:MOST_SHOWN]
