"""The audit: each change gives one row that says who, what, before, after, from where.

A route that changes something is listed in CHANGES or, with the reason, in
ELSEWHERE (audit_rows.py): a new one is missed here.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask

from massivesms.config import Config
from massivesms.domain.settings import SETTINGS
from massivesms.intake import list_blocks
from massivesms.store import blocked_numbers, settings, staged_loads, users
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms_web.audit_words import NAMES, NOUNS, OF_MAIL, OF_TRUNKS
from massivesms_web.pages.audit import ACTIONS
from tests.web.browser import Browser
from tests.web.security.audit_rows import CHANGES, ELSEWHERE
from tests.web.security.house import PLANTED, House, methods, rules
from tests.web.sending import csv, rows, start_service
from tests.web.test_users import NEW

ORIGIN = {"REMOTE_ADDR": "192.0.2.77"}
FILE_TOO = {
    *("lists.loads.create", "lists.loads.load"),
    *("lists.blocked_numbers.loads.load", "campaigns.bulk.load"),
}


def test_every_route_that_changes_something_is_listed(app: Flask) -> None:
    changing = {rule.endpoint for rule in rules(app) if methods(rule) - {"GET"}}
    assert changing == set(CHANGES) | set(ELSEWHERE)


def test_every_kind_of_change_has_words() -> None:
    assert {action.partition(".")[0] + "." for action in ACTIONS} == set(NOUNS)


@pytest.mark.parametrize("endpoint", sorted(CHANGES))
def test_a_change_gives_one_row(
    app: Flask, client: Browser, db: Database, house: House, endpoint: str
) -> None:
    values, action, details = CHANGES[endpoint]
    prepare(db, house, endpoint)
    (rule,) = [r for r in rules(app) if r.endpoint == endpoint and "POST" in methods(r)]
    url = house.address(app, rule)
    if endpoint == "privacy.admit":
        client.send("/configuration/privacy/erase", values)
    if endpoint == "sign_in.enter":
        client.send("/sign-out")
    sent: dict[str, Any] = {"csrf_token": client.token(), **values}
    if endpoint in FILE_TOO:
        is_bulk = endpoint == "campaigns.bulk.load"
        sent["file"] = csv(";600111226;Hola;1;" if is_bulk else "600111226")
    if endpoint == "campaigns.new.create":
        sent["list_id"] = str(house.ids["list_id"])
    if endpoint == "doubts.decide":
        sent["one"] = f"{house.ids['doubt_id']}:assume_sent"
    last = rows(db, "SELECT COALESCE(MAX(id), 0) AS id FROM audit")[0]["id"]
    answer = client.post(url, data=sent, environ_overrides=ORIGIN)
    assert answer.status_code < 400, answer.text[:3000]
    made = rows(db, f"SELECT * FROM audit WHERE id > {last}")
    assert [row["action"] for row in made] == [action], (answer.status, made)
    check(made[0], details)


def check(row: Row, details: dict[str, object]) -> None:
    """Who, from where, and what was so before and is now; no secret."""
    assert row["user_name"] == "administrator-user"
    assert row["address"] == ORIGIN["REMOTE_ADDR"]
    assert row["subject"]
    stored = json.loads(row["details"])
    assert {key: stored.get(key) for key in details} == details, stored
    assert set(stored) <= {*NAMES, *OF_TRUNKS, *OF_MAIL, *SETTINGS}, (
        "a detail has no words"
    )
    assert PLANTED not in str(row) and NEW not in str(row) and "Hola" not in str(row)
    assert "+346001112" not in str(row), "a number is masked"


def prepare(db: Database, house: House, endpoint: str) -> None:
    """What a change needs beside the house."""
    if endpoint == "lists.contacts.include" or endpoint == "lists.remove":
        with db.transaction() as tx:
            tx.execute("UPDATE contact SET excluded = 1 WHERE number = '+34600111223'")
            tx.execute("UPDATE list SET included = 1, excluded = 1")
    if endpoint in ("lists.blocks.exclude", "lists.blocks.include"):
        with db.transaction() as tx:
            blocked_numbers.add(tx, ["+34600111222"], Actor("ana"))
        if endpoint == "lists.blocks.include":
            list_blocks.exclude(db, int(house.ids["list_id"]), Actor("ana"))
    if endpoint in ("wizard.discard", "wizard.load.stop"):
        with db.transaction() as tx:
            staged_id = int(house.ids["staged_id"])
            staged_loads.begin_load(tx, staged_id, {}, Actor("administrator-user"))
    if endpoint == "campaigns.rules.approve":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET approval = 'waiting' WHERE id > 1")
    if endpoint == "campaigns.rules.end_permanent":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET permanent = 1 WHERE id > 1")
    if endpoint == "campaigns.doubts.decide":
        values = (house.ids["campaign_id"],)
        with db.transaction() as tx:
            for table in ("message", "campaign_count"):
                sql = f"UPDATE {table} SET state = 'in_doubt' WHERE campaign_id = %s"
                tx.execute(sql, values)
    if endpoint == "notices.send_report":
        with db.transaction() as tx:
            settings.save(tx, {"report_to": "eva@example.com"})
    if endpoint == "trunk_probes.ask":
        start_service(db)
    if endpoint == "campaigns.stop":
        with db.transaction() as tx:
            tx.execute("UPDATE campaign SET paused = 0")


HOSTILE = ["x\r\nforged", "\x1b[31mred", "\u202eevil", "a\x00"]


@pytest.mark.parametrize("hostile", HOSTILE, ids=repr)
def test_line_breaks_and_colours_in_a_value_are_inert(
    client: Browser, db: Database, config: Config, hostile: str
) -> None:
    """Names refuse them; where an address or a file name has them, they are shown."""
    client.send("/roles/new", {"name": hostile, "permissions": []})
    client.send("/lists/new", {"name": hostile, "source": "file"})
    with db.transaction() as tx:
        assert not tx.value("SELECT 1 FROM audit WHERE subject LIKE '%%forged%%'")
        users.create(tx, "ana", 3, "x", Actor(hostile, hostile))
    page = client.page("/configuration/log/")
    assert "\x1b" not in page.html and "\x00" not in page.html
    file = client.get("/configuration/log/changes.csv").data.decode("utf-8-sig")
    assert "\x1b" not in file and "\r\nforged" not in file
