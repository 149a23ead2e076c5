"""A browser's part: signs in by the form, keeps cookies, times pages."""

from __future__ import annotations

import html
import re
import time
from http.client import HTTPConnection
from urllib.parse import urlencode

from scripts.demonstration.place import DemoFailed

TIMEOUT_S = 120.0
TOKEN = re.compile(r'<input[^>]*name="csrf_token"[^>]*value="([^"]+)"')
LINK = re.compile(r'href="([^"]+)"')


class Visitor:
    """One browser with one connection that stays open."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection = HTTPConnection(address, timeout=TIMEOUT_S)
        self._cookies: dict[str, str] = {}

    def sign_in(self, name: str, password: str) -> None:
        """By the real form. Raises DemoFailed when that is refused."""
        token = TOKEN.search(self.page("/sign-in"))
        if not token:
            raise DemoFailed("the sign-in page has no form")
        form = {"name": name, "password": password, "csrf_token": token[1]}
        status, _ = self._ask("POST", "/sign-in", urlencode(form))
        if status != 302:
            raise DemoFailed(f"signing in was answered with {status}")

    def page(self, path: str) -> str:
        """A page's HTML. Raises DemoFailed when it is anything but 200."""
        status, body = self._ask("GET", path)
        if status != 200:
            raise DemoFailed(f"{path} was answered with {status}")
        return body.decode()

    def timed_ms(self, path: str) -> float:
        """From the request to the last byte of the answer."""
        began_s = time.perf_counter()
        self.page(path)
        return (time.perf_counter() - began_s) * 1000

    def link(self, path: str, pattern: str) -> str:
        """The first link of a page whose address has the pattern in it."""
        for found in LINK.findall(self.page(path)):
            address = html.unescape(found).partition("#")[0]
            if re.search(pattern, address):
                return address
        raise DemoFailed(f"{path} has no link with {pattern}")

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _ask(
        self, method: str, path: str, body: str | None = None
    ) -> tuple[int, bytes]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if self._connection.sock is None:
            self._connection.connect()
        try:
            self._connection.request(method, path, body or None, headers)
            answer = self._connection.getresponse()
        except ConnectionError:  # kept open for too long: once more, on a new one
            self._connection.close()
            self._connection.request(method, path, body or None, headers)
            answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return answer.status, answer.read()
