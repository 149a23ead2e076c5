"""Sessions without a socket for the tests: bound, filled, and what they said."""

from __future__ import annotations

from collections.abc import Sequence

from massivesms.domain.outcomes import Outcome
from massivesms.trunks.smpp.pending import Pending
from massivesms.trunks.smpp.session import Bound, Finished, Session, SessionEvent
from tests.trunks import wire

BIND_RESP = wire.BIND_TRANSCEIVER | wire.RESPONSE


def bound(window: int = 10, **more: float) -> Session:
    """A session at second 0; the bind took sequence number 1."""
    timers = {"answer_timeout_s": 60.0, "enquire_link_s": 25.0} | more
    session = Session(window=window, **timers)  # type: ignore[arg-type]
    session.bind(wire.BIND_TRANSCEIVER, b"", 0.0)
    assert session.receive(wire.pdu(BIND_RESP, 1, b"smsc\0"), 0.0) == [Bound("smsc")]
    session.output.clear()
    return session


def submit(session: Session, n: int, now_s: float = 0.0, segments: int = 1) -> None:
    """Messages 1 to n."""
    for message_id in range(1, n + 1):
        bodies = [b"%d/%d" % (message_id, p) for p in range(1, segments + 1)]
        assert session.submit(Pending(message_id, bodies), now_s) == []


def outcomes(events: Sequence[SessionEvent]) -> dict[int, Outcome]:
    return {e.message_id: e.outcome for e in events if isinstance(e, Finished)}


def sequences(session: Session) -> list[int]:
    """Of the submit_sm written since the last look."""
    found = wire.pdus(bytes(session.output))
    session.output.clear()
    return [sequence for command, _, sequence, _ in found if command == wire.SUBMIT_SM]
