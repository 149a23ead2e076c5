"""The SMSC of the benchmark, as a process of its own: it is never the bottleneck.

`python -m scripts.benchmark.smsc [--mark DIGITS]` prints `listening on PORT`. On
a line of its input it prints one line of JSON: what arrived since the last such
line, each read of the link with its time (CLOCK_MONOTONIC, shared by all processes
of the machine) and number of submissions, and the time of every number that begins
with the mark. A line with a word is about receipts and is answered by nothing: `hold`
them back from now on, `give` those held, `at once` with each answer.
"""

from __future__ import annotations

import argparse
import json
import re
import selectors
import socket
import sys
import time
from collections import deque
from typing import Any

from scripts.benchmark.answering import Answers, NotSmpp

READ_OCTETS = 1 << 18
DELIVER_WINDOW = 1000  # receipts that may be unanswered


class Link:
    """One connection: what came of the next PDU, and answers that wait to leave."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.rest = b""
        self.waiting = b""


class Smsc:
    """All links of one listening socket, and the record of what arrived."""

    def __init__(self, mark: str) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._answers = Answers()
        self._mark = re.compile(mark.encode() + rb"\d*(?=\0)") if mark else None
        self._reads: list[tuple[int, int]] = []
        self._marked: dict[str, int] = {}
        self._reported = 0
        self._cpu_s = 0.0
        self._receipts: deque[bytes] = deque()  # to be given
        self._given = 0
        self._is_holding = False

    def serve(self) -> None:
        """Until the end of the input."""
        self._selector.register(sys.stdin.buffer.fileno(), selectors.EVENT_READ, None)
        while True:
            for key, events in self._selector.select():
                if key.data is None:
                    line = sys.stdin.buffer.readline()
                    if not line:
                        return
                    if word := line.strip().decode():
                        self._obey(word)
                    else:
                        print(json.dumps(self._report()), flush=True)
                elif isinstance(key.data, Link):
                    self._serve(key.data, events)
                else:
                    key.data()

    def _accept(self) -> None:
        sock, _ = self._listener.accept()
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(sock, selectors.EVENT_READ, Link(sock))

    def _serve(self, link: Link, events: int) -> None:
        try:
            if events & selectors.EVENT_READ:
                data = link.sock.recv(READ_OCTETS)
                if not data:
                    return self._drop(link)
                self._take(link, data)
                self._put_receipts(link)
            self._write(link)
        except (NotSmpp, ConnectionError) as error:
            print(f"link dropped: {error}", file=sys.stderr, flush=True)
            self._drop(link)
        return None

    def _take(self, link: Link, data: bytes) -> None:
        now_ns = time.monotonic_ns()
        if link.rest:
            data = link.rest + data
        before = self._answers.submissions
        answers, octets = self._answers.take(data)
        link.waiting += answers
        link.rest = data[octets:]
        if came := self._answers.submissions - before:
            self._reads.append((now_ns, came))
            if self._mark:
                for found in self._mark.finditer(data, 0, octets):
                    self._marked.setdefault(found[0].decode(), now_ns)

    def _obey(self, word: str) -> None:
        self._is_holding = word == "hold"
        if self._answers.accepted is None:
            self._answers.accepted = []
        if word == "give":
            links = [key.data for key in self._selector.get_map().values()]
            for link in links:
                if isinstance(link, Link):
                    self._put_receipts(link)
                    self._write(link)

    def _put_receipts(self, link: Link) -> None:
        """As many as the window allows."""
        if self._is_holding or self._answers.accepted is None:
            return
        for run in self._answers.accepted:
            first = self._given + len(self._receipts) + 1
            self._receipts.extend(run.receipts(first))
        self._answers.accepted.clear()
        room = DELIVER_WINDOW - (self._given - self._answers.deliveries)
        some = [self._receipts.popleft() for _ in range(min(room, len(self._receipts)))]
        self._given += len(some)
        link.waiting += b"".join(some)

    def _write(self, link: Link) -> None:
        """What the link takes; the rest when it takes more."""
        if link.waiting:
            try:
                sent = link.sock.send(link.waiting)
            except BlockingIOError:
                sent = 0
            link.waiting = link.waiting[sent:]
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.waiting else 0)
        if self._selector.get_key(link.sock).events != events:
            self._selector.modify(link.sock, events, link)

    def _drop(self, link: Link) -> None:
        self._selector.unregister(link.sock)
        link.sock.close()

    def _report(self) -> dict[str, Any]:
        cpu_s = time.process_time()
        report = {
            "submissions": self._answers.submissions - self._reported,
            "reads": self._reads,
            "marked": self._marked,
            "cpu_s": cpu_s - self._cpu_s,
        }
        self._reported, self._cpu_s = self._answers.submissions, cpu_s
        self._reads, self._marked = [], {}
        return report


def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m scripts.benchmark.smsc")
    parser.add_argument("--mark", default="", help="beginning of numbers to time")
    smsc = Smsc(parser.parse_args().mark)
    print(f"listening on {smsc.port}", flush=True)
    smsc.serve()


if __name__ == "__main__":
    main()
