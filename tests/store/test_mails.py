"""The outbox with many mails in it: every look and step uses an index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import pytest

from massivesms.config import DatabaseSettings
from massivesms.store import daily_reports, forwarded, mails, migrations
from massivesms.store.db import Database
from tests.servers.mariadb import PrivateMariaDB

FILL = (
    "INSERT INTO mail (kind, recipients, subject, body, state, attempts, due_at,"
    " give_up_at, created_at, finished_at, error_code) SELECT"
    " ELT(1 + seq % 3, 'inbound', 'inbound_many', 'report'), 'a@b.c', 'x', 'x',"
    " ELT(1 + seq % 20, 'waiting', 'failed', 'sent', 'sent', 'sent', 'sent', 'sent',"
    "  'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent', 'sent',"
    "  'sent', 'sent', 'sent'), 1, NOW(3) - INTERVAL seq MINUTE,"
    " NOW(3) + INTERVAL 48 HOUR - INTERVAL seq MINUTE, NOW(3) - INTERVAL seq MINUTE,"
    " NOW(3) - INTERVAL seq MINUTE, 'mail_closed' FROM seq_1_to_20000",
    "INSERT INTO mail_inbound SELECT seq, seq FROM seq_1_to_20000",
    "INSERT INTO inbound_message (trunk_id, number, sender, recipient, text,"
    " received_at) SELECT 1, '', 'x', '', 'x', NOW(3) - INTERVAL seq MINUTE"
    " FROM seq_1_to_20000",
    "INSERT INTO traffic (minute, campaign_id, trunk_id, state, messages, segments)"
    " SELECT UTC_TIMESTAMP() - INTERVAL seq MINUTE, 1 + seq % 3, 1, 'submitted', 1, 1"
    " FROM seq_1_to_20000",
    "ANALYZE TABLE mail, mail_inbound, inbound_message, traffic PERSISTENT FOR ALL",
)
SPAN = {"begin": datetime(2026, 1, 1), "end": datetime(2026, 1, 2)}
ONE = {"id": 5, "owner": "x", "code": "x", "detail": "x"}
LOOKS = {
    "mails.ANY_DUE": (mails.ANY_DUE, {}),
    "mails.NEXT": (mails.NEXT, {}),
    "mails.TAKEN": (mails.TAKEN, ONE),
    "mails.SENT": (mails.SENT, ONE),
    "mails.EXPIRE": (mails.EXPIRE, ONE),
    "mails.DUE_NOW": (mails.DUE_NOW, {}),
    "mails.PURGE": (mails.PURGE, {"state": "sent"}),
    "mails.OPEN": (mails.OPEN, {"state": "waiting"}),
    "mails.COUNT": (mails.COUNT, {"state": "failed"}),
    "mails.STUCK": (mails.STUCK, {"is_failing": 0}),
    "mails.LAST_FAILED": (mails.LAST_FAILED, {}),
    "forwarded.RECENT": (forwarded.RECENT, {"limit": 10}),
    "forwarded.GATHERING": (forwarded.GATHERING, {}),
    "forwarded.CONTENTS": (forwarded.CONTENTS, {"mail_id": 5}),
    "forwarded.COUNT": (forwarded.COUNT, {"mail_id": 5}),
    "daily_reports.CAMPAIGNS": (daily_reports.CAMPAIGNS, SPAN),
    "daily_reports.TRUNKS": (daily_reports.TRUNKS, SPAN),
    "daily_reports.INBOUND": (daily_reports.INBOUND, SPAN),
}
BIG = {"mail", "inbound_message", "traffic", "i", "f", "m"}


@pytest.fixture(scope="module")
def full(mariadb: PrivateMariaDB) -> Iterator[Database]:
    mariadb.create_database("mails")
    settings = DatabaseSettings("", 0, str(mariadb.socket_path), "root", "", "mails")
    db = Database(settings)
    migrations.upgrade(db)
    for sql in FILL:
        db.atomically(lambda tx, one=sql: tx.tuples(one))  # type: ignore[misc]
    yield db
    db.close()
    mariadb.drop_database("mails")


@pytest.mark.parametrize("name", LOOKS)
def test_a_look_uses_an_index_and_does_not_sort_many(full: Database, name: str) -> None:
    sql, values = LOOKS[name]
    plan = full.atomically(lambda tx: tx.rows(f"EXPLAIN {sql}", values))
    for row in plan:
        if row["table"] in BIG:
            assert row["key"], plan
            assert (row["type"] or "") != "index", plan
    if name in ("mails.NEXT", "mails.OPEN"):
        assert all("filesort" not in (row["Extra"] or "") for row in plan), plan


def test_a_day_has_one_report(full: Database) -> None:
    day = date(2026, 1, 1)
    assert full.atomically(lambda tx: daily_reports.book(tx, day))
    assert not full.atomically(lambda tx: daily_reports.book(tx, day))


def test_a_mail_is_discarded_with_what_it_told_of(full: Database) -> None:
    (mail_id,) = full.atomically(lambda tx: mails.add(tx, "x", ["a@b.c"], "x", "x"))
    full.atomically(
        lambda tx: tx.execute("INSERT INTO mail_inbound VALUES (%s, 1)", (mail_id,))
    )
    assert full.atomically(lambda tx: mails.discard(tx, mail_id))
    assert not full.atomically(lambda tx: mails.discard(tx, mail_id))
    count = "SELECT COUNT(*) FROM mail_inbound WHERE mail_id = %s"
    assert full.atomically(lambda tx: tx.value(count, (mail_id,))) == 0
    sent = "SELECT id FROM mail WHERE state = 'sent' LIMIT 1"
    gone = full.atomically(lambda tx: tx.value(sent))
    assert not full.atomically(lambda tx: mails.retry(tx, gone))
    assert not full.atomically(lambda tx: mails.discard(tx, gone))
