"""The SMPP trunk: a socket around a Session, as a TrunkSession.

Owns reading and writing, and turns the link's failures into TrunkUnavailable. What
the answers mean is in session and pending.
"""

from __future__ import annotations

import logging
import select
import socket
import ssl
import time
from collections.abc import Sequence

from ...domain import smpp_status
from ...domain.outcomes import Decision, Rejected
from ..base import (
    Event,
    Note,
    Pace,
    ReceiptCame,
    Settled,
    Submission,
    TrunkSettings,
    TrunkUnavailable,
)
from . import codec, events, session
from .connection import connect
from .encoding import destination_ton, encode_text, source_address, validity_period
from .events import State
from .pending import Pending, convert_ids
from .receipt import ID_FORMS, read_receipt
from .session import Session

log = logging.getLogger(__name__)

READ_OCTETS = 256 * 1024
ALREADY_BOUND_WAIT_S = 60.0
STATUS_OK, STATUS_KEEP_IT = 0, 0x64  # ESME_RX_T_APPN: the SMSC delivers it again


class SmppTrunk:
    """One bind."""

    def __init__(self, settings: TrunkSettings, pace: Pace) -> None:
        values = settings.values
        self._settings = settings
        self._pace = pace
        self._server = f"{values['host']}:{values['port']}"
        self._socket: socket.socket | None = None
        self._session = Session(
            window=settings.number("window"),
            answer_timeout_s=settings.number("answer_timeout_s"),
            enquire_link_s=settings.number("enquire_link_s"),
        )
        self._answer_id, self._receipt_id = ID_FORMS[values["receipt_ids"]]
        self._validity = validity_period(settings.number("validity_hours"))
        self._deliveries: dict[int, events.Delivered] = {}
        self._ready: list[Event] = []
        self._over: events.Over | None = None
        self._is_over_known = False  # the last events were handed out

    @property
    def window(self) -> int:
        """Segments that may be unanswered at once."""
        return self._session.window

    def slots(self, segments: int) -> int:
        """Each segment is a submit_sm of its own."""
        return segments

    # --- opening and closing ---------------------------------------------

    def open(self, note: Note) -> None:
        """Connects and binds. Raises TrunkUnavailable."""
        note("connecting", self._server)
        self._socket = connect(self._settings)
        note("connected", self._server)
        values = self._settings.values
        transceiver = values["bind_mode"] == "transceiver"
        command = codec.BIND_TRANSCEIVER if transceiver else codec.BIND_TRANSMITTER
        body = codec.bind_body(
            values["system_id"], values["password"], values["system_type"]
        )
        self._session.bind(command, body, time.monotonic())
        try:
            while self._session.state is State.BINDING:
                for event in self._exchange(1.0, -1):
                    self._bind_event(event, note)
            self._raise_when_over()  # it broke while we wrote
        except TrunkUnavailable:
            self._disconnect()
            raise

    def _bind_event(self, event: events.SessionEvent, note: Note) -> None:
        if isinstance(event, events.Bound):
            note("bound", event.system_id)
        elif isinstance(event, events.BindRefused):
            raise _bind_refusal(event.status)
        elif isinstance(event, events.Over):
            raise TrunkUnavailable(event.code, event.detail)
        else:
            self._take(event)

    def close(self, drain_s: float) -> list[Event]:
        """Waits for answers, unbinds, keeps reading until the SMSC agrees."""
        until_s = time.monotonic() + drain_s
        for event in self._session.give_back_unsent():
            self._take(event)
        if self._socket is not None and self._over is None:
            try:
                while self._session.unanswered and time.monotonic() < until_s:
                    self._pump(0.1)
                self._session.unbind()
                self._write()
                while self._over is None and time.monotonic() < until_s:
                    self._pump(0.1)
            except TrunkUnavailable:
                pass  # it is over, which is what we wanted
        for event in self._session.lost("link_lost"):
            self._take(event)
        self._disconnect()
        ready, self._ready = self._ready, []
        return ready

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    # --- sending ---------------------------------------------------------

    def submit(self, submissions: Sequence[Submission]) -> None:
        """Writes submissions, as far as the window and the socket allow."""
        now_s = time.monotonic()
        for submission in submissions:
            prepared = self._prepare(submission)
            if isinstance(prepared, Pending):
                for event in self._session.submit(prepared, now_s):
                    self._take(event)
            else:
                self._ready.append(Settled(submission.message_id, prepared))
        self._write()

    def _prepare(self, submission: Submission) -> Pending | Rejected:
        values = self._settings.values
        encoded = encode_text(
            submission.split, submission.message_id, values["default_alphabet"]
        )
        if isinstance(encoded, str):
            return Rejected("text_not_encodable", encoded, Decision.NEXT_TRUNK)
        head = codec.submit_head(
            *source_address(
                submission.sender_id, values["source_ton"], values["source_npi"]
            )
        )
        middle = codec.submit_middle(
            codec.ESM_UDHI if encoded.has_udh else 0,
            self._validity,
            1 if self._settings.is_on("receipts") else 0,
            encoded.data_coding,
        )
        ton = destination_ton(submission.is_international)
        bodies = [
            codec.submit_body(head, ton, submission.destination, middle, octets)
            for octets in encoded.short_messages
        ]
        return Pending(submission.message_id, bodies, submission.taken)

    # --- receiving -------------------------------------------------------

    def poll(self, timeout_s: float, wake_fd: int) -> list[Event]:
        """Events since the last call; raises TrunkUnavailable once it is over."""
        if self._is_over_known:
            self._raise_when_over()
        if not self._ready:
            self._raise_when_over()
            self._pump(timeout_s, wake_fd)
        self._is_over_known = self._over is not None
        ready, self._ready = self._ready, []
        return ready

    def _raise_when_over(self) -> None:
        if self._over is not None:
            raise TrunkUnavailable(self._over.code, self._over.detail)

    def acknowledge(self, receipt: ReceiptCame, stored: bool) -> None:
        """Answers the deliver_sm of a receipt."""
        delivered = self._deliveries.pop(receipt.reference, None)
        if delivered is not None:
            status = STATUS_OK if stored else STATUS_KEEP_IT
            self._session.answer_delivery(delivered, status)
            self._write()

    def check(self, note: Note) -> bool:
        """Asks the SMSC whether it is there."""
        self._session.enquire(time.monotonic())
        until_s = time.monotonic() + session.LINK_ANSWER_S + 1
        while time.monotonic() < until_s and self._over is None:
            for event in self._exchange(0.5, -1):
                if isinstance(event, events.Alive):
                    return True
                self._take(event)
        code = self._over.code if self._over else "enquire_timeout"
        note(code, self._over.detail if self._over else "")
        return False

    def _pump(self, timeout_s: float, wake_fd: int = -1) -> None:
        for event in self._exchange(timeout_s, wake_fd):
            self._take(event)

    def _take(self, event: events.SessionEvent) -> None:
        if isinstance(event, events.Finished):
            outcome = convert_ids(event.outcome, self._answer_id)
            self._ready.append(Settled(event.message_id, outcome))
        elif isinstance(event, events.Delivered):
            self._take_delivery(event)
        elif isinstance(event, events.Over):
            self._over = event
            self._disconnect()

    def _take_delivery(self, event: events.Delivered) -> None:
        report = read_receipt(event.deliver)
        if report is None:
            # A message from a person. We ask for none and keep none yet: the
            # SMSC must not be told that it arrived.
            log.warning("incoming message left at the operator")
            self._session.answer_delivery(event, STATUS_KEEP_IT)
            return
        self._deliveries[event.sequence] = event
        smsc_message_id = self._receipt_id(report.smsc_message_id)
        self._ready.append(
            ReceiptCame(smsc_message_id, report.state, report.error, event.sequence)
        )

    # --- the socket ------------------------------------------------------

    def _exchange(self, timeout_s: float, wake_fd: int) -> list[events.SessionEvent]:
        """Writes and reads what is possible within timeout_s; runs the timers."""
        self._write()
        found: list[events.SessionEvent] = []
        if self._socket is not None and self._wait(timeout_s, wake_fd):
            found += self._read()
        found += self._session.tick(time.monotonic())
        self._write()
        return found

    def _wait(self, timeout_s: float, wake_fd: int) -> bool:
        """Waits; True when the socket may have something to read."""
        assert self._socket is not None
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        timeout_s = min(timeout_s, self._session.next_tick_s(time.monotonic()))
        poller = select.poll()
        writing = select.POLLOUT if self._session.output else 0
        poller.register(self._socket, select.POLLIN | writing)
        if wake_fd >= 0:
            poller.register(wake_fd, select.POLLIN)
        found = dict(poller.poll(timeout_s * 1000))
        if found.get(self._socket.fileno(), 0) & select.POLLOUT:
            self._write()
        return bool(found.get(self._socket.fileno() if self._socket else -1, 0))

    def _read(self) -> list[events.SessionEvent]:
        if self._socket is None:
            return []
        now_s = time.monotonic()
        try:
            data = self._socket.recv(READ_OCTETS)
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return []
        except OSError as error:
            return self._session.lost("link_lost", error.strerror or str(error))
        return self._session.receive(data, now_s)

    def _write(self) -> None:
        output = self._session.output
        while output and self._socket is not None:
            try:
                written = self._socket.send(output[:READ_OCTETS])
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                return
            except OSError as error:
                detail = error.strerror or str(error)
                for event in self._session.lost("link_lost", detail):
                    self._take(event)
                return
            del output[:written]


def _bind_refusal(status: int) -> TrunkUnavailable:
    """What a refused bind means for the trunk."""
    detail = smpp_status.detail(status)
    if status == smpp_status.ALREADY_BOUND:
        return TrunkUnavailable("already_bound", detail, wait_s=ALREADY_BOUND_WAIT_S)
    if status in smpp_status.BIND_STOPS:
        return TrunkUnavailable("bind_password", detail, needs_person=True)
    return TrunkUnavailable("bind_refused", detail)
