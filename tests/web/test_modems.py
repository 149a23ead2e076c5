"""Modems on the pages: how they are, the balance, calls, looking for ports."""

from __future__ import annotations

from decimal import Decimal

import pytest

from massivesms.domain.modem_live import ModemSeen
from massivesms.store import (
    modem_balances,
    modem_searches,
    modem_states,
    trunk_sessions,
    trunks,
)
from massivesms.store.db import Database, Row, Transaction
from tests.web.browser import Browser
from tests.web.sending import start_service
from tests.web.test_inbound import ANA, came

SEEN = ModemSeen(
    "/dev/ttyUSB2", "huawei E173", "861234567890123", "734041234567890", "Movistar",
    1, -83,
)  # fmt: skip
FORM = {
    "name": "Stick", "port": "/dev/ttyUSB0", "priority": "1", "balance_code": "*133#",
    "balance_at": "08:00",
}  # fmt: skip
HTMX = {"HX-Request": "true"}


@pytest.fixture
def stick(client: Browser, db: Database) -> Row:
    client.send("/trunks/new/modem", FORM)
    with db.transaction() as tx:
        return trunks.by_name(tx, "Stick")


def connected(
    db: Database, trunk: Row, state: str = "ready", code: str | None = None
) -> None:
    """The service drives it, and it has said what it is."""

    def work(tx: Transaction) -> None:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "service")
        assert lease is not None
        trunk_sessions.show(tx, lease, state, code, "+CMS ERROR: 42")
        modem_states.write(tx, trunk["id"], SEEN)

    start_service(db)
    db.atomically(work)


def answered(
    db: Database, trunk: Row, answer: str, amount: str | None, code: str = ""
) -> None:
    value = None if amount is None else Decimal(amount)

    def work(tx: Transaction) -> None:
        balance_id = modem_balances.request(tx, trunk["id"], "ana")
        modem_balances.finish(tx, balance_id, answer, value, code)

    db.atomically(work)


# --- how it is ----------------------------------------------------------------


def test_a_trunks_page_says_how_its_modem_is(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    for headers in ({}, HTMX):
        text = client.get(f"/trunks/{stick['id']}", headers=headers).text
        for words in (
            "huawei E173", "861234567890123", "734041234567890", "Movistar",
            "Registered in its own network", "good signal", "-83 dBm", "/dev/ttyUSB2",
        ):  # fmt: skip
            assert words in text, words
        assert text.count('class="signal-on"') == 3
        assert "not connected now" not in text


def test_what_it_said_before_it_was_gone_is_shown_as_of_then(
    client: Browser, db: Database, stick: Row
) -> None:
    with db.transaction() as tx:
        seen = ModemSeen("/dev/ttyUSB2", "ZTE", "351234567890124", registration=3)
        modem_states.write(tx, stick["id"], seen)
    page = client.page(f"/trunks/{stick['id']}")
    assert "This is what it said then; it is not connected now." in page.text
    assert "The network does not let it in" in page.text
    assert "signal-on" not in page.html


def test_the_count_of_its_sim_card_is_shown(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    count = "INSERT INTO trunk_usage VALUES (%s, %s, UTC_TIMESTAMP(), %s)"
    with db.transaction() as tx:
        for period, n in (("hour", 3), ("day", 41), ("month", 1234)):
            tx.execute(count, (stick["id"], period, n))
    text = client.page(f"/trunks/{stick['id']}").text
    assert "3 segments this hour, 41 today, 1,234 this month" in text


def test_the_list_of_trunks_shows_signal_and_operator(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    page = client.page("/trunks/")
    assert "Movistar" in page.text
    assert 'aria-label="good signal"' in page.html


def test_a_modem_that_rests_is_not_said_to_try_in_a_minute(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick, "waiting", "modem_rests")
    text = client.page(f"/trunks/{stick['id']}").text
    assert "It rests for an hour after errors in a row" in text
    assert "about a minute away" not in text


# --- the balance ----------------------------------------------------------------


def test_the_balance_is_asked_by_a_button_once_at_a_time(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    url = f"/trunks/{stick['id']}"
    assert "It has not been asked yet." in client.page(url).text
    for _ in range(2):
        client.send(f"{url}/balance")
    with db.transaction() as tx:
        assert len(modem_balances.take(tx, [stick["id"]])) == 1
        assert modem_balances.take(tx, [stick["id"]]) == []
    assert "The modem is asking" in client.get(f"{url}/balance", headers=HTMX).text


def test_while_it_is_asked_the_last_answer_stays(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    answered(db, stick, "Su saldo es 7 Bs", "7")
    client.send(f"/trunks/{stick['id']}/balance")
    html = client.get(f"/trunks/{stick['id']}/balance", headers=HTMX).text
    assert "The modem is asking" in html
    assert html.count("Su saldo es 7 Bs") == 2


def test_a_modem_that_is_not_connected_is_not_asked(
    client: Browser, db: Database, stick: Row
) -> None:
    url = f"/trunks/{stick['id']}/balance"
    assert "not connected now, so it cannot be asked" in client.send(url).text
    with db.transaction() as tx:
        assert modem_balances.latest(tx, stick["id"]) is None


def test_answers_are_shown_in_words_and_drawn(
    client: Browser, db: Database, stick: Row
) -> None:
    connected(db, stick)
    answered(db, stick, "Su saldo es 12,50 Bs", "12.50")
    answered(db, stick, "", None, code="ussd_none")
    answered(db, stick, "Su saldo es 9 Bs <b>", "9")
    html = client.page(f"/trunks/{stick['id']}").html
    assert "Su saldo es 9 Bs &lt;b&gt;" in html
    assert "The network did not answer the code in time." in html
    assert "[12.5, 9.0]" in html
    assert "Asked daily at 08:00" in html


def test_without_a_code_it_is_said_where_to_write_it(
    client: Browser, db: Database, stick: Row
) -> None:
    without = {**FORM, "balance_code": "", "balance_at": ""}
    client.send(f"/trunks/{stick['id']}/edit", without)
    assert "Write under Change" in client.page(f"/trunks/{stick['id']}").text


def test_only_a_modem_has_a_balance(client: Browser, db: Database) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO trunk (name, kind, settings, created_at, changed_at)"
            " VALUES ('S', 'script', '{}', UTC_TIMESTAMP(), UTC_TIMESTAMP())"
        )
        trunk_id = trunks.by_name(tx, "S")["id"]
    assert client.get(f"/trunks/{trunk_id}/balance").status_code == 404
    assert client.send(f"/trunks/{trunk_id}/balance").status_code == 404


# --- looking for modems -----------------------------------------------------------


def port(name: str, state: str, detail: str = "", **more: str) -> dict[str, str]:
    empty = {"device": "", "make": "", "imei": ""}
    return {"port": f"/dev/{name}", "state": state, "detail": detail, **empty, **more}


FOUND = [
    port("ttyUSB0", "held", "Stick", device="HUAWEI"),
    port("ttyUSB3", "free", make="ZTE MF190", imei="351234567890124"),
    port("ttyUSB4", "port_rights", "massivesms"),
    port("ttyS0", "not_usb"),
]


def test_modems_are_looked_for_by_the_service(client: Browser, db: Database) -> None:
    assert "/trunks/modems" in client.page("/trunks/new").links
    url = client.send("/trunks/modems").request.path
    assert "The service is not running" in client.page(url).text
    start_service(db)
    assert "The service is looking at its ports" in client.page(url).text
    with db.transaction() as tx:
        modem_searches.finish(tx, modem_searches.take(tx) or 0, FOUND)
    page = client.page(url)
    for words in (
        "The trunk Stick uses it", "A modem answers, and nobody uses it.",
        "usermod -aG dialout massivesms", "No USB port",
    ):  # fmt: skip
        assert words in page.text
    (chosen,) = [link for link in page.links if "ttyUSB3" in link]
    form = client.page(chosen).html
    for value in ("/dev/ttyUSB3", "351234567890124", "ZTE MF190", "0.15"):
        assert f'value="{value}"' in form
    assert '<option selected value="me">' in form


def test_no_port_at_all_is_said(client: Browser, db: Database) -> None:
    url = client.send("/trunks/modems").request.path
    with db.transaction() as tx:
        modem_searches.finish(tx, modem_searches.take(tx) or 0, [])
    assert "no serial port" in client.page(url).text


def test_a_look_that_never_ends_is_given_up(client: Browser, db: Database) -> None:
    url = client.send("/trunks/modems").request.path
    start_service(db)
    with db.transaction() as tx:
        modem_searches.take(tx)
        tx.execute(
            "UPDATE modem_search SET requested_at = requested_at - INTERVAL 2 MINUTE"
        )
    assert 'hx-trigger="every 1s"' in client.page(url).html
    with db.transaction() as tx:
        tx.execute(
            "UPDATE modem_search SET requested_at = requested_at - INTERVAL 2 MINUTE"
        )
    page = client.page(url)
    assert "never said what it found. Look again." in page.text
    assert "every 1s" not in page.html


def test_an_address_fills_in_nothing_that_it_may_not(client: Browser) -> None:
    query = "port=/dev/ttyUSB0&imei=<x>&make=A&pin=4711&init=AT%2BCFUN%3D0"
    form = client.page(f"/trunks/new/modem?{query}").html
    for value in ("4711", "AT+CFUN=0", "&lt;x&gt;", "<x>"):
        assert f'value="{value}"' not in form


# --- calls ------------------------------------------------------------------------


def test_a_call_stands_among_what_came_in_words(client: Browser, db: Database) -> None:
    call_id = came(db, "", kind="call")
    came(db, "Hola de Ana")
    page = client.page("/incoming/")
    assert "Called, and wrote nothing" in page.text
    assert "called-icon" in page.html
    only = client.page("/incoming/?kind=call").text
    assert "Called, and wrote nothing" in only and "Hola de Ana" not in only
    messages = client.page("/incoming/?kind=message").text
    assert "Called, and wrote nothing" not in messages
    shown = client.page(f"/incoming/{call_id}")
    assert f"Call from {ANA}" in shown.title
    assert "Called by" in shown.text


def test_a_caller_who_hides_the_number_is_shown_too(
    client: Browser, db: Database
) -> None:
    call_id = came(db, "", "", sender="", kind="call")
    text = client.page("/incoming/").text
    assert "Unknown sender" in text
    assert "Purged" not in text
    assert "an unknown sender" in client.page(f"/incoming/{call_id}").title
