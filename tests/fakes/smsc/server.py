"""The simulator as others hold it: a server in a thread of its own.

The one door between threads. Reads may come from any thread at any time;
everything that acts is handed to the loop's thread and waited for, so that it
has happened when the call returns.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.fakes.smsc import gsm7
from tests.fakes.smsc.behaviour import Behaviour, Receipts
from tests.fakes.smsc.centre import Centre
from tests.fakes.smsc.deliveries import Delivery
from tests.fakes.smsc.incoming import Form, parts_of
from tests.fakes.smsc.link import Link
from tests.fakes.smsc.messages import Received, assemble
from tests.fakes.smsc.pdu import encode_deliver_sm
from tests.fakes.smsc.receipts import (
    FINAL_RECEIPT,
    Receipt,
    encode_receipt,
    receipt_for,
)
from tests.fakes.smsc.record import Bind, ClientPdu, ReceiveLog, Submission

START_TIMEOUT_S = 10
ACT_TIMEOUT_S = 10
CLOSE_TIMEOUT_S = 0.5


class Smsc:
    """A simulated SMSC. After stop() it can start() again on the same port, with
    its memory; the lists stay readable."""

    def __init__(
        self,
        behaviour: Behaviour | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        log_path: Path | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self._tls = tls
        self._log = ReceiveLog(log_path)
        self._loop = asyncio.new_event_loop()
        self._centre = Centre(self._loop, self._log, behaviour or Behaviour())
        self._thread: threading.Thread | None = None
        self._server: asyncio.Server | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def start(self) -> None:
        """Listen; `port` is known when this returns. Raises OSError."""
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="smsc", daemon=True
        )
        self._thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(
                START_TIMEOUT_S
            )
        except OSError:
            self._end_thread()
            raise

    def stop(self) -> None:
        """Close the port and every link."""
        if self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(ACT_TIMEOUT_S)
        self._end_thread()

    def close(self) -> None:
        """Stop for good, and finish the log file."""
        self.stop()
        self._loop.close()
        self._log.close()

    # What it remembers

    @property
    def submissions(self) -> list[Submission]:
        """The receive log, in the order of arrival; grows while you hold it."""
        return self._log.submissions

    @property
    def binds(self) -> list[Bind]:
        """Every bind that was asked for."""
        return self._log.binds

    @property
    def delivered_answers(self) -> list[ClientPdu]:
        """Every deliver_sm_resp."""
        return self._log.delivered_answers

    @property
    def other_answers(self) -> list[ClientPdu]:
        """enquire_link_resp, unbind_resp, generic_nack and unknown answers."""
        return self._log.other_answers

    @property
    def refused(self) -> list[ClientPdu]:
        """What broke the protocol: bad lengths and bodies, submit_sm unbound,
        unknown commands. Empty after a run with a sound client."""
        return self._log.refused

    @property
    def links_open(self) -> int:
        """TCP connections, bound or not."""
        return len(self._centre.links)

    @property
    def deliveries_waiting(self) -> int:
        """Receipts and incoming messages that are on no link."""
        return self._centre.deliveries.waiting

    def messages(self) -> list[Received]:
        """What the handsets would show, of the accepted submissions."""
        return assemble(list(self.submissions), self.behaviour.default_alphabet)

    def span_s(self) -> float:
        """Seconds from the first submission to the last."""
        return self._log.span_s()

    # Waiting

    def wait_for(self, n: int, timeout_s: float = 10) -> None:
        """Until n submissions have arrived; raises TimeoutError."""
        if not self.wait_until(lambda: len(self.submissions) >= n, timeout_s):
            arrived = len(self.submissions)
            raise TimeoutError(f"{arrived} of {n} submissions in {timeout_s} s")

    def wait_until(self, fact: Callable[[], object], timeout_s: float = 10) -> bool:
        """Until `fact()`, looked at on every change of what is remembered."""
        return self._log.wait_until(fact, timeout_s)

    # Acting

    @property
    def behaviour(self) -> Behaviour:
        """The present Behaviour; may be replaced while running."""
        return self._centre.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._act(lambda: self._centre.behave(behaviour))

    def drop_links(self) -> None:
        """Close every link (FIN)."""
        self._on_links(Link.close)

    def reset_links(self) -> None:
        """Reset every link (RST)."""
        self._on_links(Link.reset)

    def unbind_links(self) -> None:
        """Send unbind on every bound link; closed when the client answers."""
        self._on_links(lambda link: link.unbind() if link.bound_as else None)

    def send_raw(self, data: bytes) -> None:
        """Any bytes on every bound link."""
        self._on_links(lambda link: link.send(data) if link.bound_as else None)

    def send_receipt(
        self,
        about: Submission | str,
        state: str = "DELIVRD",
        *,
        style: Receipts | None = None,
        sender: str = "",
        number: str = "",
        esm_class: int = FINAL_RECEIPT,
        copies: int = 1,
    ) -> None:
        """A receipt for a submission, or for a message_id that nobody was given
        (then `sender` and `number` are as they would be in the submission)."""
        style = style or self.behaviour.receipts or Receipts()
        submission = about if isinstance(about, Submission) else self._find(about)
        if isinstance(about, str):
            sender = sender or (submission.sender if submission else "")
            number = number or (submission.number if submission else "")
            receipt = Receipt(about, state, sender, number, "", esm_class)
        else:
            form = self.behaviour.message_id_form
            receipt = receipt_for(about, style, form, state, esm_class)
        system_id = submission.system_id if submission else ""
        delivery = Delivery(system_id, encode_receipt(receipt, style))
        for _ in range(copies):
            self._act(lambda: self._centre.deliveries.post(delivery))

    def deliver(
        self,
        sender: str,
        number: str,
        text: str = "",
        *,
        data_coding: int = 0,
        esm_class: int = 0,
        short_message: bytes | None = None,
        tlvs: Mapping[int, bytes] | None = None,
        system_id: str = "",
        sender_ton: int = 1,
        copies: int = 1,
    ) -> None:
        """An incoming message; `short_message` in place of `text` is sent as it is
        (segments with their header, binary)."""
        if short_message is None:
            is_ucs2 = data_coding == 8
            short_message = text.encode("utf-16-be") if is_ucs2 else gsm7.encode(text)
        body = encode_deliver_sm(
            sender,
            number,
            short_message,
            esm_class=esm_class,
            data_coding=data_coding,
            tlvs=tlvs,
            sender_ton=sender_ton,
        )
        for _ in range(copies):
            self._act(lambda: self._centre.deliveries.post(Delivery(system_id, body)))

    def deliver_long(
        self,
        sender: str,
        number: str,
        octets: Sequence[bytes],
        *,
        reference: int = 1,
        form: Form = "udh8",
        order: Sequence[int] = (),
        data_coding: int = 0,
        copies: int = 1,
    ) -> None:
        """A long incoming message, each of `octets` a part; `order` names those that
        are sent (from 1), otherwise all are, in order."""
        parts = parts_of(octets, reference, form)
        for n in order or range(1, len(parts) + 1):
            part = parts[n - 1]
            self.deliver(
                *(sender, number),
                short_message=part.short_message,
                esm_class=part.esm_class,
                tlvs=part.tlvs,
                data_coding=data_coding,
                copies=copies,
            )

    # The thread

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(
            lambda: Link(self._centre), self.host, self.port, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        if self._server:
            self._server.close()
        for link in list(self._centre.links):
            link.close()
        patience_ends_s = self._loop.time() + CLOSE_TIMEOUT_S
        while self._centre.links and self._loop.time() < patience_ends_s:
            await asyncio.sleep(0.001)
        for link in list(self._centre.links):
            link.reset()  # a client that does not read would keep it open for ever
        while self._centre.links:
            await asyncio.sleep(0.001)

    def _end_thread(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread:
            self._thread.join(ACT_TIMEOUT_S)
            self._thread = None

    def _act(self, deed: Callable[[], object]) -> None:
        async def act() -> None:
            deed()

        asyncio.run_coroutine_threadsafe(act(), self._loop).result(ACT_TIMEOUT_S)

    def _on_links(self, deed: Callable[[Link], object]) -> None:
        self._act(lambda: [deed(link) for link in list(self._centre.links)])

    def _find(self, message_id: str) -> Submission | None:
        """The latest submission that was answered with this id."""
        for submission in reversed(self.submissions):
            if submission.message_id == message_id:
                return submission
        return None
