"""The line to a server: its certificate is checked, and each address is tried."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from massivesms.domain import own_hosts
from massivesms.sources import reading
from massivesms.sources.found import Place, SourceFailed
from massivesms.sources.reading import Wanted
from tests.servers.mariadb import PrivateMariaDB
from tests.servers.postgresql import PASSWORD, PrivatePostgreSQL
from tests.trunks.certificates import Authority

MakePlace = Callable[..., Place]
NAME = "erp.example"
QUERY = "SELECT '600111222' AS celular"
OWN = own_hosts.read("127.0.0.0/8")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """It signed what both servers show: a certificate for NAME."""
    folder = tmp_path_factory.mktemp("authority")
    found = Authority(folder)
    found.server(NAME)
    return found


@pytest.fixture(scope="module")
def encrypted_mysql(authority: Authority) -> Iterator[dict[str, Any]]:
    pem = authority.path.with_name("server2.pem")
    tls = (f"--ssl-cert={pem}", f"--ssl-key={pem}", f"--ssl-ca={authority.path}")
    with PrivateMariaDB(tcp=True, extra=tls) as server:
        server.create_database("erp")
        server.create_user("lector", PASSWORD, "erp")
        yield {
            "kind": "mysql", "port": server.port, "user": "lector", "database": "erp",
        }  # fmt: skip


@pytest.fixture(scope="module")
def encrypted_postgresql(authority: Authority) -> Iterator[dict[str, Any]]:
    with PrivatePostgreSQL(authority.path.with_name("server2.pem")) as server:
        yield {
            "kind": "postgresql", "port": server.port, "user": "postgres",
            "database": "postgres",
        }  # fmt: skip


@pytest.fixture(params=["mysql", "postgresql"])
def encrypted(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each kind of server that shows a certificate."""
    found: dict[str, Any] = request.getfixturevalue(f"encrypted_{request.param}")
    return {**found, "tls": True, "query": QUERY, "own_hosts": OWN}


@pytest.fixture
def trusted(
    encrypted: dict[str, Any], authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine trusts the authority.

    Not by the environment for PostgreSQL, whose library brings an OpenSSL that knows
    nothing of the machine's authorities otherwise.
    """
    if encrypted["kind"] == "mysql":
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.path))
    else:
        paths = ssl.get_default_verify_paths()._replace(cafile=str(authority.path))
        monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)


@pytest.fixture
def known_as(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives NAME its addresses, as a name server would."""
    ask = socket.getaddrinfo

    def answer(host: object, port: Any, *more: Any, **named: Any) -> Any:
        if host != NAME:
            return ask(host, port, *more, **named)  # type: ignore[arg-type]
        return [one for at in told for one in ask(at, port, *more, **named)]

    told: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", answer)
    return lambda *addresses: told.extend(addresses)


def read(place: Place) -> list[str]:
    with reading.opened(place) as found:
        rows = reading.rows(found, Wanted(), place.most_rows)
        return [row.number for row in rows]


@pytest.mark.usefixtures("trusted")
def test_a_server_with_the_certificate_of_its_name_is_read(
    encrypted: dict[str, Any], place: MakePlace, known_as: Callable[..., None]
) -> None:
    known_as("127.0.0.1")
    assert read(place(encrypted, host=NAME)) == ["600111222"]


@pytest.mark.usefixtures("trusted")
def test_a_server_with_the_certificate_of_another_name_is_refused(
    encrypted: dict[str, Any], place: MakePlace
) -> None:
    with pytest.raises(SourceFailed, match="127.0.0.1"):
        read(place(encrypted, host="127.0.0.1"))


def test_a_server_with_a_certificate_of_nobody_known_is_refused(
    encrypted: dict[str, Any], place: MakePlace, known_as: Callable[..., None]
) -> None:
    known_as("127.0.0.1")
    with pytest.raises(SourceFailed, match="certificate"):
        read(place(encrypted, host=NAME))


def test_a_server_without_a_certificate_is_refused(
    mysql: dict[str, Any], postgresql: dict[str, Any], place: MakePlace
) -> None:
    for one in (mysql, postgresql):
        with pytest.raises(SourceFailed, match="SSL"):
            read(place(one, tls=True, query=QUERY))


@pytest.mark.parametrize("kind", ["mysql", "postgresql"])
def test_each_address_of_a_server_is_tried(
    kind: str,
    request: pytest.FixtureRequest,
    place: MakePlace,
    known_as: Callable[..., None],
) -> None:
    known_as("127.0.0.2", "127.0.0.1")  # nobody listens at the first
    given = {**request.getfixturevalue(kind), "host": NAME, "query": QUERY}
    assert read(place(given, own_hosts=OWN)) == ["600111222"]
