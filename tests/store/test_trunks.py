"""Trunks: what is stored of them, when they may go, and what stays behind."""

from __future__ import annotations

from decimal import Decimal

import pytest

from massivesms.domain.campaigns import OUTPUT_QUEUE_ID
from massivesms.domain.caps import Caps
from massivesms.errors import StoreError
from massivesms.store import messages, trunk_tests, trunks
from massivesms.store.db import Database, Row, Transaction
from massivesms.store.trunks import TrunkDraft
from tests.store import examples
from tests.store.examples import ANA


def read(tx: Transaction, trunk_id: int) -> Row:
    row = trunks.by_id(tx, trunk_id)
    assert row is not None
    return row


def test_a_trunk_is_read_back_as_it_was_drafted(db: Database) -> None:
    draft = TrunkDraft(
        "Salida ñ",
        "smpp",
        active=False,
        priority=3,
        sender_id="Pyme",
        append_country_code=True,
        rate_per_s=12.5,
        caps=Caps(minute=10, day=500),
        prefixes="34,!34900",
        cost_per_segment=Decimal("0.0350"),
        settings={"host": "smpp.example.net"},
        secrets=b"\x00sealed\xff",
    )
    with db.transaction() as tx:
        row = read(tx, trunks.create(tx, draft, ANA))
    same = ("name", "kind", "active", "priority", "sender_id", "secrets")
    for name in (*same, "caps", "prefixes", "cost_per_segment"):
        assert row[name] == getattr(draft, name)
    assert row["settings"] == {"host": "smpp.example.net"}
    assert (row["append_country_code"], row["rate_per_s"]) == (True, 12.5)


def test_the_audit_holds_no_secret(db: Database) -> None:
    with db.transaction() as tx:
        examples.trunk(tx, secrets=b"sealed")
        assert "sealed" not in str(tx.rows("SELECT * FROM audit"))


def test_a_change_keeps_the_secrets_raises_the_revision_and_clears_the_stop(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx, secrets=b"sealed")
        assert trunks.stop(tx, made, 1, "bind_password", "wrong")
        assert read(tx, made)["stopped_code"] == "bind_password"
        draft = TrunkDraft("Exit", "script", settings={"script": "b.sh"})
        trunks.update(tx, made, draft, ANA)
        row = read(tx, made)
    assert (row["secrets"], row["revision"]) == (b"sealed", 2)
    assert (row["stopped_code"], row["settings"]) == (None, {"script": "b.sh"})


def test_the_service_does_not_stop_a_trunk_that_was_changed_meanwhile(
    db: Database,
) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx)
        trunks.set_active(tx, read(tx, made), True, ANA)
        assert not trunks.stop(tx, made, 1, "bind_password", "")
        assert trunks.stop(tx, made, 2, "bind_password", "x" * 999)
        assert not trunks.stop(tx, made, 2, "script_missing", ""), "the first counts"


def test_trunks_are_listed_by_priority(db: Database) -> None:
    with db.transaction() as tx:
        examples.trunk(tx, "B", priority=2)
        examples.trunk(tx, "C", priority=1)
        examples.trunk(tx, "A", priority=2)
        assert [row["name"] for row in trunks.all_trunks(tx)] == ["C", "A", "B"]


@pytest.mark.parametrize("length", [4, 76, 80])
def test_a_trunk_with_history_is_hidden_and_its_name_free_again(
    db: Database, length: int
) -> None:
    name = "x" * length
    with db.transaction() as tx:
        for _ in range(3):
            made = examples.trunk(tx, name, secrets=b"sealed")
            campaign_id = examples.campaign(tx, f"of {made}", 1)
            ours = examples.claim(tx, campaign_id, made)
            examples.settle(tx, ours, made, "submitted", ids=["A"])
            trunks.remove(tx, read(tx, made), ANA)
            assert trunks.by_id(tx, made) is None
            assert name[:60] in trunks.names(tx)[made]
            kept = tx.row("SELECT active, secrets FROM trunk WHERE id = %s", (made,))
            assert kept == {"active": 0, "secrets": None}
        assert trunks.all_trunks(tx) == []


def test_a_trunk_without_history_goes_altogether(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx)
        trunk_tests.request(tx, made, "ana")
        trunks.remove(tx, read(tx, made), ANA)
        assert trunks.names(tx) == {}
        assert tx.value("SELECT COUNT(*) FROM trunk_test") == 0


def test_a_trunk_that_messages_were_routed_to_is_not_forgotten(db: Database) -> None:
    """Else nobody knew that they wait for it, and they waited for ever."""
    with db.transaction() as tx:
        first, second = examples.trunk(tx, "A"), examples.trunk(tx, "B")
        campaign_id = examples.campaign(tx, count=1)
        ours = examples.claim(tx, campaign_id, first)
        examples.settle(tx, ours, first, "queued", route_trunk_id=second)
        trunks.remove(tx, read(tx, second), ANA)
        assert second in trunks.names(tx)


def test_a_trunk_that_an_open_campaign_names_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx)
        examples.campaign(tx, "Offer", 1, trunk_id=made)
    with pytest.raises(StoreError, match="campaign Offer"), db.transaction() as tx:
        trunks.remove(tx, read(tx, made), ANA)


def test_a_trunk_that_a_waiting_single_message_names_is_kept(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx)
        single = examples.new_messages(1)[0]
        message_id = messages.enqueue_single(
            tx, single, campaign_id=OUTPUT_QUEUE_ID, trunk_id=made
        )
    with pytest.raises(StoreError, match="to be sent through"), db.transaction() as tx:
        trunks.remove(tx, read(tx, made), ANA)
    with db.transaction() as tx:
        row = messages.by_id(tx, message_id)
        assert row is not None
        assert messages.cancel(tx, row, "ana")
        trunks.remove(tx, read(tx, made), ANA)


def test_a_taken_name_is_refused(db: Database) -> None:
    with db.transaction() as tx:
        examples.trunk(tx, "Exit")
        other = examples.trunk(tx, "Other")
    with pytest.raises(StoreError, match="already a trunk"), db.transaction() as tx:
        examples.trunk(tx, "exit")
    with pytest.raises(StoreError, match="already a trunk"), db.transaction() as tx:
        trunks.update(tx, other, TrunkDraft("Exit", "script"), ANA)


def test_a_test_is_taken_once_and_read_back(db: Database) -> None:
    with db.transaction() as tx:
        made = examples.trunk(tx)
        test_id = trunk_tests.request(tx, made, "ana")
        assert trunk_tests.take(tx) == {"id": test_id, "trunk_id": made}
        assert trunk_tests.take(tx) is None
        trunk_tests.finish(tx, test_id, True, [("bound", "SMSC ñ")])
        row = trunk_tests.by_id(tx, test_id)
    assert row is not None
    assert (row["state"], row["passed"]) == ("done", 1)
    assert row["steps"] == [["bound", "SMSC ñ"]]
