"""Errors that a database gives now and then, given to a service on purpose.

For errors that cannot be made by hand on a plain server (Galera's 1047), or not
at the moment that matters: a COMMIT that is done and whose answer is lost. Only
ever used in a process of its own (service.py).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pymysql
from pymysql.cursors import Cursor

from tests.faults.seams import wrap

LOST = 2013
WORDS = {
    1021: "Disk full; waiting for someone to free some space...",
    1047: "WSREP has not yet prepared node for application use",
    1114: "The table 'message' is full",
    LOST: "Lost connection to server during query",
}


def fail_for(code: int, after: int, for_s: float) -> None:
    """From the N-th claim on, every statement is answered so for some seconds."""
    execute = Cursor.execute
    state = {"left": after, "until_s": 0.0}

    def failing(cursor: Cursor, query: Any, arguments: Any = None) -> Any:
        if time.monotonic() < state["until_s"]:
            raise pymysql.OperationalError(code, WORDS[code])
        return execute(cursor, query, arguments)

    def wrapper(claim: Callable[..., Any]) -> Callable[..., Any]:
        def counting(tx: Any, what: Any, *more: Any, **named: Any) -> Any:
            if what:
                state["left"] -= 1
                if state["left"] == 0:
                    state["until_s"] = time.monotonic() + for_s
            return claim(tx, what, *more, **named)

        return counting

    setattr(Cursor, "execute", failing)  # noqa: B010 - mypy would not have it
    wrap("claim", wrapper)


def lose_commits(name: str, after: int, done: bool) -> None:
    """Each N-th COMMIT of a claim or settlement is not answered.

    `done` = the server has committed; the answer alone was lost.
    """
    commit = pymysql.Connection.commit
    here, passed = threading.local(), {"n": 0}

    def wrapper(original: Callable[..., Any]) -> Callable[..., Any]:
        def counting(tx: Any, what: Any, *more: Any, **named: Any) -> Any:
            result = original(tx, what, *more, **named)
            if what:
                passed["n"] += 1
                here.lose = passed["n"] % after == 0
            return result

        return counting

    def losing(connection: Any) -> None:
        lose, here.lose = getattr(here, "lose", False), False
        if not lose:
            commit(connection)
            return
        if done:
            commit(connection)
        connection._force_close()
        raise pymysql.OperationalError(LOST, WORDS[LOST])

    wrap(name, wrapper)
    setattr(pymysql.Connection, "commit", losing)  # noqa: B010 - likewise
