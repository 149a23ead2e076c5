"""An SMSC simulator that speaks SMPP 3.4 from the specification and can misbehave.

    with Smsc(Behaviour(throttle_share=0.5)) as smsc:
        ...connect to smsc.host, smsc.port...
        smsc.wait_for(10)
        assert [one.text for one in smsc.messages()] == [...]

As a process: `python -m tests.fakes.smsc --help`. One room per file: pdu (the
wire), link (a connection), centre (binds, submissions), verdicts, answers,
deliveries, receipts and incoming, outgoing (bytes), record (the receive log),
messages (texts put together), behaviour (the settings), server (the thread).
"""

from tests.fakes.smsc.behaviour import Behaviour, Receipts
from tests.fakes.smsc.messages import Received, assemble
from tests.fakes.smsc.record import Bind, ClientPdu, Submission, read_log
from tests.fakes.smsc.server import Smsc

__all__ = [
    "Behaviour",
    "Bind",
    "ClientPdu",
    "Received",
    "Receipts",
    "Smsc",
    "Submission",
    "assemble",
    "read_log",
]
