"""The real PHP of the PBX's menu: whom it hands over, and what it never does."""

from __future__ import annotations

import re
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.store import users
from massivesms.store.db import Database
from tests.pbx.handing_over import KEY, with_pbx
from tests.pbx.sites import FreePbx, Issabel, Site, Visitor, handed_over, said
from tests.web.browser import Browser

PEOPLE = {
    "ada": ("", ""),  # of the administrators, which is no other group
    "sonia": ("sms_operator\nsms_supervisor", "supervisor\noperator"),
    "omar": ("operator\nsms_operator", "operator"),
}


@pytest.fixture
def config(config: Config, tmp_path: Path) -> Config:
    return with_pbx(config, tmp_path)


@pytest.fixture
def browser(app: Flask) -> Browser:
    found = app.test_client()
    assert isinstance(found, Browser)
    return found


@pytest.fixture(params=["issabel", "elastix"])
def either(request: pytest.FixtureRequest) -> Issabel:
    site = request.getfixturevalue(request.param)
    assert isinstance(site, Issabel)
    return site


@pytest.fixture(params=["issabel", "freepbx"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Site)
    yield found
    found.write_key(KEY)


@pytest.mark.parametrize("name", PEOPLE)
def test_issabel_says_who_is_signed_in(either: Issabel, name: str) -> None:
    words = said(Visitor(either, name).opens("campaigns"))
    groups, privileges = PEOPLE[name]
    assert (words["source"], words["user"]) == ("issabel", name)
    assert "\n".join(sorted(words["groups"].split("\n"))) == groups
    assert words["privs"] == privileges
    assert words["admin"] == ("1" if name == "ada" else "0")
    assert words["uid"].isdecimal()
    assert words["ext"] == {"ada": "100", "sonia": "101", "omar": ""}[name]
    known = words["known"].split("\n")
    assert ("extension" in known) is (name == "ada")
    assert "administrator" not in known


def test_freepbx_says_who_is_signed_in(freepbx: FreePbx) -> None:
    ada = said(Visitor(freepbx, "ada").opens("configuration"))
    assert (ada["source"], ada["user"], ada["uid"]) == ("freepbx", "ada", "user.1")
    assert (ada["admin"], ada["groups"]) == ("1", "Todos")
    assert (ada["known"], ada["ext"]) == ("Todos\nVentas", "100")
    vera = said(Visitor(freepbx, "vera").opens("send"))
    assert (vera["admin"], vera["groups"]) == ("0", "Todos\nVentas")
    assert vera["known"] == ""


def test_freepbx_s_older_users_have_an_id_too(freepbx: FreePbx) -> None:
    words = said(Visitor(freepbx, "ñandú <x>").opens("send"))
    assert words["user"] == "ñandú <x>"
    assert re.fullmatch(r"name\.[0-9a-f]{40}", words["uid"])
    assert (words["admin"], words["groups"], words["ext"]) == ("0", "", "")


def test_a_hand_over_holds_a_minute_and_is_new_each_time(site: Site) -> None:
    ada = Visitor(site, "ada")
    first, second = said(ada.opens("send")), said(ada.opens("send"))
    assert int(first["exp"]) - int(first["iat"]) == 60
    assert abs(int(first["iat"]) - time.time()) < 5
    assert len(first["nonce"]) == 32 and first["nonce"] != second["nonce"]


@pytest.mark.parametrize("entry", ["send", "campaigns", "lists", "messages"])
def test_each_entry_asks_for_its_page(site: Site, entry: str) -> None:
    assert said(Visitor(site, "ada").opens(entry))["target"] == entry


def test_issabel_opens_an_entry_only_to_its_groups(issabel: Issabel) -> None:
    for name, opened in (("omar", 4), ("sonia", 5), ("ada", 6), ("nadie", 0)):
        visitor = Visitor(issabel, name)
        entries = ("send", "campaigns", "lists", "messages", "trunks", "configuration")
        pages = [visitor.opens(entry) for entry in entries]
        assert sum("massivesms-handover" in page for page in pages) == opened, name


def test_freepbx_opens_an_entry_only_to_its_users(freepbx: FreePbx) -> None:
    assert "massivesms-handover" not in Visitor(freepbx, "vera").opens("trunks")


def test_the_menu_speaks_spanish(issabel: Issabel) -> None:
    issabel.speak("es")
    html = Visitor(issabel, "ada").opens("send")
    issabel.speak("en")
    assert "Campañas de SMS" in html and 'title="SMS masivos"' in html
    assert said(html)["lang"] == "es"


# --- what massivesms makes of it ----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role", "place"),
    [
        ("ada", "administrator", "/trunks/"),
        ("sonia", "supervisor", "/trunks/"),
        ("omar", "operator", "/campaigns/"),
    ],
)
def test_whom_issabel_hands_over_comes_in(
    either: Issabel, browser: Browser, db: Database, name: str, role: str, place: str
) -> None:
    page = Visitor(either, name).opens(place.strip("/"))
    answer = browser.post("/sso", data=handed_over(page))
    assert (answer.status_code, answer.location) == (303, place)
    assert browser.get(place).status_code == 200
    with db.transaction() as tx:
        (user,) = users.all_users(tx)
    assert (user["full_name"], user["role"]) == (f"{name}@issabel", role)


def test_whom_freepbx_hands_over_comes_in(
    freepbx: FreePbx,
    app: Flask,
    tmp_path: Path,
    db: Database,
) -> None:
    house = app.extensions["massivesms"]
    config = with_pbx(house.config, tmp_path, kind="freepbx")
    app.extensions["massivesms"] = type(house)(config, house.db, house.vault)
    browser = app.test_client()
    page = Visitor(freepbx, "ada").opens("send")
    assert browser.post("/sso", data=handed_over(page)).status_code == 303
    page = Visitor(freepbx, "ñandú <x>").opens("send")
    answer = browser.post("/sso", data=handed_over(page))
    assert answer.status_code == 403
    assert "ñandú &lt;x&gt;@freepbx" in answer.text


def test_each_altered_word_of_the_real_one_is_refused(
    issabel: Issabel, browser: Browser
) -> None:
    data = handed_over(Visitor(issabel, "omar").opens("send"))
    for field in said(Visitor(issabel, "omar").opens("send")):
        start = data["token"].index(f"{field}=") + len(field) + 1
        token = data["token"][:start] + "1" + data["token"][start:]
        answer = browser.post("/sso", data={**data, "token": token})
        assert answer.status_code == 401, field
    assert browser.post("/sso", data=data).status_code == 303
    assert browser.post("/sso", data=data).status_code == 401


def test_another_key_opens_nothing(issabel: Issabel, browser: Browser) -> None:
    issabel.write_key("e" * 64)
    page = Visitor(issabel, "ada").opens("send")
    issabel.write_key(KEY)
    assert browser.post("/sso", data=handed_over(page)).status_code == 401


# --- without a key ------------------------------------------------------------------


@pytest.mark.parametrize("harm", ["missing", "damaged", "readable by others"])
@pytest.mark.parametrize("language", ["en", "es"])
def test_without_a_good_key_the_page_says_what_to_do(
    site: Site, harm: str, language: str
) -> None:
    _speak(site, language)
    if harm == "missing":
        site.key_file.unlink()
    elif harm == "damaged":
        site.key_file.write_text("ab" * 31 + "zz")
    else:
        site.key_file.chmod(0o644)
    html = Visitor(site, "ada").opens("send")
    _speak(site, "en")
    word = {"en": "has to run", "es": "tiene que ejecutar"}[language]
    assert word in html and "massivesms setup" in html
    assert "token" not in html and KEY not in html
    assert str(site.key_file) not in html


def _speak(site: Site, language: str) -> None:
    if isinstance(site, Issabel):
        site.speak(language)
    elif isinstance(site, FreePbx):
        site.world["locale"] = {"en": "en_US", "es": "es_ES"}[language]
        site.tell()


def test_php_has_nothing_to_complain_about(
    issabel: Issabel, elastix: Issabel, freepbx: FreePbx
) -> None:
    for one in (issabel, elastix, freepbx):
        assert not re.search(r"Warning|Deprecated|Notice|Fatal|error", one.log), one.log


def test_the_key_never_leaves_the_server(site: Site) -> None:
    html = Visitor(site, "ada").opens("send")
    assert KEY not in html
    assert stat.S_IMODE(site.key_file.stat().st_mode) == 0o640
