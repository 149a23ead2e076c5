"""Signing in and out: the right words, the same time, and few tries."""

from __future__ import annotations

import pytest
from flask import Flask

from massivesms.store.db import Database
from massivesms_web.pages import sign_in
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD, ClientAs, add_user

WRONG = "not the right password"


def is_signed_in(browser: Browser) -> bool:
    return browser.get("/account/").status_code == 200


def test_a_visitor_is_sent_to_sign_in_and_back(anonymous: Browser) -> None:
    answer = anonymous.get("/account/?a=1")
    assert answer.status_code == 302
    assert answer.location == "/sign-in?next=/account/?a%3D1"


def test_after_signing_in_one_is_where_one_wanted_to_be(
    anonymous: Browser, db: Database
) -> None:
    add_user(db, "ana", "administrator")
    answer = anonymous.send(
        "/sign-in",
        {"name": "ana", "password": PASSWORD, "next": "/users/"},
        follow=False,
    )
    assert answer.location == "/users/"


@pytest.mark.parametrize(
    "wanted", ["//evil.example/", "https://evil.example/", "/\\evil.example", "x", ""]
)
def test_nobody_is_led_to_another_host(app: Flask, wanted: str) -> None:
    with app.test_request_context("/"):
        assert sign_in.safe_next(wanted) == "/"


@pytest.mark.parametrize(
    ("wanted", "place"),
    [
        ("/campaigns/2", "/massivesms/campaigns/2"),
        ("/massivesms/campaigns/2?state=x", "/massivesms/campaigns/2?state=x"),
        ("/massivesms//evil.example", "/massivesms//evil.example"),
        ("//evil.example", "/massivesms/"),
    ],
)
def test_below_a_prefix_one_comes_back_with_or_without_it(
    app: Flask, wanted: str, place: str
) -> None:
    with app.test_request_context("/", base_url="http://pbx/massivesms"):
        assert sign_in.safe_next(wanted) == place


def test_a_fragment_sends_the_whole_page_to_sign_in(anonymous: Browser) -> None:
    answer = anonymous.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in"


def test_a_page_that_refreshes_itself_keeps_nobody_signed_in(
    client: Browser, db: Database
) -> None:
    """Only what a person does extends the session."""
    client.get("/")
    with db.transaction() as tx:
        tx.execute(
            "UPDATE web_session SET data = JSON_SET(data, '$._seen', 0),"
            " expires_at = UTC_TIMESTAMP(3) + INTERVAL 1 MINUTE"
        )
    soon = (
        "SELECT MAX(expires_at) < UTC_TIMESTAMP(3) + INTERVAL 1 HOUR FROM web_session"
    )
    client.get("/", headers={"HX-Request": "true"})
    with db.transaction() as tx:
        assert tx.value(soon) == 1
    client.get("/")
    with db.transaction() as tx:
        assert tx.value(soon) == 0


def test_an_operator_signs_in_too(client_as: ClientAs) -> None:
    assert is_signed_in(client_as("operator"))
