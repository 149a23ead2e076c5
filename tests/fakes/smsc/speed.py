"""How fast the simulator answers: `python -m tests.fakes.smsc.speed`.

Starts the simulator as a process and drives it from this one with submit_sm
PDUs that were encoded beforehand, keeping a full window. Prints submissions per
second by the clock, and per second of the simulator's processor time, which
says the same on a busy machine. A benchmark, never part of a test's verdict.
"""

from __future__ import annotations

import argparse
import resource
import signal
import socket
import subprocess
import sys
import time
from typing import NamedTuple

from tests.fakes.smsc.pdu import HEADER, HEADER_OCTETS, Command, pack

READ_OCTETS = 256 * 1024
BIND_BODY = b"speed\0secret\0\0\x34\0\0\0"
SUBMIT_BODY = (
    b"\0\x05\0massivesms\0\x01\x0134600000001\0\0\0\0\0\0\x01\0\0\0\x32"
    b"Fifty septets of text, as a short campaign has it."
)
SUBMIT_OCTETS = HEADER_OCTETS + len(SUBMIT_BODY)


class Measured(NamedTuple):
    """One run: answers by the clock, and the simulator's processor seconds."""

    submissions: int
    elapsed_s: float
    cpu_s: float


def measure(count: int, window_pdus: int) -> Measured:
    """One run against a fresh simulator."""
    pdus = b"".join(
        pack(Command.SUBMIT_SM, 0, sequence, SUBMIT_BODY)
        for sequence in range(2, count + 2)
    )
    cpu_before_s = _children_cpu_s()
    command = [sys.executable, "-m", "tests.fakes.smsc", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().rpartition(":")[2])
            elapsed_s = _drive(port, memoryview(pdus), count, window_pdus)
        finally:
            process.send_signal(signal.SIGTERM)
        print(f"  the simulator says: {process.stdout.readline().strip()}")
    return Measured(count, elapsed_s, _children_cpu_s() - cpu_before_s)


def _drive(port: int, pdus: memoryview, count: int, window_pdus: int) -> float:
    """Send everything, never more than the window ahead; seconds it took."""
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(pack(Command.BIND_TRANSCEIVER, 0, 1, BIND_BODY))
        answered, rest = -1, b""  # the bind_resp is counted too
        sent = 0
        started_s = time.perf_counter()
        while answered < count:
            free = min(window_pdus - sent + max(answered, 0), count - sent)
            if free:
                at = sent * SUBMIT_OCTETS
                sock.sendall(pdus[at : at + free * SUBMIT_OCTETS])
                sent += free
            data = sock.recv(READ_OCTETS)
            if not data:
                raise ConnectionError("the simulator closed the link")
            found, rest = _count_answers(rest + data)
            answered += found
        return time.perf_counter() - started_s


def _count_answers(data: bytes) -> tuple[int, bytes]:
    """The number of whole answers, all of which must be OK, and the rest."""
    position = found = 0
    while len(data) - position >= HEADER_OCTETS:
        length, command, status, _ = HEADER.unpack_from(data, position)
        if position + length > len(data):
            break
        if status:
            raise ConnectionError(f"{command:#x} was answered with {status:#x}")
        position += length
        found += 1
    return found, data[position:]


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.smsc.speed")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--window", type=int, default=1000)
    options = parser.parse_args(arguments)
    for run in range(1, options.runs + 1):
        measured = measure(options.count, options.window)
        per_s = measured.submissions / measured.elapsed_s
        per_cpu_s = measured.submissions / measured.cpu_s
        print(
            f"run {run}: {per_s:,.0f} submissions a second; "
            f"{per_cpu_s:,.0f} a processor second"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
