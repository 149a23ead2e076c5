"""The Asterisk trunk: messages through the modems or the SIP of a PBX, by AMI.

Gives each modem one message at a time and settles it by what Asterisk tells of it.
What reports and messages that come mean is in messages, what errors mean in lanes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence

from ...domain.asterisk_kind import read_devices
from ...domain.outcomes import (
    Accepted,
    Decision,
    InDoubt,
    Outcome,
    Rejected,
    TrunkDown,
)
from ..base import (
    Came,
    Event,
    Note,
    Pace,
    Settled,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from ..polling import stood_still
from . import devices, lanes, messages, opening
from .events import Answered, Happened, Over, SessionEvent, Unanswered
from .hearing import Hearing
from .lanes import Lane
from .link import RETRY_S, Link
from .messages import Lines, Report
from .packets import Unwritable

LEAST_WAIT_S = 0.0005  # between two questions to the pace
DOUBTS_KEPT = 1000  # messages that a late report may still settle
REFUSED_IN_A_ROW = 5  # by the modems: the fault is none of the messages'


class AsteriskTrunk:
    """One sign-in at Asterisk's manager interface."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        values = settings.values
        self._settings = settings
        self._driver = values["driver"]
        names = ("",) if self._is_sip else read_devices(values["devices"])
        if not names:
            raise ValueError(f"devices: {values['devices']}")
        self._lanes = [Lane(name) for name in names]
        self._hearing = Hearing(self._driver, names, settings.trunk_id)
        self._pace = pace
        self._link: Link | None = None
        self._waiting: deque[Submission] = deque()
        self._granted = 0  # segments of the first that the pace allowed so far
        self._turn = 0  # of the lanes
        self._list_key = 0  # the question for the modems' state under way
        self._refused = 0  # in a row, by the modems
        self._hears_events = False  # of the class call, that of the drivers
        self._doubts: deque[int] = deque(maxlen=DOUBTS_KEPT)
        self._ready: list[Event] = []
        self._over: TrunkUnavailable | None = None
        self._is_closing = False
        self._is_usable = False

    @property
    def _is_sip(self) -> bool:
        return self._driver == "sip"

    @property
    def window(self) -> int:
        """A message for each modem."""
        return len(self._lanes)

    @property
    def unwritten(self) -> int:
        """Segments of messages that no modem was given."""
        return sum(len(one.split.parts) for one in self._waiting)

    def slots(self, segments: int) -> int:
        """A message is one, however long: the driver divides it."""
        return 1

    def open(self, note: Note) -> None:
        """Connects, signs in and looks at the modems. Raises TrunkUnavailable."""
        door = opening.Opening(self._settings, note)
        self._link, found = door.run()
        now_s = time.monotonic()
        for lane in self._lanes:
            if lane.device and not found[lane.device].is_ready:
                lane.rests_until_s = now_s + lanes.REST_S
            elif lane.device and found[lane.device].tasks:
                lane.stick(now_s)
        self._is_usable = True
        for event in door.heard:
            self._take(event)

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Gives them to the modems, as these and the pace allow."""
        self._waiting.extend(submissions)
        self._go_on()

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """What happened; raises TrunkUnavailable when it is over."""
        if self._over is not None and not self._ready and not self._busy:
            raise self._over
        until_s = time.monotonic() + timeout_s
        while True:
            is_woken = not self._ready and self._pump(until_s, wake_fd)
            if not stood_still(until_s):
                self._go_on()
            is_late = time.monotonic() >= until_s
            if self._ready or is_woken or is_late or (self._over and not self._busy):
                break
        ready, self._ready = self._ready, []
        return ready

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """Asterisk tells once only: what was not stored is told again by us."""
        self._hearing.answered(came, stored, time.monotonic())

    def check(self, note: Note) -> bool:
        """Everything was asked when it was opened."""
        return self._is_usable

    def close(self, drain_s: float) -> list[Event]:
        """Waits for what the modems have; the rest is given back."""
        self._is_closing = True
        self._give_back("service_stopped", "")
        until_s = time.monotonic() + drain_s
        while self._busy and self._is_open and time.monotonic() < until_s:
            self._pump(until_s, -1)
        self._give_back("service_stopped", "")  # what was refused meanwhile
        if self._link is not None:
            for event in self._link.end():
                self._take(event)
            self._link = None
        for lane in self._busy:
            self._settle(lane, InDoubt("service_died"))
        ready, self._ready = self._ready, []
        return ready

    @property
    def _busy(self) -> list[Lane]:
        return [lane for lane in self._lanes if lane.submission is not None]

    @property
    def _is_open(self) -> bool:
        return self._link is not None and not self._link.session.is_over

    # --- hearing -------------------------------------------------------------

    def _pump(self, until_s: float, wake_fd: int) -> bool:
        """Hears Asterisk, or waits for the pace; True when woken."""
        if self._link is None:
            return True
        now_s = time.monotonic()
        due_s = [until_s, self._hearing.due_s]
        for lane in self._lanes:
            due_s += [lane.due_s] if self._list_key else [lane.due_s, lane.look_s]
        if self._waiting and any(lane.is_free(now_s) for lane in self._lanes):
            due_s.append(now_s + max(LEAST_WAIT_S, self._pace.wait_s(now_s)))
        wait_s = max(0.0, min(due_s) - now_s)
        happened, is_woken = self._link.pump(wait_s, wake_fd)
        for event in happened:
            self._take(event)
        now_s = time.monotonic()
        self._ready += self._hearing.due(now_s)
        for lane in self._busy:
            if late := lane.late(now_s):
                self._settle(lane, late)
        self._look(now_s)
        return is_woken

    def _look(self, now_s: float) -> None:
        """Asks how far the drivers are, when it is time."""
        is_due = any(lane.look_s <= now_s for lane in self._lanes)
        if is_due and not self._list_key and self._is_open and self._link is not None:
            action = f"{messages.ACTIONS[self._driver]}ShowDevices"
            self._list_key = self._link.ask(action, is_list=True)

    def _take(self, event: SessionEvent) -> None:
        if isinstance(event, Happened):
            self._hear(event)
        elif isinstance(event, Answered) and event.key == self._list_key:
            self._take_list(event)
        elif isinstance(event, Unanswered) and event.key == self._list_key:
            self._list_key = 0
        elif isinstance(event, Answered | Unanswered):
            lane = next((one for one in self._busy if one.key == event.key), None)
            if lane is not None:
                self._take_answer(lane, event)
        elif isinstance(event, Over):
            self._end(event)

    def _take_answer(self, lane: Lane, event: Answered | Unanswered) -> None:
        if isinstance(event, Unanswered):
            self._settle(lane, lanes.unanswered(event.has_left, self._is_closing))
        elif not event.is_success:
            self._refuse(lane, event)
        elif self._is_sip:
            self._settle(lane, Accepted(()))
        else:
            timeout_s = self._settings.number("timeout_s")
            self._settle(lane, lane.take(event.response, time.monotonic(), timeout_s))

    def _take_list(self, event: Answered) -> None:
        self._list_key = 0
        listed = devices.read(event.entries)
        now_s = time.monotonic()
        for lane in [one for one in self._lanes if one.is_taken or one.is_stuck]:
            lane.look_s = now_s + lanes.LOOK_S
            if event.is_success:
                device = listed.get(lane.device)
                self._settle(lane, lane.look(device, now_s, self._hears_events))
        self._over = self._over or lanes.stuck(self._lanes, now_s)

    def _hear(self, event: Happened) -> None:
        packet = event.packet
        self._hears_events |= "call" in packet.get("Privilege").split(",")
        prefix = messages.ACTIONS.get(self._driver)
        if not prefix or not packet.event.startswith(prefix):
            return  # most are of calls
        lane = next((o for o in self._busy if o.device == packet.get("Device")), None)
        if packet.event.endswith("SMSStatus") and lane is not None:
            self._settle(lane, lane.hear_status(packet))
            return
        report = messages.report(packet, self._settings.trunk_id)
        if report is not None and packet.event.endswith("Report"):
            self._take_report(report)
        else:
            self._ready += self._hearing.message(packet, time.monotonic())

    def _take_report(self, report: Report) -> None:
        """Of a message that a modem has still, or that is in doubt, the outcome too."""
        message_id = report.message_id
        lane = next((one for one in self._busy if one.has(message_id)), None)
        if lane is not None:
            self._settle(lane, lane.hear_report(report))
        elif message_id in self._doubts and report.says_sent:
            sent = Accepted((messages.sms_id(message_id),))
            self._ready.append(Settled(message_id, sent))
        is_late = lane is None and message_id not in self._doubts
        if report.kind == 1 or (report.says_failed and is_late):
            self._ready.append(self._hearing.receipt(report))

    # --- sending -------------------------------------------------------------

    def _go_on(self) -> None:
        """Gives messages to free lanes, in turn, while the pace allows it."""
        if self._over is not None:
            self._give_back(self._over.code, self._over.detail)
        while self._waiting and self._is_open:
            now_s = time.monotonic()
            if not (lane := self._next_lane(now_s)):
                break
            segments = len(self._waiting[0].split.parts)
            self._granted += self._pace.take(segments - self._granted, now_s)
            if self._granted < segments:
                return
            self._granted = 0
            self._send(lane, self._waiting.popleft())

    def _next_lane(self, now_s: float) -> Lane | None:
        for step in range(len(self._lanes)):
            lane = self._lanes[(self._turn + step) % len(self._lanes)]
            if lane.is_free(now_s):
                self._turn += step + 1
                return lane
        return None

    def _send(self, lane: Lane, submission: Submission) -> None:
        assert self._link is not None
        try:
            action = messages.action(
                submission,
                self._settings.values,
                lane.device,
                self._settings.trunk_id,
            )
            lane.begin(submission, self._link.ask(action.name, action.headers))
        except Lines:
            no = Rejected("asterisk_lines", "", Decision.NEXT_TRUNK)
            self._ready.append(Settled(submission.message_id, no))
        except Unwritable as error:
            code = "asterisk_too_long" if error.is_long else "asterisk_refused"
            no = Rejected(code, str(error), Decision.NEXT_TRUNK)
            self._ready.append(Settled(submission.message_id, no))

    def _refuse(self, lane: Lane, answered: Answered) -> None:
        """Asterisk said no at once: nothing has left."""
        assert lane.submission is not None
        segments = len(lane.submission.split.parts)
        action = messages.sending(self._driver)
        refused = lanes.refused(answered.said, action, segments)
        if refused is not None:
            self._settle(lane, refused)
            return
        self._waiting.appendleft(lane.end())
        now_s = time.monotonic()
        lane.rests_until_s = now_s + lanes.REST_S
        if all(one.is_away(now_s) for one in self._lanes):
            detail = lanes.shown(answered.said)
            self._over = TrunkUnavailable("asterisk_no_device", detail, wait_s=RETRY_S)

    def _settle(self, lane: Lane, outcome: Outcome | None) -> None:
        """Its message's outcome, when it is known."""
        if outcome is None:
            return
        submission = lane.end()
        self._ready.append(Settled(submission.message_id, outcome))
        if isinstance(outcome, InDoubt):
            self._doubts.append(submission.message_id)
            lane.put_in_doubt(outcome.code, time.monotonic())
        if isinstance(outcome, Accepted):
            self._refused = 0
        elif isinstance(outcome, InDoubt) and outcome.code == "asterisk_modem_refused":
            self._refused += 1
            if self._refused >= REFUSED_IN_A_ROW and self._over is None:
                self._over = TrunkUnavailable(
                    "asterisk_refusing", outcome.reason, needs_person=True
                )

    def _end(self, over: Over) -> None:
        """The connection is gone: what the modems have may be sent or not."""
        for lane in self._busy:
            doubt = InDoubt("asterisk_gone", over.detail)
            self._settle(lane, InDoubt("service_died") if self._is_closing else doubt)
        if self._over is None:
            self._over = TrunkUnavailable(
                over.code, over.detail, needs_person=over.needs_person, wait_s=RETRY_S
            )
        self._give_back(over.code, over.detail)

    def _give_back(self, code: str, detail: str) -> None:
        """Settles what no modem was given."""
        for submission in self._waiting:
            down = TrunkDown(code, detail)
            self._ready.append(Settled(submission.message_id, down))
        self._waiting.clear()
        self._granted = 0
