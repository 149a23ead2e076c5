"""The SMPP trunk: links to the SMSC, as a TrunkSession.

Turns what the links say into events for the engine and their end into
TrunkUnavailable. What the answers mean is in session, window and pending.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from ...domain import smpp_status
from ...domain.outcomes import Decision, Rejected
from ...domain.smpp_overrides import read_overrides
from ...domain.words import Problem
from ..base import (
    Came,
    Event,
    Note,
    Pace,
    ReceiptCame,
    Settled,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
    UnreadableCame,
)
from ..polling import stood_still
from . import codec, events, session
from .connection import connect, server_name
from .events import State
from .incoming import read_inbound
from .link import Link, wait
from .mould import Moulds
from .pending import Message
from .receipt import ID_FORMS, digits_of, read_receipt
from .session import Session

ALREADY_BOUND_WAIT_S = 60.0
LAST_ANSWERS_S = 2.0  # of a pair whose other half is gone
#: Setting bind_mode -> the bind of each link, the one that sends first.
_BIND_COMMANDS = {
    "transceiver": (codec.BIND_TRANSCEIVER,),
    "transmitter": (codec.BIND_TRANSMITTER,),
    "pair": (codec.BIND_TRANSMITTER, codec.BIND_RECEIVER),
}
Batch = tuple[Link, list[events.SessionEvent]]
STATUS_OK, STATUS_KEEP_IT = 0, 0x64  # ESME_RX_T_APPN: the SMSC delivers it again


class SmppTrunk:
    """One bind; or two of them, one that sends and one that receives."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        values = settings.values
        self._settings = settings
        self._server = server_name(settings)
        keys = ("system_id", "password", "system_type", "address_range")
        self._bind_body = codec.bind_body(*(values[key] for key in keys))
        answer_id, self._receipt_id = ID_FORMS[values["receipt_ids"]]
        overrides = read_overrides(values["status_overrides"])
        if isinstance(overrides, Problem):
            raise ValueError(overrides.text)
        self._moulds = Moulds(settings)
        self._commands = _BIND_COMMANDS[values["bind_mode"]]
        self._links = [
            Link(
                Session(
                    window=settings.number("window"),
                    answer_timeout_s=settings.number("answer_timeout_s"),
                    enquire_link_s=settings.number("enquire_link_s"),
                    pace=pace,
                    convert_id=answer_id,
                    overrides=overrides,
                )
            )
            for _ in self._commands
        ]
        self._sender = self._links[0]
        self._deliveries: dict[int, tuple[Link, events.Delivered | events.Unread]] = {}
        self._reference = 0  # of the last delivery
        self._ready: list[Event] = []
        self._over: events.Over | None = None
        self._is_signing_out = False
        self._is_over_known = False  # the last events were handed out

    @property
    def window(self) -> int:
        """Segments that may be unanswered at once."""
        return self._sender.session.window

    @property
    def unwritten(self) -> int:
        """Segments that wait for the window or the pace."""
        return self._sender.session.waiting

    def slots(self, segments: int) -> int:
        """Each segment is a submit_sm of its own."""
        return segments

    # --- opening and closing ---------------------------------------------

    def open(self, note: Note) -> None:
        """Connects and binds. Raises TrunkUnavailable."""
        try:
            for link, command in zip(self._links, self._commands, strict=True):
                self._bind(link, command, note)
            self._raise_when_over()  # it broke while we wrote
        except TrunkUnavailable:
            self._sign_out(0.0)
            raise

    def _bind(self, link: Link, command: int, note: Note) -> None:
        note("connecting", self._server)
        link.attach(connect(self._settings))
        note("connected", self._server)
        link.session.bind(command, self._bind_body, time.monotonic())
        while link.session.state is State.BINDING:
            batches, _ = self._exchange(1.0)
            for of_link, found in batches:
                for event in found:
                    self._bind_event(of_link, event, note)

    def _bind_event(self, link: Link, event: events.SessionEvent, note: Note) -> None:
        if isinstance(event, events.Bound):
            note("bound", event.system_id)
        elif isinstance(event, events.BindRefused):
            raise _bind_refusal(event.status)
        elif isinstance(event, events.Over):
            raise TrunkUnavailable(event.code, event.detail)
        else:
            self._take(link, [event])

    def close(self, drain_s: float) -> list[Event]:
        """Waits for answers, unbinds, keeps reading until the SMSC agrees."""
        if drain_s >= 0:
            self._sign_out(drain_s)
        else:
            self._cut()
        ready, self._ready = self._ready, []
        return ready

    def _sign_out(self, drain_s: float) -> None:
        """Waits for answers and unbinds all links that are open."""
        self._is_signing_out = True
        until_s = time.monotonic() + drain_s
        step_s = min(0.1, drain_s)
        sending = self._sender.session
        self._ready += sending.give_back_unsent()
        while (
            self._sender.is_connected
            and (sending.unanswered or sending.waiting)
            and _is_before(until_s)
        ):
            self._pump(step_s)
        for link in self._links:
            link.session.unbind()
            self._take(link, link.flush(time.monotonic()))
        while any(link.is_connected for link in self._links) and _is_before(until_s):
            self._pump(step_s)
        self._cut()

    def _cut(self) -> None:
        """Ends all links at once, and settles all that is left."""
        self._is_signing_out = True
        for link in self._links:
            self._take(link, link.session.lost("link_lost"))
            link.disconnect()

    # --- sending ---------------------------------------------------------

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Writes submissions, as far as the window, pace and socket allow."""
        messages: list[Message] = []
        prepare = self._moulds.message
        for submission in submissions:
            message = prepare(submission)
            if isinstance(message, str):
                no = Rejected("text_not_encodable", message, Decision.NEXT_TRUNK)
                self._ready.append(Settled(submission.message_id, no))
            else:
                messages.append(message)
        self._ready += self._sender.session.submit(messages)
        self._take(self._sender, self._sender.flush(time.monotonic()))

    # --- receiving -------------------------------------------------------

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """Events since the last call; raises TrunkUnavailable once it is over."""
        if self._is_over_known or not self._ready:
            self._raise_when_over()
        until_s = time.monotonic() + timeout_s
        is_woken = False
        while not self._ready and self._over is None and not is_woken:
            is_woken = self._pump(max(0.0, until_s - time.monotonic()), wake_fd)
            is_woken = is_woken or not _is_before(until_s)
        self._is_over_known = self._over is not None
        ready, self._ready = self._ready, []
        return ready

    def _raise_when_over(self) -> None:
        if self._over is not None:
            raise TrunkUnavailable(self._over.code, self._over.detail)

    def acknowledge(self, came: Came, stored: bool, *, more: bool = False) -> None:
        """Answers a deliver_sm on the link on which it came."""
        link, delivered = self._deliveries.pop(came.reference, (None, None))
        if link is not None and delivered is not None:
            status = STATUS_OK if stored else STATUS_KEEP_IT
            link.session.answer_delivery(delivered, status)
            if not more:
                self._flush()

    def _flush(self) -> None:
        for link in self._links:
            self._take(link, link.flush(time.monotonic()))

    def check(self, note: Note) -> bool:
        """Asks the SMSC whether it is there, on each link."""
        silent = list(self._links)
        for link in silent:
            link.session.enquire(time.monotonic())
        until_s = time.monotonic() + session.LINK_ANSWER_S + 1
        while silent and _is_before(until_s) and self._over is None:
            batches, _ = self._exchange(0.5)
            for link, found in batches:
                self._take(link, found)
                if any(isinstance(event, events.Alive) for event in found):
                    silent.remove(link)
        if not silent:
            return True
        code = self._over.code if self._over else "enquire_timeout"
        note(code, self._over.detail if self._over else "")
        return False

    def _pump(self, timeout_s: float, wake_fd: int = -1) -> bool:
        """One exchange; whether wake_fd ended it."""
        batches, is_woken = self._exchange(timeout_s, wake_fd)
        for link, found in batches:
            self._take(link, found)
        return is_woken

    def _exchange(
        self, timeout_s: float, wake_fd: int = -1
    ) -> tuple[list[Batch], bool]:
        """Writes and reads what is possible within timeout_s; runs the timers."""
        now_s = time.monotonic()
        batches = [(link, link.flush(now_s)) for link in self._links]
        if any(found for _, found in batches):
            return batches, False
        ready = wait(self._links, timeout_s, wake_fd)
        has_slept, now_s = stood_still(now_s + timeout_s), time.monotonic()
        batches = []
        for link in self._links:
            found = link.read(now_s) if link in ready.links else []
            found += link.session.tick(now_s)
            found += [] if has_slept else link.flush(now_s)
            batches.append((link, found))
        return batches, ready.is_woken

    def _take(self, link: Link, found: Sequence[events.SessionEvent]) -> None:
        ready = self._ready
        for event in found:
            if isinstance(event, Settled):
                ready.append(event)
            elif isinstance(event, events.Delivered):
                self._take_delivery(link, event)
            elif isinstance(event, events.Unread):
                self._take_unread(link, event)
            elif isinstance(event, events.Over):
                link.disconnect()
                self._end(event)

    def _end(self, over: events.Over) -> None:
        """One link is over, so all are; what the other one sent may be answered."""
        if self._over is None:
            self._over = over
        if not self._is_signing_out:
            self._sign_out(LAST_ANSWERS_S)

    def _take_delivery(self, link: Link, event: events.Delivered) -> None:
        report = read_receipt(event.deliver)
        if report is None:
            alphabet = self._settings.values["default_alphabet"]
            reference = self._await_answer(link, event)
            self._ready.append(read_inbound(event.deliver, reference, alphabet))
            return
        reference = self._await_answer(link, event)
        if not report.is_usable:
            came: Event = UnreadableCame("receipt", event.octets, reference)
        else:
            came = ReceiptCame(
                self._receipt_id(report.smsc_message_id),
                report.state,
                report.error,
                reference,
                digits_of(event.deliver.source),
                report.text_start,
                digits_of(event.deliver.destination),
            )
        self._ready.append(came)

    def _take_unread(self, link: Link, event: events.Unread) -> None:
        reference = self._await_answer(link, event) if event.command else 0
        self._ready.append(UnreadableCame("pdu", event.octets, reference))

    def _await_answer(self, link: Link, event: events.Delivered | events.Unread) -> int:
        """Keeps what came until acknowledge(); its reference there."""
        self._reference += 1
        self._deliveries[self._reference] = (link, event)
        return self._reference


def _is_before(until_s: float) -> bool:
    return time.monotonic() < until_s


def _bind_refusal(status: int) -> TrunkUnavailable:
    """What a refused bind means for the trunk."""
    detail = smpp_status.detail(status)
    if status == smpp_status.ALREADY_BOUND:
        return TrunkUnavailable("already_bound", detail, wait_s=ALREADY_BOUND_WAIT_S)
    if status in smpp_status.BIND_STOPS:
        return TrunkUnavailable("bind_password", detail, needs_person=True)
    return TrunkUnavailable("bind_refused", detail)
