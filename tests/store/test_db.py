"""Connections and transactions against real faults of a real server."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from massivesms.config import DatabaseSettings
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store.db import Database, Transaction
from massivesms.store.failures import (
    CommitUnknown,
    DuplicateRow,
    StoreUnavailable,
    unique,
)
from tests.servers.mariadb import PrivateMariaDB


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateMariaDB]:
    """A server that tests may kill."""
    with PrivateMariaDB() as server:
        server.create_database("faults")
        db = Database(settings_of(server))
        with db.transaction() as tx:
            tx.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB")
        db.close()
        yield server


def settings_of(server: PrivateMariaDB, path: Path | None = None) -> DatabaseSettings:
    place = str(path or server.socket_path)
    return DatabaseSettings("", 0, place, "root", "", "faults")


@pytest.fixture
def faulty(server: PrivateMariaDB) -> Iterator[Database]:
    server.start()
    database = Database(settings_of(server))
    with database.transaction() as tx:
        tx.execute("DELETE FROM t")
        tx.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
    yield database
    database.close()


def value(db: Database, sql: str) -> object:
    with db.transaction() as tx:
        return tx.value(sql)


def test_an_exception_rolls_everything_back(faulty: Database) -> None:
    with pytest.raises(ZeroDivisionError), faulty.transaction() as tx:
        tx.execute("UPDATE t SET n = 5")
        _ = 1 / 0
    assert value(faulty, "SELECT SUM(n) FROM t") == 0


def test_a_transaction_within_a_transaction_is_our_mistake(faulty: Database) -> None:
    with faulty.transaction(), pytest.raises(RuntimeError, match="open already"):
        faulty.transaction().__enter__()
    assert value(faulty, "SELECT 1") == 1


def test_a_taken_key_is_said_in_the_caller_s_words(faulty: Database) -> None:
    problem = Problem("taken", "%(name)s is taken.", name="1")
    taken, missing = (1, 1), (None, 1)

    def insert(row: tuple[int | None, int]) -> None:
        with faulty.transaction() as tx, unique(problem):
            tx.execute("INSERT INTO t VALUES (%s, %s)", row)

    with pytest.raises(DuplicateRow, match="1 is taken"):
        insert(taken)
    with pytest.raises(StoreError, match="cannot be null"):
        insert(missing)


def test_half_a_character_is_refused_and_the_connection_stays(
    faulty: Database,
) -> None:
    with pytest.raises(StoreError, match="no text"), faulty.transaction() as tx:
        tx.execute("UPDATE t SET n = 9 WHERE id = 1")
        tx.value("SELECT %s", ("\ud800",))
    assert value(faulty, "SELECT SUM(n) FROM t") == 0


def test_a_deadlock_is_tried_again_and_both_get_through(faulty: Database) -> None:
    met = threading.Barrier(2, timeout=10)
    tries = {"a": 0, "b": 0}

    def both(name: str, first: int, second: int) -> None:
        def work(tx: Transaction) -> None:
            tries[name] += 1
            tx.execute(f"UPDATE t SET n = n + 1 WHERE id = {first}")
            if tries[name] == 1:
                met.wait()
            tx.execute(f"UPDATE t SET n = n + 1 WHERE id = {second}")

        db = Database(faulty.settings)
        db.atomically(work)
        db.close()

    other = threading.Thread(target=both, args=("b", 2, 1))
    other.start()
    both("a", 1, 2)
    other.join()
    assert sorted(tries.values()) == [1, 2], "one of them was the victim, once"
    assert value(faulty, "SELECT GROUP_CONCAT(n) FROM t") == "2,2"


@pytest.mark.parametrize(("for_service", "wanted"), [(True, 5), (False, 1)])
def test_a_lock_that_is_held_for_ever_ends_as_an_error(
    faulty: Database, for_service: bool, wanted: int
) -> None:
    tries = 0

    def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        tx.execute("SET innodb_lock_wait_timeout = 0")
        tx.execute("UPDATE t SET n = 5 WHERE id = 2")
        tx.execute("UPDATE t SET n = 5 WHERE id = 1")

    holder = Database(faulty.settings)
    with holder.transaction() as tx:
        tx.execute("UPDATE t SET n = 1 WHERE id = 1")
        waiting = Database(faulty.settings, for_service=for_service)
        with pytest.raises(StoreError, match="Something else is just changing"):
            waiting.atomically(work)
        waiting.close()
    holder.close()
    assert tries == wanted  # a person is told at once, and asks again
    assert value(faulty, "SELECT n FROM t WHERE id = 2") == 0


def test_an_ordinary_error_is_not_tried_again(faulty: Database) -> None:
    tries = 0

    def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        tx.execute("THIS IS NO SQL")

    with pytest.raises(StoreError):
        faulty.atomically(work)
    assert tries == 1


@pytest.mark.parametrize("fault", ["restart", "kill", "kill connection"])
def test_after_a_fault_the_next_transaction_connects_anew(
    server: PrivateMariaDB, faulty: Database, fault: str
) -> None:
    session = value(faulty, "SELECT CONNECTION_ID()")
    if fault == "restart":
        server.restart()
    elif fault == "kill":
        server.kill()
        with pytest.raises(StoreUnavailable):
            value(faulty, "SELECT 1")
        with pytest.raises(StoreUnavailable, match="cannot be reached"):
            value(faulty, "SELECT 1")
        server.start()
    else:
        other = Database(faulty.settings)
        with other.transaction() as tx:
            tx.execute(f"KILL {session}")
        other.close()
    if fault != "kill":
        with pytest.raises(StoreUnavailable):
            value(faulty, "SELECT 1")
    assert value(faulty, "SELECT COUNT(*) FROM t") == 2


def test_a_connection_that_died_while_idle_is_replaced_unseen(
    server: PrivateMariaDB, faulty: Database
) -> None:
    value(faulty, "SELECT 1")
    server.restart()
    faulty._local.used_at_s -= 60  # as if it had not been used for a minute
    assert value(faulty, "SELECT COUNT(*) FROM t") == 2


def test_what_was_not_committed_before_a_kill_is_gone(
    server: PrivateMariaDB, faulty: Database
) -> None:
    with pytest.raises(StoreUnavailable), faulty.transaction() as tx:
        tx.execute("UPDATE t SET n = 7")
        server.kill()
        tx.execute("UPDATE t SET n = 8")
    server.start()
    assert value(faulty, "SELECT SUM(n) FROM t") == 0


def test_a_thread_has_a_connection_of_its_own(faulty: Database) -> None:
    found = [value(faulty, "SELECT CONNECTION_ID()")]
    thread = threading.Thread(
        target=lambda: (
            found.append(value(faulty, "SELECT CONNECTION_ID()")),
            faulty.close(),
        )
    )
    thread.start()
    thread.join()
    assert len(set(found)) == 2


# --- COMMIT without an answer -------------------------------------------------


class CutAtCommit:
    """Stands between client and server, and cuts the line at the first COMMIT
    after an UPDATE (PyMySQL may send one of its own when it connects).

    `hands_on` = the server gets the COMMIT and answers; nobody hears it.
    """

    def __init__(self, server: PrivateMariaDB, path: Path, hands_on: bool) -> None:
        self.path = path
        self._server, self._hands_on = server, hands_on
        self._is_cut, self._is_answered = threading.Event(), threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        threading.Thread(target=self._relay, daemon=True).start()

    def _relay(self) -> None:
        client, _ = self._listener.accept()
        upstream = socket.socket(socket.AF_UNIX)
        upstream.connect(str(self._server.socket_path))
        answers = threading.Thread(target=self._answers, args=(upstream, client))
        answers.daemon = True
        answers.start()
        is_armed = False
        while data := client.recv(65536):
            is_armed = is_armed or b"UPDATE" in data
            if is_armed and b"COMMIT" in data:
                self._is_cut.set()
                if self._hands_on:
                    upstream.sendall(data)
                    assert self._is_answered.wait(10)
                break
            upstream.sendall(data)
        for line in (client, upstream):
            line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _answers(self, upstream: socket.socket, client: socket.socket) -> None:
        while data := upstream.recv(65536):
            if self._is_cut.is_set():
                self._is_answered.set()
                return
            client.sendall(data)


@pytest.mark.parametrize("hands_on", [True, False], ids=["committed", "not committed"])
def test_a_commit_without_an_answer_is_unknown_never_an_error_or_a_success(
    server: PrivateMariaDB, faulty: Database, tmp_path: Path, hands_on: bool
) -> None:
    cut = CutAtCommit(server, tmp_path / "cut.sock", hands_on)
    db = Database(settings_of(server, cut.path))
    tries = 0

    def work(tx: Transaction) -> None:
        nonlocal tries
        tries += 1
        tx.execute("UPDATE t SET n = 4 WHERE id = 1")

    with pytest.raises(CommitUnknown):
        db.atomically(work)
    assert tries == 1, "what may be committed is not done twice"
    assert value(faulty, "SELECT n FROM t WHERE id = 1") == (4 if hands_on else 0)


def test_a_part_is_undone_alone_and_tells_nothing(faulty: Database) -> None:
    told: list[str] = []
    with faulty.transaction() as tx:
        tx.execute("UPDATE t SET n = 1 WHERE id = 1")
        tx.after_commit.append(lambda: told.append("whole"))
        with pytest.raises(ZeroDivisionError), tx.part():
            tx.execute("UPDATE t SET n = 2 WHERE id = 2")
            tx.after_commit.append(lambda: told.append("part"))
            raise ZeroDivisionError
        with tx.part():
            tx.execute("INSERT INTO t VALUES (3, 3)")
    with faulty.transaction() as tx:
        assert tx.tuples("SELECT id, n FROM t ORDER BY id") == ((1, 1), (2, 0), (3, 3))
    assert told == ["whole"]


def test_what_the_server_refuses_undoes_the_part(faulty: Database) -> None:
    with faulty.transaction() as tx:
        tx.execute("UPDATE t SET n = 1")
        with pytest.raises(StoreError), tx.part():
            tx.execute("INSERT INTO t VALUES (4, 4)")
            tx.execute("INSERT INTO t VALUES (1, 1)")
    with faulty.transaction() as tx:
        assert tx.tuples("SELECT id, n FROM t ORDER BY id") == ((1, 1), (2, 1))


def test_a_deadlock_in_a_part_tries_the_whole_again(faulty: Database) -> None:
    tries: list[int] = []
    other = Database(faulty.settings)
    holding, waiting = threading.Event(), threading.Event()

    def hold() -> None:
        with other.transaction() as tx:
            tx.execute("UPDATE t SET n = 7 WHERE id = 2")
            tx.execute("INSERT INTO t SELECT id + 10, 0 FROM t WHERE id < 3")  # heavier
            holding.set()
            waiting.wait(10)
            tx.execute("UPDATE t SET n = 7 WHERE id = 1")

    thread = threading.Thread(target=hold)
    thread.start()
    holding.wait(10)

    def work(tx: Transaction) -> None:
        tries.append(1)
        tx.execute("UPDATE t SET n = 5 WHERE id = 1")
        with tx.part():
            waiting.set()
            tx.execute("UPDATE t SET n = 5 WHERE id = 2")

    faulty.atomically(work)
    thread.join()
    other.close()
    assert len(tries) == 2
    assert value(faulty, "SELECT SUM(n) FROM t WHERE id < 3") == 10
