"""Framing: the own origin may show the pages in a frame, no other one may."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.journey.stack import Stack

PATIENCE_MS = 15_000
HTML = "text/html"


@pytest.fixture
def stranger_site(stack: Stack) -> Iterator[str]:
    """A page of another origin with our sign-in page in a frame."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # noqa: N802 - the library's name
            html = f'<iframe id="f" src="{stack.url}/sign-in"></iframe>'.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(html)))
            self.end_headers()
            self.wfile.write(html)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def test_another_origin_shows_none_of_our_pages(
    browser: Browser, stranger_site: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text))
    page.goto(stranger_site)
    page.wait_for_timeout(500)
    (frame,) = page.frames[1:]
    assert frame.locator("input[name=password]").count() == 0
    assert any("frame-ancestors" in text for text in refused), refused
    context.close()


def test_the_own_origin_may_show_them(browser: Browser, stack: Stack) -> None:
    """As the PBX does, which serves both under one address."""
    context = browser.new_context()
    page = context.new_page()
    frame = '<!doctype html><iframe src="/sign-in"></iframe>'
    page.route(f"{stack.url}/pbx", lambda r: r.fulfill(body=frame, content_type=HTML))
    page.goto(f"{stack.url}/pbx")
    inner = page.frame_locator("iframe").locator("input[name=password]")
    inner.wait_for(state="attached", timeout=PATIENCE_MS)
    context.close()
