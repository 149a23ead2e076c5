"""Keeps the promises of tests/servers/mariadb.py, on real servers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
import pytest

from tests.servers import mariadb_data
from tests.servers.mariadb import MariaDBError, PrivateMariaDB

REPOSITORY = Path(__file__).parents[2]


def ask(server: PrivateMariaDB, sql: str) -> Any:
    """The first value of the first row, on a connection of its own."""
    connection = pymysql.connect(**server.connect_args, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
        return row[0] if row else None


def wait_until_gone(pid: int) -> None:
    give_up_at = time.monotonic() + 20
    while Path(f"/proc/{pid}/cmdline").exists():
        if not Path(f"/proc/{pid}/cmdline").read_bytes():
            return  # a zombie: it has ended, and whoever reaps it is slow
        assert time.monotonic() < give_up_at, f"process {pid} still lives"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def server() -> Iterator[PrivateMariaDB]:
    with PrivateMariaDB() as server:
        server.create_database("kept")
        ask(server, "CREATE TABLE kept.t (id INT PRIMARY KEY, text TEXT)")
        yield server


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("time_zone", "+00:00"),
        ("character_set_server", "utf8mb4"),
        ("skip_networking", 1),
        ("innodb_doublewrite", 1),  # what a SIGKILL tears is mended
    ],
)
def test_the_server_is_set_up_for_us(
    server: PrivateMariaDB, variable: str, value: object
) -> None:
    assert ask(server, f"SELECT @@global.{variable}") == value


def test_only_root_and_no_anonymous_user_exists(server: PrivateMariaDB) -> None:
    users = "SELECT GROUP_CONCAT(user, '@', host) FROM mysql.user WHERE user <> "
    assert ask(server, users + "'mariadb.sys'") == "root@localhost"


def test_the_socket_lies_in_a_directory_of_our_own(server: PrivateMariaDB) -> None:
    assert server.socket_path.parent.stat().st_mode & 0o777 == 0o700


def test_a_restart_keeps_the_data(server: PrivateMariaDB) -> None:
    ask(server, "INSERT INTO kept.t VALUES (1, 'ñandú €')")
    before = server.pid
    server.restart()
    assert server.pid != before
    assert ask(server, "SELECT text FROM kept.t WHERE id = 1") == "ñandú €"


def test_what_was_committed_survives_a_kill(server: PrivateMariaDB) -> None:
    ask(server, "INSERT INTO kept.t VALUES (2, 'committed')")
    server.kill()
    assert server.pid is None
    with pytest.raises(pymysql.OperationalError):
        ask(server, "SELECT 1")
    server.start()
    assert ask(server, "SELECT text FROM kept.t WHERE id = 2") == "committed"


def test_a_frozen_server_does_not_answer_and_a_thawed_one_does(
    server: PrivateMariaDB,
) -> None:
    with pymysql.connect(**server.connect_args, read_timeout=1) as connection:
        server.freeze()
        with pytest.raises(pymysql.OperationalError), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        server.thaw()
        assert ask(server, "SELECT 1") == 1


def test_a_frozen_server_can_be_stopped_and_started(server: PrivateMariaDB) -> None:
    server.freeze()
    server.restart()
    assert ask(server, "SELECT 1") == 1


def test_starting_twice_is_starting_once(server: PrivateMariaDB) -> None:
    before = server.pid
    assert server.start().pid == before


@pytest.mark.parametrize("name", ["", "a`b", "a b", "ñ", "x" * 65])
def test_a_strange_database_name_is_refused(server: PrivateMariaDB, name: str) -> None:
    with pytest.raises(ValueError, match="plain name"):
        server.create_database(name)


def test_over_tcp_users_come_in_and_root_does_not() -> None:
    with PrivateMariaDB(tcp=True) as server:
        server.create_database("d")
        args = server.create_user("u", "pa'ss", "d")
        assert (args["host"], args["port"]) == ("127.0.0.1", server.port)
        pymysql.connect(**args).close()
        server.restart()
        pymysql.connect(**args).close()  # the port stays
        with pytest.raises(pymysql.OperationalError, match="Access denied"):
            pymysql.connect(host="127.0.0.1", port=server.port or 0, user="root")


def test_a_durable_server_waits_for_the_disk(tmp_path: Path) -> None:
    with PrivateMariaDB(tmp_path, durable=True) as server:
        assert ask(server, "SELECT @@innodb_flush_log_at_trx_commit") == 1
        assert ask(server, "SELECT @@innodb_flush_method") != "nosync"


def test_a_long_path_and_an_unfinished_directory_are_no_trouble(
    tmp_path: Path,
) -> None:
    directory = tmp_path / ("long" * 30)
    (directory / "data.new").mkdir(parents=True)
    (directory / "data.new" / "half").touch()
    with PrivateMariaDB(directory, extra=["--max-connections=17"]) as server:
        assert ask(server, "SELECT @@max_connections") == 17
        short = server.socket_path.parent
        assert short.exists()
    assert not short.exists()
    assert (directory / "data").exists()


def test_a_temporary_directory_goes_away() -> None:
    with PrivateMariaDB() as server:
        assert server.directory.exists()
    assert not server.directory.exists()


def test_a_second_server_on_the_same_data_is_refused(
    server: PrivateMariaDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mariadb_data, "LOCK_TIMEOUT_S", 0.1)
    with pytest.raises(MariaDBError, match="another server"):
        PrivateMariaDB(server.directory).start()
    assert ask(server, "SELECT 1") == 1


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = PrivateMariaDB(tmp_path, extra=["--no-such-option"])
    with pytest.raises(MariaDBError, match="no-such-option"):
        server.start()
    assert server.pid is None


def test_it_dies_with_whoever_started_it(tmp_path: Path) -> None:
    program = (
        "import sys; from tests.servers.mariadb import PrivateMariaDB;"
        "print(PrivateMariaDB(sys.argv[1]).start().pid, flush=True);"
        "sys.stdin.read()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert starter.stdout is not None
    pid = int(starter.stdout.readline())
    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()
    wait_until_gone(pid)
    # Its socket and pid file are still there; the next one is not disturbed.
    with PrivateMariaDB(tmp_path) as server:
        assert ask(server, "SELECT 1") == 1
