"""Pages for what went wrong: in words, with the headers, without details."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask, abort

from massivesms.config import Config
from massivesms_web import MAX_UPLOAD, create_app, current
from tests.conftest import NEWER, OLDER
from tests.web.browser import Browser


def test_an_unknown_address_has_a_page(client: Browser) -> None:
    page = client.page("/no/such/page", status=404)
    assert page.h1 == ["There is nothing here"]


@pytest.mark.parametrize("status", [400, 403, 404, 413, 500])
def test_every_error_has_a_page(app: Flask, client: Browser, status: int) -> None:
    app.view_functions["users.index"] = lambda: abort(status)
    assert client.page("/users/", status=status).h1


def test_a_crash_shows_nothing_of_its_inside(app: Flask, client: Browser) -> None:
    def crash() -> str:
        raise RuntimeError("secret inside")

    app.view_functions["users.index"] = crash
    answer = client.get("/users/")
    assert answer.status_code == 500
    assert "secret inside" not in answer.text


def test_a_file_that_is_too_large_is_refused_in_words(client: Browser) -> None:
    answer = client.post(
        "/account/language",
        data={"file": (BytesIO(b"x"), "a.csv")},
        environ_overrides={"CONTENT_LENGTH": str(MAX_UPLOAD + 1)},
    )
    assert answer.status_code == 413
    assert "50 MB" in answer.text


def test_without_a_database_the_pages_say_so(config: Config) -> None:
    away = replace(config.database, socket="", host="127.0.0.1", port=1)
    app = create_app(replace(config, database=away))
    app.test_client_class = Browser
    browser = app.test_client()
    for path in ("/", "/sign-in", "/users/"):
        answer = browser.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert "The database is away" in answer.text
    assert browser.get("/static/app.css").status_code == 200


@pytest.mark.parametrize(
    ("change", "said"),
    [(OLDER, "massivesms setup --upgrade"), (NEWER, "of a newer massivesms")],
    ids=["older", "newer"],
)
def test_tables_of_another_version_are_said_until_they_are_right(
    app: Flask, versions: Callable[[str], None], change: str, said: str
) -> None:
    versions(change)
    browser = app.test_client()
    for path in ("/", "/sign-in", "/users/"):
        answer = browser.get(path, headers={"Accept-Language": "en"})
        assert answer.status_code == 503
        assert said in answer.text
    assert browser.get("/static/app.css").status_code == 200
    versions("DELETE FROM schema_migration WHERE version = 9999")
    versions("INSERT IGNORE INTO schema_migration VALUES (2, 'x', UTC_TIMESTAMP())")
    assert browser.get("/sign-in").status_code == 200


def test_tables_that_change_under_the_pages_are_looked_at_again(
    app: Flask, client: Browser, versions: Callable[[str], None]
) -> None:
    def ask() -> str:
        with current.db().transaction() as tx:
            return str(tx.value("SELECT no_such_column FROM campaign"))

    app.view_functions["users.index"] = ask
    versions(NEWER)
    client.page("/users/", status=409)
    assert "of a newer massivesms" in client.get("/users/").text


def test_a_fragment_gets_a_notice_and_not_a_page(client: Browser) -> None:
    answer = client.get("/trunks/7", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert "<html" not in answer.text and "notice" in answer.text


def test_a_form_that_has_expired_is_said_to_be(client: Browser) -> None:
    answer = client.post("/account/language", data={"language": "es"})
    assert answer.status_code == 400
    assert "The form has expired" in answer.text
