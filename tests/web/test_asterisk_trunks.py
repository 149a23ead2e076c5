"""The pages of Asterisk trunks: made, shown without the secret, helped with."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.store import trunk_tests, trunks
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms.vault import Vault
from tests.web.browser import Browser

SECRET = "s3creto-del-pbx"
ENTERED = {
    "name": "PBX",
    "priority": "1",
    "driver": "dongle",
    "devices": "dongle0, dongle1",
    "host": "127.0.0.1",
    "port": "5038",
    "user": "massivesms",
    "secret": SECRET,
    "reports": "y",
    "escapes": "y",
    "sip_to": "pjsip:{number}",
    "auth": "md5",
    "timeout_s": "120",
}


@pytest.fixture
def trunk(client: Browser, db: Database) -> Row:
    client.send("/trunks/new/asterisk", ENTERED)
    with db.transaction() as tx:
        (row,) = trunks.all_trunks(tx)
    return row


def test_a_trunk_is_stored_shown_and_its_secret_never(
    client: Browser, config: Config, trunk: Row
) -> None:
    assert (trunk["kind"], trunk["settings"]["reports"]) == ("asterisk", "yes")
    assert Vault(config.secret_key()).open(trunk["secrets"]) == {"secret": SECRET}
    for path in (f"/trunks/{trunk['id']}", f"/trunks/{trunk['id']}/edit", "/trunks/"):
        assert SECRET not in client.get(path).text
    assert "dongle0, dongle1" in client.get(f"/trunks/{trunk['id']}").text


def test_what_is_wrong_stands_beside_its_field(client: Browser, db: Database) -> None:
    given = {**ENTERED, "devices": "dongle0; core stop now"}
    answer = client.send("/trunks/new/asterisk", given)
    assert answer.status_code == 422
    assert "Name at least one device" in answer.text
    assert SECRET not in answer.text
    with db.transaction() as tx:
        assert not trunks.all_trunks(tx)


@pytest.mark.parametrize("code", ["asterisk_login", "asterisk_permission"])
def test_who_was_not_let_in_is_told_what_manager_conf_needs(
    client: Browser, db: Database, trunk: Row, code: str
) -> None:
    path = f"/trunks/{trunk['id']}"
    assert "write = call,reporting,message" not in client.get(path).text
    with db.transaction() as tx:
        trunks.stop(tx, trunk["id"], trunk["revision"], code, "")
    text = client.get(path).text
    assert "[massivesms]" in text
    assert "write = call,reporting,message" in text
    assert "permit = 127.0.0.1/255.255.255.255" in text
    assert SECRET not in text


def test_a_trial_of_a_trunk_that_is_off_helps_too(
    client: Browser, db: Database, trunk: Row
) -> None:
    with db.transaction() as tx:
        trunks.set_active(tx, trunk, False, Actor("ana", "test"))
        steps = [("connecting", "127.0.0.1:5038"), ("asterisk_login", "")]
        trunk_tests.finish(
            tx, trunk_tests.request(tx, trunk["id"], "ana"), False, steps
        )
    text = client.get(f"/trunks/{trunk['id']}").text
    assert text.count("write = call,reporting,message") == 1


def test_what_is_no_matter_of_rights_shows_no_such_help(
    client: Browser, db: Database, trunk: Row
) -> None:
    with db.transaction() as tx:
        trunks.stop(tx, trunk["id"], trunk["revision"], "asterisk_refusing", "dongle0")
    text = client.get(f"/trunks/{trunk['id']}").text
    assert "look at credit, barring" in text
    assert "manager_custom.conf" not in text


def test_the_type_can_be_chosen(client: Browser) -> None:
    assert "/trunks/new/asterisk" in client.get("/trunks/new").text
