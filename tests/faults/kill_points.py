"""Where a process may kill itself on a message's way, and how it gets there.

Stands before the engine's two transactions, Database.transaction and the socket's
send. Only ever used in a process of its own
(service.py). At the N-th passage the process ends by SIGKILL: nothing is flushed,
nobody is told.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from massivesms.store.db import Database, Transaction
from tests.faults.seams import wrap

SUBMIT_SM = 0x00000004
_HEADER = struct.Struct(">II")
MOST_OCTETS = 4096  # of a submit_sm; what is longer is no PDU


def die() -> None:
    """As a kernel without memory ends a process."""
    os.kill(os.getpid(), signal.SIGKILL)


class Passages:
    """Counts passages and says when the N-th is reached; for any thread."""

    def __init__(self, after: int) -> None:
        self._left = after
        self._lock = threading.Lock()

    def is_reached(self, passages: int = 1) -> bool:
        """Counts some more."""
        with self._lock:
            self._left -= passages
            return self._left <= 0


def before_claim(after: int) -> None:
    """The N-th claim is about to be made: everything is queued still."""
    _before("claim", Passages(after))


def after_claim(after: int) -> None:
    """The N-th claim is committed and not one byte of it is written."""
    _after_commit("claim", Passages(after))


def before_settle(after: int) -> None:
    """Answers are here and the database does not know of them."""
    _before("settle", Passages(after))


def after_settle(after: int) -> None:
    """The N-th settlement is committed."""
    _after_commit("settle", Passages(after))


def mid_write(after: int) -> None:
    """Half of the N-th submit_sm is on the wire."""
    passages = Passages(after)

    def sent(send: Callable[[bytes], Any], data: bytes) -> Any:
        for start, end in submissions_in(data):
            if passages.is_reached():
                send(data[: (start + end) // 2])
                die()
        return send(data)

    _watch_sockets(sent)


def before_answer(after: int) -> None:
    """The N-th submit_sm is on the wire, and its answer is not read."""
    passages = Passages(after)

    def sent(send: Callable[[bytes], Any], data: bytes) -> Any:
        whole = sum(1 for _ in submissions_in(data))
        result = send(data)
        if whole and passages.is_reached(whole):
            die()
        return result

    _watch_sockets(sent)


POINTS: dict[str, Callable[[int], None]] = {
    "before_claim": before_claim,
    "after_claim": after_claim,
    "mid_write": mid_write,
    "before_answer": before_answer,
    "before_settle": before_settle,
    "after_settle": after_settle,
}
BY_SUBMISSION = {"mid_write", "before_answer"}
"""Points whose N counts segments; that of the others counts transactions."""


def submissions_in(data: bytes) -> Iterator[tuple[int, int]]:
    """Begin and end of each whole submit_sm in what is about to be sent."""
    at = 0
    while at + _HEADER.size <= len(data):
        length, command = _HEADER.unpack_from(data, at)
        if not 16 <= length <= MOST_OCTETS or at + length > len(data):
            return
        if command == SUBMIT_SM:
            yield at, at + length
        at += length


def _before(name: str, passages: Passages) -> None:
    def wrapper(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(tx: Transaction, what: Any, *more: Any, **named: Any) -> Any:
            if what and passages.is_reached():
                die()
            return original(tx, what, *more, **named)

        return wrapped

    wrap(name, wrapper)


def _after_commit(name: str, passages: Passages) -> None:
    transaction = Database.transaction
    here = threading.local()

    def wrapper(original: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(tx: Transaction, what: Any, *more: Any, **named: Any) -> Any:
            result = original(tx, what, *more, **named)
            here.passed = bool(what)
            return result

        return wrapped

    @contextmanager
    def watched(database: Database) -> Iterator[Transaction]:
        here.passed = False
        with transaction(database) as tx:
            yield tx
        if here.passed and passages.is_reached():
            die()

    wrap(name, wrapper)
    setattr(Database, "transaction", watched)  # noqa: B010 - mypy would not have it


def _watch_sockets(sent: Callable[[Callable[[bytes], Any], bytes], Any]) -> None:
    """Puts `sent` between everybody and the sockets that are no local ones."""
    for name in ("send", "sendall"):
        original = getattr(socket.socket, name)

        def wrapped(
            self: socket.socket, data: Any, flags: int = 0, *, original: Any = original
        ) -> Any:
            if self.family == socket.AF_UNIX:
                return original(self, data, flags)
            return sent(lambda octets: original(self, octets, flags), bytes(data))

        setattr(socket.socket, name, wrapped)
