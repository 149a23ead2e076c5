"""Passwords: argon2id in the database, none that is common, none by default."""

from __future__ import annotations

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from massivesms import passwords
from massivesms.config import DatabaseSettings
from massivesms.store import migrations
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB
from tests.web.browser import Browser
from tests.web.test_users import NEW, make

COMMONEST = FREQUENCY_LISTS["passwords"][:3000]
LONG = [word for word in FREQUENCY_LISTS["passwords"][:30_000] if len(word) >= 10]


def test_the_database_has_argon2id_and_never_the_password(
    client: Browser, db: Database
) -> None:
    make(client, db)
    make(client, db, name="second")
    with db.transaction() as tx:
        sql = "SELECT password_hash FROM user WHERE name <> 'administrator-user'"
        hashes = [stored for (stored,) in tx.tuples(sql)]
        everything = str(tx.rows("SELECT * FROM user") + tx.rows("SELECT * FROM audit"))
    assert len(set(hashes)) == 2, "each has a salt of its own"
    for stored in hashes:
        assert stored.startswith("$argon2id$")
        memory = int(stored.split("m=")[1].split(",")[0])
        assert memory >= 19 * 1024, "the least that OWASP asks for"
    assert NEW not in everything


def test_the_three_thousand_commonest_are_refused() -> None:
    assert all(passwords.refusal(word, "ana") for word in COMMONEST)
    assert all(passwords.refusal(word.upper(), "ana") for word in COMMONEST)


def test_common_ones_are_refused_though_they_are_long() -> None:
    assert len(LONG) > 100
    for word in LONG:
        problem = passwords.refusal(word, "ana")
        assert problem and problem.code == "password_common", word


@pytest.mark.parametrize("word", LONG[:3])
def test_the_page_refuses_them_too(client: Browser, db: Database, word: str) -> None:
    assert "easy to guess" in make(client, db, password=word, repeated=word)


def test_a_new_installation_has_no_user_and_so_no_default_password(
    mariadb: PrivateMariaDB,
) -> None:
    mariadb.create_database("fresh")
    socket = str(mariadb.socket_path)
    db = Database(DatabaseSettings("", 0, socket, "root", "", "fresh"))
    try:
        migrations.upgrade(db)
        with db.transaction() as tx:
            assert tx.value("SELECT COUNT(*) FROM user") == 0
    finally:
        db.close()
        mariadb.drop_database("fresh")
