"""Webhooks: what happens is posted, signed, and again until it is taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from massivesms.domain import settings as product_settings
from massivesms.domain.webhooks import EVENT_LABELS, Draft
from massivesms.engine import webhook_sender
from massivesms.engine.board import Board, Picture
from massivesms.engine.webhook_sender import Courier
from massivesms.store import messages, webhook_deliveries, webhooks
from massivesms.store.db import Database, Row
from massivesms.vault import Vault
from massivesms.webhook_drafts import changed, new, renewed
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes import target as fake
from tests.fakes.smsc import Smsc
from tests.fakes.target import Got, Target, status

OWN = {"webhook_hosts": "127.0.0.1"}
EVENTS = "SELECT COALESCE(SUM(events), 0) FROM webhook_event"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    monkeypatch.setattr(webhook_sender.WebhookSender, "look_s", 0.1)
    world.set(**OWN)


@pytest.fixture
def target() -> Iterator[Target]:
    with Target() as running:
        yield running


def webhook(world: World, url: str, name: str = "CRM", **more: Any) -> tuple[int, str]:
    """Stores one; its id and secret."""
    draft = Draft(name, url, more.pop("events", list(EVENT_LABELS)), **more)
    made = new(draft, Vault(world.config.secret_key()))
    assert not isinstance(made, dict), made
    stored, secret = made
    return world.db.atomically(lambda tx: webhooks.create(tx, stored, ANA)), secret


def row(world: World, webhook_id: int) -> Row:
    found = world.db.atomically(lambda tx: webhooks.by_id(tx, webhook_id))
    assert found is not None
    return found


def log(world: World, webhook_id: int) -> list[Row]:
    return world.db.atomically(
        lambda tx: webhook_deliveries.page(tx, webhook_id, limit=1000)
    )


def due_now(world: World) -> None:
    """The wait after a failure is over."""
    sql = "UPDATE webhook SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(sql))
    sql = "UPDATE webhook_delivery SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(sql))


def courier(world: World, webhook_id: int, owner: str = "host:1") -> Courier:
    """One that is asked for its steps."""
    return Courier(
        Database(world.config.database),
        Board(Picture(product_settings.read(OWN))),
        Vault(world.config.secret_key()),
        owner,
        webhook_id,
        threading.Event(),
    )


def cancelled(world: World, count: int, name: str = "c") -> list[int]:
    """So many events of messages, each in a transaction of its own."""
    made = world.campaign(name, numbered(count), paused=True)
    ids = [message["id"] for message in world.messages(made)]
    for message_id in ids:
        message = world.message(message_id)
        world.db.atomically(lambda tx, m=message: _cancel(tx, m))  # type: ignore[misc]
    return ids


def _cancel(tx: Any, message: Row) -> None:
    assert messages.cancel(tx, message, "ana")


def is_signed(got: Got, secret: str) -> bool:
    """As docs/webhooks.md tells a receiver to check it."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    head = f"{got.headers['webhook-id']}.{got.headers['webhook-timestamp']}."
    expected = base64.b64encode(
        hmac.new(key, head.encode() + got.body, hashlib.sha256).digest()
    ).decode()
    signatures = got.headers["webhook-signature"].split()
    return any(hmac.compare_digest(s, f"v1,{expected}") for s in signatures)


def test_what_becomes_of_messages_is_told_signed_and_without_texts(
    world: World, smsc: Smsc, engine: Engine, target: Target
) -> None:
    webhook_id, secret = webhook(world, target.url)
    time.sleep(1.1)  # services know of a new webhook after a second
    world.trunk("Operadora", smsc, sender_id="TIENDA")
    campaign_id = world.campaign("Oferta", numbered(30, "Secreto {n}"))
    world.wait_for_counts(campaign_id, {"submitted": 30})
    wait_until(lambda: world.ask(EVENTS) == 0 and len(target.events) >= 31, 10,
               lambda: target.events)  # fmt: skip
    assert all(is_signed(got, secret) for got in target.got)
    assert not any(is_signed(got, "whsec_" + "A" * 44) for got in target.got)
    assert b"Secreto" not in b"".join(got.body for got in target.got)
    sent = [e for e in target.events if e["type"] == "message.submitted"]
    assert len({event["id"] for event in sent}) == 30
    assert {e["message"]["number"] for e in sent} == {m.number for m in numbered(30)}
    one = sent[0]["message"]
    assert (one["campaign"], one["trunk"]) == ("Oferta", "Operadora")
    assert one["smsc_message_ids"] and one["sent_at"].endswith("Z")
    finished = [e for e in target.events if e["type"] == "campaign.finished"]
    assert [e["campaign"]["counts"] for e in finished] == [{"submitted": 30}]
    assert row(world, webhook_id)["succeeded_at"] is not None


def test_texts_are_told_where_they_are_wanted(world: World, target: Target) -> None:
    webhook_id, _ = webhook(world, target.url, with_texts=True)
    cancelled(world, 1)
    assert courier(world, webhook_id).step()
    assert target.events[0]["message"]["text"] == "Mensaje 0"
    assert target.events[0]["message"]["result"].startswith("Cancelled by ana")


def test_own_headers_are_sent_and_an_old_secret_signs_for_a_day(
    world: World, target: Target
) -> None:
    webhook_id, first = webhook(
        world, target.url, headers={"Authorization": "Bearer x"}
    )
    vault = Vault(world.config.secret_key())
    sealed, second = renewed(row(world, webhook_id), vault)
    world.db.atomically(
        lambda tx: webhooks.renew_secret(tx, row_of(tx, webhook_id), sealed, ANA)
    )
    cancelled(world, 1)
    courier(world, webhook_id).step()
    (got,) = target.got
    assert is_signed(got, first) and is_signed(got, second) and first != second
    assert got.headers["authorization"] == "Bearer x"
    kept = changed(
        Draft("CRM", target.url, ["incoming"]), vault, row(world, webhook_id)
    )
    assert not isinstance(kept, dict) and kept.header_names == ["Authorization"]


def row_of(tx: Any, webhook_id: int) -> Row:
    found = webhooks.by_id(tx, webhook_id)
    assert found is not None
    return found


def test_a_failure_is_tried_again_with_the_same_ids_and_in_order(
    world: World, target: Target
) -> None:
    target.answers = [status("503 Busy"), fake.cut, fake.OK]
    webhook_id, _ = webhook(world, target.url)
    ids = cancelled(world, 3)
    one = courier(world, webhook_id)
    assert not one.step() and not one.step(), "it waits after a failure"
    assert len(target.got) == 1 and row(world, webhook_id)["failures"] == 1
    later = cancelled(world, 2, "d")
    for _ in range(2):
        due_now(world)
        one.step()
    assert row(world, webhook_id)["failures"] == 0
    assert one.step() and not one.step()
    first = [got.headers["webhook-id"] for got in target.got]
    assert first[0] == first[1] == first[2] != first[3]
    assert target.got[0].told["events"] == target.got[2].told["events"]
    told = [e["message"]["id"] for got in target.got[2:] for e in got.told["events"]]
    assert told == ids + later
    newest, oldest = log(world, webhook_id)
    assert (oldest["attempts"], oldest["state"], oldest["http_status"]) == (
        3, "delivered", 200,
    )  # fmt: skip


def test_a_crash_between_the_post_and_its_booking_posts_the_same_again(
    world: World, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 5)

    def crash(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(webhook_deliveries, "delivered", crash)
        courier(world, webhook_id).step()
    assert courier(world, webhook_id, "host:2").step() is False, "it is still taken"
    sql = "UPDATE webhook SET taken_at = taken_at - INTERVAL 61 SECOND"
    world.db.atomically(lambda tx: tx.execute(sql))
    assert courier(world, webhook_id, "host:2").step()
    first, second = target.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.told == second.told
    assert world.ask(EVENTS) == 0


def test_retry_after_is_kept_to(world: World, target: Target) -> None:
    target.answers = [status("429 Slow", "Retry-After: 900")]
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 1)
    courier(world, webhook_id).step()
    wait = "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), due_at) FROM webhook"
    assert 895 <= world.ask(wait) <= 900


def test_410_turns_the_webhook_off_and_says_so(world: World, target: Target) -> None:
    target.answers = [status("410 Gone")]
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 1)
    courier(world, webhook_id).step()
    found = row(world, webhook_id)
    assert (found["active"], found["stopped_code"]) == (False, "gone")
    trouble = world.db.atomically(webhooks.trouble)
    assert trouble is not None and trouble["name"] == "CRM"
    assert world.db.atomically(lambda tx: webhooks.with_work(tx, "host:1")) == []


def test_what_one_batch_is_refused_for_again_and_again_holds_up_nothing(
    world: World, target: Target
) -> None:
    target.answers = [*[status("422 No", body="bad")] * 5, fake.OK]
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 1)
    one = courier(world, webhook_id)
    for _ in range(5):
        due_now(world)
        one.step()
    later = cancelled(world, 1, "d")
    due_now(world)
    assert one.step(), "the later one goes first"
    assert target.got[-1].told["events"][0]["message"]["id"] == later[0]
    due_now(world)
    assert one.step(), "then the refused one has its turn"
    assert target.got[-1].headers["webhook-id"] == target.got[0].headers["webhook-id"]
    assert world.ask(EVENTS) == 0


def test_after_three_days_it_is_given_up_and_can_be_sent_by_hand(
    world: World, target: Target
) -> None:
    target.answers = [status("500 Error")]
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 2)
    one = courier(world, webhook_id)
    one.step()
    old = "UPDATE webhook_event SET at = at - INTERVAL 4 DAY"
    world.db.atomically(lambda tx: tx.execute(old))
    due_now(world)
    one.step()
    (given_up,) = log(world, webhook_id)
    assert (given_up["state"], given_up["has_events"]) == ("given_up", 1)
    assert world.db.atomically(lambda tx: webhook_deliveries.given_up(tx, webhook_id))
    target.answers = [fake.OK]
    world.db.atomically(
        lambda tx: webhook_deliveries.retry(tx, row_of(tx, webhook_id), ANA)
    )
    assert one.step()
    assert log(world, webhook_id)[0]["state"] == "delivered"


def test_a_target_that_hangs_holds_up_neither_the_others_nor_the_sending(
    world: World, smsc: Smsc, target: Target
) -> None:
    with Target([fake.hang]) as hanging:
        webhook(world, hanging.url, "Hängt")
        webhook(world, target.url)
        webhook(world, "http://10.255.255.1:9/", "Privado")
        world.trunk("one", smsc)
        with Engine(world.config):
            campaign_id = world.campaign("c", numbered(20))
            world.wait_for_counts(campaign_id, {"submitted": 20}, 10)
            wait_until(lambda: len(target.events) >= 21, 8, lambda: target.events)
            assert len(hanging.got) == 1
            sql = "SELECT error_code FROM webhook WHERE name = 'Privado'"
            wait_until(lambda: world.ask(sql) == "host_forbidden", 5)


def test_a_webhook_with_another_key_file_says_so(world: World, target: Target) -> None:
    webhook_id, _ = webhook(world, target.url)
    cancelled(world, 1)
    world.config.secret_key_file.write_text("ab" * 32)
    courier(world, webhook_id).step()
    assert row(world, webhook_id)["error_code"] == "secret_unreadable"
    assert target.got == []
