"""Sessions without a socket for the tests: bound, filled, and what they said."""

from __future__ import annotations

from collections.abc import Sequence

from massivesms.domain.outcomes import Outcome
from massivesms.trunks.base import Settled
from massivesms.trunks.smpp.events import Bound, SessionEvent
from massivesms.trunks.smpp.pending import Message, Pending, Single
from massivesms.trunks.smpp.session import Session
from tests.trunks import wire

BIND_RESP = wire.BIND_TRANSCEIVER | wire.RESPONSE


def bound(window: int = 10, **more: object) -> Session:
    """A session at second 0; the bind took sequence number 1."""
    own: dict[str, object] = {"answer_timeout_s": 60.0, "enquire_link_s": 25.0}
    session = Session(window=window, **(own | more))  # type: ignore[arg-type]
    session.bind(wire.BIND_TRANSCEIVER, b"", 0.0)
    assert session.receive(wire.pdu(BIND_RESP, 1, b"smsc\0"), 0.0) == [Bound("smsc")]
    session.output.clear()
    return session


def submit(session: Session, n: int, now_s: float = 0.0, segments: int = 1) -> None:
    """Messages 1 to n."""
    assert session.submit([message(i, segments) for i in range(1, n + 1)]) == []
    session.fill(now_s)


def message(message_id: int, segments: int = 1) -> Message:
    """A message whose bodies say which it is."""
    bodies = [b"%d/%d" % (message_id, p) for p in range(1, segments + 1)]
    if segments == 1:
        return Single(message_id, bodies[0])
    return Pending(message_id, bodies)


def outcomes(events: Sequence[SessionEvent]) -> dict[int, Outcome]:
    return {e.message_id: e.outcome for e in events if isinstance(e, Settled)}


def sequences(session: Session) -> list[int]:
    """Of the submit_sm written since the last look."""
    found = wire.pdus(bytes(session.output))
    session.output.clear()
    return [sequence for command, _, sequence, _ in found if command == wire.SUBMIT_SM]
