"""Serving: gunicorn answers on a port and on a socket file, and whom it believes."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from massivesms.config import Config
from massivesms_web.serve import BehindProxy

START = "from massivesms import config; from massivesms_web import serve;"
START += " serve.serve(config.load())"
START_TIMEOUT_S = 30.0
CLAIMS = {
    "HTTP_X_FORWARDED_FOR": "10.9.9.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_PREFIX": "/massivesms",
    "HTTP_X_FORWARDED_HOST": "pbx.example",
}


def believed(address: str, *, is_socket: bool) -> dict[str, Any]:
    """What the application sees of a request from an address that claims much."""
    seen: dict[str, Any] = {}

    def app(environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        seen.update(environ)
        return []

    environ = {
        "REMOTE_ADDR": address,
        "wsgi.url_scheme": "http",
        "HTTP_HOST": "x",
        **CLAIMS,
    }
    BehindProxy(app, is_socket)(environ, None)
    return seen


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_a_proxy_here_says_where_the_pages_are(address: str) -> None:
    seen = believed(address, is_socket=False)
    assert seen["wsgi.url_scheme"] == "https"
    assert seen["SCRIPT_NAME"] == "/massivesms"
    assert seen["HTTP_HOST"] == "pbx.example"


def test_over_tcp_nobody_says_who_came() -> None:
    assert believed("127.0.0.1", is_socket=False)["REMOTE_ADDR"] == "127.0.0.1"


def test_behind_a_socket_file_the_proxy_says_who_came() -> None:
    assert believed("", is_socket=True)["REMOTE_ADDR"] == "10.9.9.9"


def test_from_elsewhere_nothing_is_believed() -> None:
    seen = believed("192.168.1.7", is_socket=False)
    assert seen["wsgi.url_scheme"] == "http"
    assert not seen.get("SCRIPT_NAME")
    assert seen["REMOTE_ADDR"] == "192.168.1.7"


@contextmanager
def served(config: Config, listen: str) -> Iterator[subprocess.Popen[bytes]]:
    text = config.file.read_text().replace("127.0.0.1:0", listen)
    config.file.write_text(text)
    environment = {**os.environ, "MASSIVESMS_CONFIG": str(config.file)}
    command = [sys.executable, "-c", START]
    with subprocess.Popen(command, env=environment) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


def status(connection: http.client.HTTPConnection, path: str) -> int:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while True:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        except OSError:
            connection.close()
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.1)


def status_of(host: str, port: int, path: str = "/sign-in") -> int:
    """The status of a page, as soon as the server answers."""
    connection = http.client.HTTPConnection(host, port, timeout=20)
    try:
        return status(connection, path)
    finally:
        connection.close()


@pytest.mark.usefixtures("db")
def test_it_answers_on_a_port_and_ends_in_order(config: Config) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(config, f"127.0.0.1:{port}") as process:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        assert status(connection, "/sign-in") == 200
        assert status(connection, "/static/app.css") == 200
        connection.close()
    assert process.returncode == 0


@pytest.mark.usefixtures("db")
def test_it_answers_on_a_socket_file(config: Config, tmp_path: Path) -> None:
    file = tmp_path / "web.sock"
    with served(config, f"unix:{file}"):
        connection = http.client.HTTPConnection("pbx", timeout=20)
        connection.connect = lambda: _connect(connection, file)  # type: ignore
        assert status(connection, "/sign-in") == 200
        connection.close()


def _connect(connection: http.client.HTTPConnection, file: Path) -> None:
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(file))
