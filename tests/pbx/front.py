"""Owns the web server in front of both: the PBX's pages and /massivesms/ on one host.

What packaging/apache/massivesms.conf makes of Apache, in Python; it also remembers
what was asked for and with which Referer, so that tests can look for secrets.
"""

from __future__ import annotations

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PREFIX = "/massivesms"
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}
OURS = ("X-Forwarded-Prefix", "X-Forwarded-Proto", "X-Forwarded-Host")


class Front:
    """A reverse proxy; `asked` has "METHOD target" and the Referer of each request."""

    def __init__(self, pbx: str, web: str) -> None:
        self.asked: list[tuple[str, str]] = []
        front = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:  # noqa: N802 - the library's name
                front.asked.append(
                    (f"{self.command} {self.path}", self.headers.get("Referer", ""))
                )
                is_ours = self.path.startswith(PREFIX + "/")
                _forward(self, web if is_ours else pbx, is_ours=is_ours)

            do_POST = do_GET  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Takes nobody any more."""
        self._server.shutdown()
        self._server.server_close()


def _forward(asked: BaseHTTPRequestHandler, address: str, *, is_ours: bool) -> None:
    path = asked.path.removeprefix(PREFIX) if is_ours else asked.path
    headers = {k: v for k, v in asked.headers.items() if k.lower() not in HOP_BY_HOP}
    for name in OURS:
        headers.pop(name, None)
    if is_ours:
        headers["X-Forwarded-Prefix"] = PREFIX
        headers["X-Forwarded-Proto"] = "http"
    length = int(asked.headers.get("Content-Length") or 0)
    inner = http.client.HTTPConnection(address, timeout=60)
    try:
        inner.request(asked.command, path, asked.rfile.read(length), headers)
        answer = inner.getresponse()
        body = answer.read()
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(body)))
        asked.end_headers()
        asked.wfile.write(body)
    except ConnectionError:  # the browser has gone to another page
        asked.close_connection = True
    finally:
        inner.close()
