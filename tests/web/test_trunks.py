"""Trunks: making, changing, stopping and trying them by the pages."""

from __future__ import annotations

import pytest
from flask import Flask, render_template

from massivesms.config import Config
from massivesms.domain.caps import Caps
from massivesms.domain.trunk_kinds import KINDS
from massivesms.store import services, trunk_sessions, trunk_tests, trunks
from massivesms.store.db import Database, Row
from massivesms.vault import Vault
from massivesms_web import trunk_states
from tests.web.browser import Browser
from tests.web.sending import create_campaign, create_message, start_service

SMPP = {
    "name": "Operador",
    "host": "smpp.example",
    "port": "2775",
    "system_id": "pbx",
    "password": "s3cret",
    "priority": "2",
    "sender_id": "MiEmpresa",
    "rate_per_s": "12,5",
    "append_country_code": "y",
    "receipts": "y",
}


def stored(db: Database, name: str = "Operador") -> Row:
    with db.transaction() as tx:
        return trunks.by_name(tx, name)


def script(config: Config, name: str, mode: int = 0o755) -> None:
    (config.scripts_dir / name).write_text("#!/bin/sh\n")
    (config.scripts_dir / name).chmod(mode)


@pytest.fixture
def trunk(client: Browser, db: Database) -> Row:
    client.send("/trunks/new/smpp", SMPP)
    return stored(db)


def test_an_empty_page_says_what_a_trunk_is(client: Browser) -> None:
    page = client.page("/trunks/")
    assert "No trunk yet" in page.text and "/trunks/new" in page.links


def test_an_smpp_trunk_is_made(client: Browser, trunk: Row, config: Config) -> None:
    assert trunk["priority"] == 2 and trunk["rate_per_s"] == 12.5
    assert trunk["append_country_code"] and trunk["active"]
    assert trunk["settings"]["receipts"] == "yes"
    assert trunk["settings"]["window"] == "10"
    assert Vault(config.secret_key()).open(trunk["secrets"]) == {"password": "s3cret"}
    assert "Operador" in client.page("/trunks/").text


def test_a_password_is_never_shown(client: Browser, trunk: Row, db: Database) -> None:
    for path in ("", "/edit"):
        assert "s3cret" not in client.get(f"/trunks/{trunk['id']}{path}").text
    assert "s3cret" not in client.get("/configuration/log/").text
    refused = client.send("/trunks/new/smpp", {**SMPP, "host": ""})
    assert "s3cret" not in refused.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "A name is missing"),
        ({"name": "x" * 81}, "80 are the most"),
        ({"host": ""}, "Server is missing"),
        ({"port": "70000"}, "Port is a whole number from 1 to 65535"),
        ({"port": "x"}, "Port is a whole number"),
        ({"system_id": "x" * 16}, "User has 16 characters"),
        ({"password": "p" * 65}, "Password has 65 characters"),
        ({"sender_id": "MiEmpresaLarga"}, "14 characters; 11 are the most"),
        ({"sender_id": "123456789012345"}, "15 digits; 14 are the most"),
        ({"priority": "0"}, "from 1 (best) to 1000"),
        ({"priority": "best"}, "from 1 (best) to 1000"),
        ({"rate_per_s": "-1"}, "more than 0 segments"),
        ({"rate_per_s": "fast"}, "more than 0 segments"),
        ({"bind_mode": "sideways"}, "is one of"),
        ({"cap_day": "0"}, "turn the trunk off"),
        ({"cap_day": "-5"}, "A limit is a whole number of segments"),
        ({"cap_month": "many"}, "A limit is a whole number of segments"),
        (
            {"cap_minute": "60", "cap_hour": "50"},
            "60 segments a minute are more than the limit of 50 an hour",
        ),
        ({"prefixes": "34, 9x"}, "9x is no beginning of a number"),
        ({"cost_per_segment": "-1"}, "a number from 0 to 99999.9999"),
        ({"cost_per_segment": "cheap"}, "a number from 0 to 99999.9999"),
    ],
)
def test_a_mistake_is_said_beside_its_field(
    client: Browser, db: Database, changed: dict[str, str], said: str
) -> None:
    answer = client.send("/trunks/new/smpp", {**SMPP, **changed})
    assert answer.status_code == 422
    assert said in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


def test_a_name_that_is_taken_is_refused(client: Browser, trunk: Row) -> None:
    answer = client.send("/trunks/new/smpp", SMPP)
    assert "already a trunk called Operador" in answer.text
    assert 'value="smpp.example"' in answer.text  # what was typed is kept


def test_a_provider_fills_the_form_without_script(
    client: Browser, db: Database
) -> None:
    values = {"preset": "LabsMobile", "fill": "1", "name": "Mía"}
    answer = client.send("/trunks/new/smpp", values)
    assert 'value="smpp.labsmobile.com"' in answer.text
    assert 'value="Mía"' in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


def test_an_empty_password_keeps_the_stored_one(
    client: Browser, trunk: Row, db: Database, config: Config
) -> None:
    values = {**SMPP, "password": "", "host": "other.example"}
    client.send(f"/trunks/{trunk['id']}/edit", values)
    changed = stored(db)
    assert changed["settings"]["host"] == "other.example"
    assert changed["revision"] == trunk["revision"] + 1
    opened = Vault(config.secret_key()).open(changed["secrets"])
    assert opened == {"password": "s3cret"}


def test_a_box_that_is_unticked_stays_unticked(
    client: Browser, trunk: Row, db: Database
) -> None:
    values = {k: v for k, v in SMPP.items() if k != "receipts"}
    client.send(f"/trunks/{trunk['id']}/edit", values)
    assert stored(db)["settings"]["receipts"] == "no"


def test_a_trunk_is_turned_off_and_on(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/disable")
    assert not stored(db)["active"]
    assert "Turned off" in client.page(f"/trunks/{trunk['id']}").text
    client.send(f"/trunks/{trunk['id']}/enable")
    assert stored(db)["active"]


def test_a_change_leaves_a_trunk_that_is_off_turned_off(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/disable")
    client.send(f"/trunks/{trunk['id']}/edit", SMPP)
    assert not stored(db)["active"]


def test_a_stopped_trunk_says_why_and_starts_again(
    client: Browser, trunk: Row, db: Database
) -> None:
    with db.transaction() as tx:
        trunks.stop(tx, trunk["id"], trunk["revision"], "bind_password", "0x0E")
    text = client.page(f"/trunks/{trunk['id']}").text
    assert "does not accept the user or password: 0x0E" in text
    client.send(f"/trunks/{trunk['id']}/enable")
    assert stored(db)["stopped_code"] is None


def test_the_live_state_and_the_last_error_are_in_words(
    client: Browser, trunk: Row, db: Database
) -> None:
    with db.transaction() as tx:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "pbx:1")
        assert lease
        trunk_sessions.note_error(tx, lease, "enquire_timeout", "")
        trunk_sessions.show(tx, lease, "waiting", "connection_refused", "1.2.3.4:1")
    headers = {"HX-Request": "true"}
    for path in ("/trunks/", f"/trunks/{trunk['id']}", "/"):
        text = client.get(path, headers=headers).text
        assert "The server 1.2.3.4:1 refuses the connection." in text, path
    text = client.get(f"/trunks/{trunk['id']}").text
    assert "The operator no longer answers." in text


LIMITED = {
    "cap_minute": "10",
    "cap_day": "500",
    "prefixes": "+34, !34900",
    "cost_per_segment": "0,035",
}


def test_limits_numbers_and_cost_are_kept_and_shown_again(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    row = stored(db)
    assert row["caps"] == Caps(minute=10, day=500)
    assert (row["prefixes"], str(row["cost_per_segment"])) == ("34,!34900", "0.0350")
    html = client.get(f"/trunks/{trunk['id']}/edit").text
    for value in ("10", "500", "34, !34900", "0.035"):
        assert f'value="{value}"' in html, value
    text = client.page(f"/trunks/{trunk['id']}").text
    assert "10 a minute, 500 a day" in text and "34, !34900" in text
    assert "0.035" in text
    emptied = dict.fromkeys(LIMITED, "")
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **emptied})
    assert stored(db)["caps"] == Caps() and stored(db)["cost_per_segment"] is None


def _use(db: Database, trunk: Row, period: str, segments: int, ago: str) -> None:
    with db.transaction() as tx:
        tx.execute(
            "REPLACE INTO trunk_usage (trunk_id, period, begins_at, segments) VALUES"
            f" (%s, %s, UTC_TIMESTAMP() - INTERVAL {ago}, %s)",
            (trunk["id"], period, segments),
        )


def test_how_much_of_a_limit_is_used_is_drawn_and_said(
    client: Browser, trunk: Row, db: Database
) -> None:
    path = f"/trunks/{trunk['id']}"
    client.send(f"{path}/edit", {**SMPP, **LIMITED})
    _use(db, trunk, "day", 120, "0 SECOND")
    _use(db, trunk, "minute", 9, "2 MINUTE")  # an earlier minute counts nothing
    page = client.page(path)
    assert "120 of 500 today" in page.text and "0 of 10 this minute" in page.text
    assert 'width="240.0"' in page.html


def test_a_trunk_whose_limit_is_used_up_waits_and_says_until_when(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    _use(db, trunk, "day", 500, "0 SECOND")
    start_service(db)
    campaign_id = create_campaign(db, "Mayo", "600111222", paused=False)
    with db.transaction() as tx:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "a-service")
        assert lease
        trunk_sessions.show(tx, lease, "ready")
    said = "The trunk Operador has used up its limit of 500 a day; it goes on at 00:00."
    for path in (f"/trunks/{trunk['id']}", f"/campaigns/{campaign_id}", "/"):
        assert said in client.page(path).text, path
    assert "state-waiting" in client.get("/trunks/").text
    assert "at most about a minute" not in client.get(f"/trunks/{trunk['id']}").text


def test_a_number_that_no_trunk_serves_is_said_on_the_message(
    client: Browser, trunk: Row, db: Database
) -> None:
    client.send(f"/trunks/{trunk['id']}/edit", {**SMPP, **LIMITED})
    start_service(db)
    served = create_message(db, "+34600111222")
    other = create_message(db, "+33600111222")
    assert "No trunk serves" not in client.page(f"/messages/{served}").text
    assert "No trunk serves" in client.page(f"/messages/{other}").text


def test_each_connection_is_shown_and_the_best_one_is_the_trunks(
    client: Browser, trunk: Row, db: Database, app: Flask
) -> None:
    with db.transaction() as tx:
        for slot, state in enumerate(("waiting", "ready", "idle")):
            lease = trunk_sessions.acquire(tx, trunk["id"], slot, "a-service")
            assert lease
            code = None if state == "ready" else "connection_refused"
            trunk_sessions.show(tx, lease, state, code, "1.2.3.4:1")
        trunk_sessions.note_error(tx, lease, "enquire_timeout", "")
        slots = tx.rows("SELECT *, 1 AS alive FROM trunk_session ORDER BY slot")
        slots[2]["alive"] = 0
    row = {**trunk, "settings": {**trunk["settings"], "binds": "3"}}
    with app.test_request_context("/"):
        app.preprocess_request()
        shown = trunk_states.now(row, slots)
        values = {"kind": KINDS["smpp"], "counts": {}, "test": None}
        html = render_template("trunks/_live.html", trunk=shown, **values)
    assert shown.state == "ready"
    assert "1 of 3 connections" in html
    assert html.count("refuses the connection") == 1
    assert "The operator no longer answers." in html
    assert [c.state for c in shown.connections] == ["waiting", "ready", "idle"]


def test_a_waiting_trunk_says_that_it_tries_again(
    client: Browser, trunk: Row, db: Database
) -> None:
    with db.transaction() as tx:
        lease = trunk_sessions.acquire(tx, trunk["id"], 0, "a-service")
        assert lease
        trunk_sessions.show(tx, lease, "waiting", "protocol_error", "0x00000000")
    text = client.page(f"/trunks/{trunk['id']}").text
    assert "something that is not SMPP: 0x00000000" in text
    assert "the next try is at most about a minute away" in text


def test_a_trunk_is_removed_after_a_confirmation(
    client: Browser, trunk: Row, db: Database
) -> None:
    assert "Operador" in client.page(f"/trunks/{trunk['id']}/remove").text
    client.send(f"/trunks/{trunk['id']}/remove")
    client.page(f"/trunks/{trunk['id']}", status=404)


def test_a_script_trunk_offers_the_scripts_that_can_run(
    client: Browser, db: Database, config: Config
) -> None:
    script(config, "good.sh")
    script(config, "plain.sh", 0o644)
    page = client.page("/trunks/new/script")
    assert "good.sh" in page.html and "plain.sh" not in page.html
    assert str(config.scripts_dir) in page.text
    client.send("/trunks/new/script", {"name": "Guion", "script": "good.sh"})
    assert stored(db, "Guion")["settings"]["script"] == "good.sh"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../evil", "is no name of a script"),
        ("/bin/sh", "is no name of a script"),
        ("a;id", "is no name of a script"),
        ("missing.sh", "There is no script missing.sh"),
        ("plain.sh", "is not executable"),
        ("open.sh", "can be changed by others"),
    ],
)
def test_a_script_that_may_not_run_is_refused(
    client: Browser, config: Config, name: str, said: str
) -> None:
    script(config, "plain.sh", 0o644)
    script(config, "open.sh", 0o777)
    answer = client.send("/trunks/new/script", {"name": "Guion", "script": name})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_modem_is_made_and_its_pin_never_shown(client: Browser, db: Database) -> None:
    entered = {"name": "Modem", "port": "/dev/ttyUSB0", "pin": "4711", "priority": "1"}
    client.send("/trunks/new/modem", entered)
    made = stored(db, "Modem")
    assert made["kind"] == "modem"
    assert made["settings"]["port"] == "/dev/ttyUSB0"
    assert made["settings"]["storage"] == "sm"
    for place in ("", "/edit"):
        assert "4711" not in client.get(f"/trunks/{made['id']}{place}").text


def test_what_is_no_port_of_a_modem_is_said_beside_it(client: Browser) -> None:
    entered = {"name": "Modem", "port": "COM3", "priority": "1"}
    answer = client.send("/trunks/new/modem", entered)
    assert answer.status_code == 422
    assert "The port is a file in /dev" in answer.text


def test_a_kind_that_does_not_exist_has_no_page(client: Browser) -> None:
    client.page("/trunks/new/pigeon", status=404)


def test_another_key_file_is_said_and_can_be_mended(
    client: Browser, trunk: Row, db: Database
) -> None:
    with db.transaction() as tx:
        sealed = Vault(b"x" * 32).seal({"password": "old"})
        tx.execute("UPDATE trunk SET secrets = %s", (sealed,))
    answer = client.send(f"/trunks/{trunk['id']}/edit", SMPP)
    assert "encrypted with another key file" in answer.text
    assert answer.status_code == 200


class TestTesting:
    """The Test button."""

    def test_without_a_service_it_says_how_to_start_it(
        self, client: Browser, trunk: Row
    ) -> None:
        text = client.send(f"/trunks/{trunk['id']}/test").text
        assert "service massivesms start" in text

    def test_it_waits_for_the_service_and_shows_each_step(
        self, client: Browser, trunk: Row, db: Database
    ) -> None:
        with db.transaction() as tx:
            services.register(tx, "pbx:1", "pbx", 1, "0")
        headers = {"HX-Request": "true"}
        asked = client.send(f"/trunks/{trunk['id']}/test", headers=headers).text
        assert "every 1s" in asked and "<html" not in asked
        with db.transaction() as tx:
            test = trunk_tests.take(tx)
            assert test
            steps = [("connected", "smpp.example:2775"), ("bind_password", "0x0E")]
            trunk_tests.finish(tx, test["id"], False, steps)
        path = f"/trunks/{trunk['id']}/test/{test['id']}"
        done = client.get(path, headers=headers).text
        assert "Connected to smpp.example:2775" in done and "Failed" in done
        assert "every 1s" not in done
        assert client.page(path).h1

    def test_another_trunks_test_is_not_shown(
        self, client: Browser, trunk: Row, db: Database
    ) -> None:
        with db.transaction() as tx:
            test_id = trunk_tests.request(tx, trunk["id"], "ana")
        client.page(f"/trunks/{trunk['id'] + 1}/test/{test_id}", status=404)
