"""One's own account: the password and the language."""

from __future__ import annotations

import pytest

from massivesms.store.db import Database
from tests.web.browser import Browser
from tests.web.conftest import PASSWORD

NEW = "another long passphrase"


def change(browser: Browser, present: str, new: str, again: str | None = None) -> str:
    values = {"present": present, "password": new, "repeated": again or new}
    return browser.send("/account/password", values).text


def test_the_password_changes_and_other_browsers_are_out(
    client: Browser, anonymous: Browser
) -> None:
    anonymous.sign_in("administrator-user", PASSWORD)
    assert "The password is changed" in change(client, PASSWORD, NEW)
    assert client.get("/account/").status_code == 200
    assert anonymous.get("/account/").status_code == 302
    assert anonymous.sign_in("administrator-user", PASSWORD).status_code == 401
    assert anonymous.sign_in("administrator-user", NEW).status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "again", "said"),
    [
        ("wrong password", NEW, NEW, "not your present password"),
        (PASSWORD, NEW, "different", "The two passwords differ"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, "1234567890", "1234567890", "easy to guess"),
        (PASSWORD, "administrator-user1", "administrator-user1", "easy to guess"),
    ],
    ids=["wrong", "not repeated", "short", "common", "the name"],
)
def test_a_password_is_refused(
    client: Browser, present: str, new: str, again: str, said: str
) -> None:
    assert said in change(client, present, new, again)
    assert client.sign_in("administrator-user", PASSWORD).status_code == 302


def test_guessing_the_present_password_is_limited_too(client: Browser) -> None:
    for _try in range(5):
        change(client, "wrong password", NEW)
    assert "Too many failed tries" in change(client, PASSWORD, NEW)


def test_passwords_are_never_sent_back(client: Browser) -> None:
    assert NEW not in change(client, "wrong password", NEW)


def test_the_language_is_the_users_everywhere(client: Browser) -> None:
    client.send("/account/language", {"language": "es"})
    assert client.page("/account/").lang == "es"
    client.send("/account/language", {"language": ""})
    english = client.page("/account/", headers={"Accept-Language": "en"})
    assert english.lang == "en"


def test_a_visitor_switches_the_language_and_stays_on_the_page(
    anonymous: Browser,
) -> None:
    values = {"language": "es", "next": "/sign-in?next=/users/"}
    answer = anonymous.send("/language", values, follow=False)
    assert answer.location == "/sign-in?next=/users/"
    assert anonymous.page(answer.location).lang == "es"


def test_the_setting_is_for_those_who_chose_nothing(
    anonymous: Browser, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO setting (name, value, changed_at)"
            " VALUES ('language', 'es', UTC_TIMESTAMP(3))"
        )
    page = anonymous.page("/sign-in", headers={"Accept-Language": "en"})
    assert page.lang == "es"


@pytest.mark.parametrize(("asked", "lang"), [("es-CL,es", "es"), ("fr", "en")])
def test_else_the_browser_chooses(anonymous: Browser, asked: str, lang: str) -> None:
    page = anonymous.page("/sign-in", headers={"Accept-Language": asked})
    assert page.lang == lang
