"""Owns a visitor who speaks HTTP to a real server: cookies, tokens, uploads."""

from __future__ import annotations

import re
import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar

from massivesms.config import Config
from tests.web.test_serve import served, status_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
BOUNDARY = "b0undary0f0ne0file"


class Visitor:
    """One browser's cookies; `last` is the text of the last answer."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.last = ""
        handler = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(handler)

    def get(self, path: str) -> int:
        """The status of a page."""
        return self._open(urllib.request.Request(self.url + path))

    def post(
        self, path: str, values: Mapping[str, str], headers: Mapping[str, str] = {}
    ) -> int:
        """The status after sending a form with the token of the sign-in page."""
        data = urllib.parse.urlencode({"csrf_token": self.token(), **values}).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers))
        return self._open(request)

    def upload(
        self, path: str, values: Mapping[str, str], name: str, content: bytes
    ) -> int:
        """The status after sending a form with one file."""
        parts = [
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n'
            f"{value}\r\n"
            for key, value in {"csrf_token": self.token(), **values}.items()
        ]
        parts.append(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file";'
            f' filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
        )
        data = "".join(parts).encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()
        kind = f"multipart/form-data; boundary={BOUNDARY}"
        headers = {"Content-Type": kind}
        return self._open(urllib.request.Request(self.url + path, data, headers))

    def sign_in(self, name: str, password: str, **headers: str) -> int:
        """The status after trying to sign in."""
        return self.post("/sign-in", {"name": name, "password": password}, headers)

    def token(self) -> str:
        """The token of this browser's session."""
        self.get("/account/")
        found = TOKEN.search(self.last)
        assert found, self.last[:500]
        return found[1]

    def _open(self, request: urllib.request.Request) -> int:
        try:
            with self._opener.open(request, timeout=60) as answer:
                self.last = answer.read().decode("utf-8", "replace")
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                self.last = error.read().decode("utf-8", "replace")
            return error.code


@contextmanager
def server(config: Config) -> Iterator[tuple[str, int]]:
    """`massivesms web` with its two workers: its address and the master's pid."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with served(config, f"127.0.0.1:{port}") as process:
        status_of("127.0.0.1", port)
        yield f"http://127.0.0.1:{port}", process.pid
