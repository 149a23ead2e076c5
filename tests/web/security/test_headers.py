"""Headers: on every answer of every address, refusals and crashes too."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from tests.web.browser import Browser, check_headers
from tests.web.security.house import House, methods, rules


def check(answer: TestResponse, *, is_file: bool = False) -> None:
    check_headers(answer)
    policy = answer.headers["Content-Security-Policy"]
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    assert directives["script-src"] == directives["style-src"] == "'self'"
    assert directives["base-uri"] == "'none'" and directives["form-action"] == "'self'"
    assert "'self'" in directives["frame-ancestors"]
    assert "unsafe" not in policy and "*" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if not is_file:
        assert "no-store" in answer.headers["Cache-Control"]
    assert "Server" not in answer.headers
    assert answer.headers.get("Access-Control-Allow-Origin") is None


def test_every_address_has_them(app: Flask, client: Browser, house: House) -> None:
    for rule in rules(app):
        url = house.address(app, rule)
        for method in methods(rule):
            check(client.open(url, method=method))
        check(client.open(url, method="OPTIONS"))
        check(client.open(url, method="DELETE"))


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 429, 500, 503])
def test_every_refusal_has_them(app: Flask, client: Browser, status: int) -> None:
    class Refused(HTTPException):
        code = status
        description = "x"

    def refuse() -> str:
        raise Refused

    app.view_functions["users.index"] = refuse
    answer = client.get("/users/")
    assert answer.status_code == status
    check(answer)


def test_a_crash_has_them(app: Flask, client: Browser) -> None:
    def crash() -> str:
        raise RuntimeError

    app.view_functions["users.index"] = crash
    answer = client.get("/users/")
    assert answer.status_code == 500
    check(answer)


@pytest.mark.parametrize(
    "path",
    ["/static/app.js", "/static/none.js", "/static/../secret.key", "/%00"],
)
def test_files_and_nonsense_have_them(client: Browser, path: str) -> None:
    answer = client.get(path)
    check(answer, is_file=answer.status_code == 200)


def test_visitors_get_them_too(anonymous: Browser) -> None:
    for path in ("/", "/sign-in", "/no/such/page"):
        check(anonymous.get(path))


def test_pages_are_kept_by_nobody_and_files_by_the_browser(client: Browser) -> None:
    assert "no-store" in client.get("/").headers["Cache-Control"]
    assert "max-age" in client.get("/static/app.js").headers["Cache-Control"]
