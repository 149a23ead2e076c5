"""Trunks: making, changing, stopping and trying them by the pages."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.store import services, trunk_sessions, trunk_tests, trunks
from massivesms.store.db import Database, Row
from massivesms.vault import Vault
from tests.web.browser import Browser
from tests.web.trunk_forms import SMPP, stored


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
