"""Every command when configuration, database or key are not as they should be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from tests.cli.conftest import Run, as_process, in_process
from tests.conftest import NEWER
from tests.servers.mariadb import PrivateMariaDB

ODD_PASSWORD = "a%b#c;d'e\"f g\\h=ñ€"
EVERY_NOUN = [
    ("db", "status"),
    ("user", "list"),
    ("config", "show"),
    ("trunk", "list"),
    ("list", "list"),
    ("campaign", "list"),
    ("send", "600111222", "Hola", "--queue"),
]
NOUNS = pytest.mark.parametrize("words", EVERY_NOUN, ids=[w[0] for w in EVERY_NOUN])


def write(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


@NOUNS
def test_a_missing_file_is_said_in_one_line(tmp_path: Path, words: list[str]) -> None:
    ran = in_process("--config", tmp_path / "none.conf", *words)
    ran.refused("none.conf cannot be read: No such file")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("nonsense", ["not a valid configuration"], id="no INI"),
        pytest.param("[database]\nhots = x\n", ["[database] hots"], id="unknown key"),
        pytest.param("[datebase]\n", ["[datebase]"], id="unknown section"),
        pytest.param("[database]\nport = x\n", ["[database]", "x"], id="port"),
        pytest.param("[cdr]\nport = 70000\n", ["[cdr]", "70000"], id="cdr port"),
        pytest.param("[web]\nlisten=a\nlisten=b\n", ["listen"], id="twice"),
    ],
)
def test_a_mistake_in_the_file_is_named(
    tmp_path: Path, text: str, words: list[str]
) -> None:
    file = write(tmp_path / "bad.conf", text)
    in_process("--config", file, "trunk", "list").refused("bad.conf", *words)


def test_a_file_that_is_not_text_or_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.conf").write_bytes(b"[database]\nname = caf\xe9\n")
    in_process("--config", tmp_path / "latin.conf", "trunk", "list").refused("latin")
    in_process("--config", tmp_path, "trunk", "list").refused("Is a directory")


def test_the_environment_names_the_file_and_the_option_wins(
    config: Config, db: Database, tmp_path: Path
) -> None:
    env = {"MASSIVESMS_CONFIG": str(config.file)}
    as_process("db", "status", env=env).done()
    env = {"MASSIVESMS_CONFIG": str(tmp_path / "none.conf")}
    as_process("db", "status", env=env).refused("none.conf")
    as_process("--config", config.file, "db", "status", env=env).done()


@NOUNS
def test_a_database_that_is_away_is_said(tmp_path: Path, words: list[str]) -> None:
    file = write(tmp_path / "c.conf", f"[database]\nsocket = {tmp_path}/none.sock\n")
    in_process("--config", file, *words).refused("none.sock cannot be reached")


def test_a_server_that_refuses_the_connection_is_said(tmp_path: Path) -> None:
    file = write(tmp_path / "c.conf", "[database]\nhost = 127.0.0.1\nport = 1\n")
    in_process("--config", file, "trunk", "list").refused("127.0.0.1:1", "reached")


@pytest.fixture
def bare(mariadb: PrivateMariaDB, tmp_path: Path) -> Iterator[Path]:
    """A configuration on a database without tables."""
    mariadb.create_database("bare")
    yield write(
        tmp_path / "bare.conf",
        f"[database]\nsocket = {mariadb.socket_path}\nuser = root\nname = bare\n",
    )
    mariadb.drop_database("bare")


@NOUNS
def test_a_database_without_tables_says_what_to_run(
    bare: Path, words: list[str]
) -> None:
    in_process("--config", bare, *words).refused("massivesms setup --upgrade")


def test_the_status_of_a_newer_database_is_no_praise(
    run: Run, versions: Callable[[str], None]
) -> None:
    versions(NEWER)
    run("db", "status").refused("of a newer massivesms")


def test_upgrade_makes_the_tables_and_may_be_run_again(bare: Path) -> None:
    status = in_process("--config", bare, "db", "status", "--json").done().json
    assert (status["applied"], status["pending"][0]) == ([], "0001_initial.sql")
    ran = as_process("--config", bare, "db", "upgrade").done()
    assert "applied 0001_initial.sql" in ran.out
    again = as_process("--config", bare, "db", "upgrade").done()
    assert again.out == "The database is up to date.\n"
    in_process("--config", bare, "db", "status").done()
    in_process("--config", bare, "trunk", "list", "--json").done()


def test_a_database_that_does_not_exist_is_said(
    mariadb: PrivateMariaDB, tmp_path: Path
) -> None:
    server = f"socket = {mariadb.socket_path}\nuser = root\nname = nowhere\n"
    file = write(tmp_path / "c.conf", f"[database]\n{server}")
    in_process("--config", file, "db", "upgrade").refused("nowhere")


@pytest.fixture(scope="module")
def network() -> Iterator[tuple[PrivateMariaDB, dict[str, object]]]:
    """A server over TCP, and an account with an odd password."""
    with PrivateMariaDB(tcp=True) as server:
        server.create_database("ours")
        yield server, server.create_user("pbx", ODD_PASSWORD, "ours")


def over_tcp(network: tuple[PrivateMariaDB, dict[str, object]], password: str) -> str:
    _, args = network
    return (
        f"[database]\nhost = {args['host']}\nport = {args['port']}\n"
        f"user = pbx\npassword = {password}\nname = ours\n"
    )


def test_over_tcp_with_an_odd_password_everything_works(
    network: tuple[PrivateMariaDB, dict[str, object]], tmp_path: Path
) -> None:
    file = write(tmp_path / "tcp.conf", over_tcp(network, ODD_PASSWORD))
    as_process("--config", file, "db", "upgrade").done()
    in_process("--config", file, "config", "set", "country_code", "34").done()
    in_process("--config", file, "send", "600111222", "ñ €", "--queue").done()


def test_a_wrong_database_password_is_said_without_showing_it(
    network: tuple[PrivateMariaDB, dict[str, object]], tmp_path: Path
) -> None:
    file = write(tmp_path / "tcp.conf", over_tcp(network, "hunter2-wrong"))
    ran = in_process("--config", file, "trunk", "list").refused("Access denied")
    assert "hunter2" not in ran.err


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        pytest.param(b"00" * 32, 0o644, ["chmod o-rwx"], id="readable by all"),
        pytest.param(b"0011\n", 0o600, ["64 hexadecimal"], id="short"),
        pytest.param(b"hello" * 20, 0o600, ["64 hexadecimal"], id="no digits"),
        pytest.param(b"\xff" * 64, 0o600, ["64 hexadecimal"], id="binary"),
    ],
)
def test_a_bad_key_file_is_refused_in_words(
    run: Run, config: Config, content: bytes, mode: int, words: list[str]
) -> None:
    config.secret_key_file.write_bytes(content)
    config.secret_key_file.chmod(mode)
    ran = run(
        *("trunk", "add", "T", "--type", "smpp", "--set", "host=h"),
        *("--set", "system_id=a", "--set", "password=b"),
    )
    ran.refused("secret.key", *words)


def test_the_key_file_is_made_at_first_use_for_its_owner_only(
    run: Run, config: Config
) -> None:
    run(
        "trunk", "add", "T", "--type", "smpp", "--set", "host=h", "--set", "system_id=a"
    ).done()
    assert config.secret_key_file.stat().st_mode & 0o777 == 0o600


def test_help_and_version_need_no_configuration(tmp_path: Path) -> None:
    in_process("--config", tmp_path / "none", "--help").done()
    assert in_process("--version").done().out.startswith("massivesms")
    in_process("nonsense").misused("nonsense")
