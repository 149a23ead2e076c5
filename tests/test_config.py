"""The configuration file: defaults, both databases, the key and its first use."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from massivesms import config as configuration
from massivesms.config import Config
from massivesms.errors import ConfigError
from massivesms.vault import Vault, derive


def load(tmp_path: Path, text: str) -> Config:
    file = tmp_path / "massivesms.conf"
    file.write_text(text, encoding="utf-8")
    return configuration.load(file)


def test_an_empty_file_means_the_defaults_of_a_pbx(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    assert (config.database.name, config.database.user) == ("massivesms", "massivesms")
    assert (config.cdr.name, config.cdr.table) == ("asteriskcdrdb", "cdr")
    assert config.listen == "127.0.0.1:8093"
    assert config.pid_file == Path("/run/massivesms/massivesms.pid")
    assert config.secret_key_file == tmp_path / "secret.key"


def test_the_call_records_are_on_the_same_server_unless_said(tmp_path: Path) -> None:
    base = "[database]\nsocket=/s\nuser=u\npassword=p\nport=3307\n"
    same = load(tmp_path, base).cdr
    assert (same.socket, same.user, same.password) == ("/s", "u", "p")
    other = load(tmp_path, base + "[cdr]\nhost=pbx\nuser=r\ntable=cdr2\n").cdr
    assert (other.host, other.port, other.socket) == ("pbx", 3307, "")
    assert (other.user, other.password, other.table) == ("r", "p", "cdr2")


def test_an_empty_password_is_none_and_not_the_other_databases(tmp_path: Path) -> None:
    base = "[database]\nuser=u\npassword=p\n"
    cdr = load(tmp_path, base + "[cdr]\nuser=r\npassword=\n").cdr
    assert (cdr.user, cdr.password) == ("r", "")
    nobody = load(tmp_path, base + "[cdr]\nuser=\n").cdr
    assert (nobody.user, nobody.password) == ("", "p")


@pytest.mark.parametrize(
    "password",
    ["a%b", "%(user)s", "a#b", "a;b", "a=b", "a:b", "'a'", '"a"', "ñ€", "a b", "$x"],
)
def test_a_password_is_taken_as_it_stands(tmp_path: Path, password: str) -> None:
    config = load(tmp_path, f"[database]\npassword = {password}\n")
    assert config.database.password == password


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert load(tmp_path, "\ufeff[database]\nuser = u\n").database.user == "u"


def test_a_socket_is_looked_for_where_distributions_put_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "mysql.sock"
    there.touch()
    monkeypatch.setattr(configuration, "DEFAULT_SOCKETS", ("/none", str(there)))
    assert load(tmp_path, "").database.socket == str(there)
    over_tcp = load(tmp_path, "[database]\nhost = db\n").database
    assert (over_tcp.host, over_tcp.socket) == ("db", "")


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "²", "3306.5"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(ConfigError, match="is not a port"):
        load(tmp_path, f"[database]\nport = {port}\n")


def test_the_key_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: config.secret_key(), range(64)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert sorted(os.listdir(tmp_path)) == ["massivesms.conf", "secret.key"]


def test_a_key_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    config = load(tmp_path, "[web]\nsecret_key_file = /proc/none/secret.key\n")
    with pytest.raises(ConfigError, match=r"secret\.key cannot be read"):
        config.secret_key()


def test_the_key_of_the_pbx_is_read_and_never_made(tmp_path: Path) -> None:
    config = load(tmp_path, "")
    with pytest.raises(ConfigError, match=r"sso\.key, is missing.*massivesms setup"):
        config.sso_key()
    assert not config.sso_key_file.exists()
    config.sso_key_file.write_text("AB" * 32 + "\n")
    config.sso_key_file.chmod(0o640)
    assert config.sso_key() == b"\xab" * 32


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("ab" * 32, 0o644, r"can be read by everybody"),
        ("ab" * 31, 0o640, r"is damaged"),
        ("xy" * 32, 0o640, r"is damaged"),
        ("", 0o640, r"is damaged"),
    ],
    ids=["open to all", "short", "no digits", "empty"],
)
def test_a_key_of_the_pbx_that_cannot_be_trusted_is_said(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    config = load(tmp_path, "")
    config.sso_key_file.write_text(text)
    config.sso_key_file.chmod(mode)
    with pytest.raises(ConfigError, match=said):
        config.sso_key()


def test_secrets_come_back_and_only_with_the_same_key() -> None:
    vault = Vault(b"k" * 32)
    sealed = vault.seal({"password": "señal"})
    assert sealed != vault.seal({"password": "señal"})
    assert vault.open(sealed) == {"password": "señal"}
    assert vault.open(None) == {}
    with pytest.raises(ConfigError, match="another key file"):
        Vault(b"x" * 32).open(sealed)


def test_each_purpose_has_a_key_of_its_own() -> None:
    assert derive(b"k" * 32, "a") != derive(b"k" * 32, "b")
    assert len(derive(b"k" * 32, "a")) == 32
