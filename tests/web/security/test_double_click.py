"""A double click: two presses, at the same moment too, make one of whatever it is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask

from massivesms.store.db import Database
from tests.web.browser import Browser, Page
from tests.web.sending import create_list, csv, rows

PRESSES = 4


def press_at_once(app: Flask, browser: Browser, url: str, values: Any) -> set[int]:
    """Presses several times at the same moment, as different workers see it."""
    found = browser.get_cookie("massivesms")
    assert found
    barrier = Barrier(PRESSES)

    def press(_n: int) -> int:
        client = app.test_client()
        client.set_cookie("massivesms", found.value)
        barrier.wait(10)
        status = client.post(url, data=values()).status_code
        app.extensions["massivesms"].db.close()
        return status

    with ThreadPoolExecutor(PRESSES) as pool:
        return set(pool.map(press, range(PRESSES)))


def fields(browser: Browser, url: str) -> dict[str, str]:
    """What the form of a page brings along."""
    form = next(
        form
        for form in Page(browser.get(url).text).forms
        if form.get("action") in (url, None, "") and "csrf_token" in form["fields"]
    )
    return {name: form["fields"].get(name, "") for name in ("csrf_token", "once")}


@pytest.mark.parametrize("source", ["file", "list"])
def test_one_campaign_is_made(
    app: Flask, client: Browser, db: Database, source: str
) -> None:
    list_id = create_list(db, "Clientes", "600111222")
    brought = fields(client, "/campaigns/new")

    def values() -> dict[str, Any]:
        own = {"file": csv("600111223")} if source == "file" else {"list_id": list_id}
        chosen = {"name": "Oferta", "text": "Hola", "recipients": source}
        return {**brought, **chosen, "paused": "y", **own}

    assert press_at_once(app, client, "/campaigns/new", values) <= {200, 302, 422}
    assert len(rows(db, "SELECT 1 FROM campaign WHERE id > 1")) == 1
    assert len(rows(db, "SELECT 1 FROM message")) == 1
    assert len(rows(db, "SELECT 1 FROM audit WHERE action = 'campaign.create'")) == 1


def test_one_message_is_sent(app: Flask, client: Browser, db: Database) -> None:
    create_list(db, "Clientes", "600111222")  # for the clock and the numbers of Spain
    brought = fields(client, "/send/")
    sent = {**brought, "number": "600111222", "text": "Hola", "how": "queue"}
    press_at_once(app, client, "/send/", lambda: sent)
    assert len(rows(db, "SELECT 1 FROM message")) == 1
