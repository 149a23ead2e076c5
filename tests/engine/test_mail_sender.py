"""Mail leaves the outbox whatever the server does, and holds up nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from massivesms.domain import mail_account
from massivesms.domain import settings as product_settings
from massivesms.engine import mail_sender
from massivesms.engine.board import Board, Picture
from massivesms.engine.mail_sender import MailSender
from massivesms.store import mail_accounts, mails, settings
from massivesms.store.db import Row
from massivesms.vault import Vault
from tests.engine.world import ANA, Engine, World, numbered, wait_until
from tests.fakes.mail_server import CLOSE, SILENCE, Bare, MailServer, free_port, silence
from tests.fakes.smsc import Smsc

EVA = "eva@example.com"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


def set_account(world: World, port: int, **more: str) -> None:
    given = {
        "from_address": "sms@example.org", "host": "127.0.0.1", "port": str(port),
        "security": "none", "timeout_s": "2",
    } | more  # fmt: skip
    checked = {k: str(v) for k, v in mail_account.check(given).items()}
    sealed = Vault(world.config.secret_key()).seal({"password": checked["password"]})
    checked.pop("password")
    world.db.atomically(
        lambda tx: mail_accounts.save(tx, checked, sealed, ANA, has_new_secrets=False)
    )


class Sender(MailSender):
    """The thread's work without the thread: each look is asked for."""

    def __init__(self, world: World, owner: str = "host:1") -> None:
        stored = world.db.atomically(settings.load)
        board = Board(Picture(product_settings.read(stored)))
        self.clock = datetime.now(UTC)
        super().__init__(world.config, board, owner, lambda: self.clock)

    def look(self) -> None:
        """Leaves no connection behind, as the thread does at its end."""
        try:
            super().look()
        finally:
            self._db.close()

    def again(self) -> None:
        """As if the waits were over."""
        self._db.atomically(mail_accounts.try_now)
        self._db.atomically(mails.due_now)
        self.look()


def put(world: World, *to: str, subject: str = "Hola") -> list[int]:
    recipients = to or (EVA,)
    return world.db.atomically(
        lambda tx: mails.add(tx, "report", recipients, subject, "Texto")
    )


def row(world: World, mail_id: int) -> Row:
    found = world.db.atomically(
        lambda tx: tx.row(
            "SELECT *, TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(3), due_at) AS due_in_s"
            " FROM mail WHERE id = %s",
            (mail_id,),
        )
    )
    assert found
    return found


def state(world: World) -> Row:
    return world.db.atomically(mail_accounts.state)


def trouble(world: World) -> dict[str, Any]:
    return world.db.atomically(mails.trouble) or {}


def test_mails_leave_over_one_connection_and_their_bodies_are_kept_no_longer(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    ids = put(world, EVA, "leo@example.com") + put(world, subject="Dos")
    Sender(world).look()
    assert [to for _, (to,) in server.envelopes] == [EVA, "leo@example.com", EVA]
    assert server.connections == 1
    for mail_id in ids:
        found = row(world, mail_id)
        assert (found["state"], found["body"], found["taken_by"]) == ("sent", "", "")
    assert state(world)["sent_at"] and not trouble(world)
    keys = {message["Message-ID"] for message in server.received}
    assert len(keys) == 3


def test_without_an_account_mail_waits_and_is_not_tried(world: World) -> None:
    (mail_id,) = put(world)
    Sender(world).look()
    assert row(world, mail_id)["attempts"] == 0
    old = "UPDATE mail SET due_at = due_at - INTERVAL 1 HOUR"
    world.db.atomically(lambda tx: tx.execute(old))
    assert trouble(world)["error_code"] == "mail_no_account"


def test_a_refused_recipient_has_failed_at_once_and_the_others_get_theirs(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    server.by_recipient[EVA] = "550 5.1.1 No such user"
    ids = put(world, EVA, "leo@example.com")
    Sender(world).look()
    assert [row(world, one)["state"] for one in ids] == ["failed", "sent"]
    assert row(world, ids[0])["error_detail"] == "550 5.1.1 No such user"
    found = trouble(world)
    assert (found["waiting"], found["failed"]) == (0, 1)
    assert found["error_code"] == "mail_recipient_refused"
    server.by_recipient.clear()
    assert world.db.atomically(lambda tx: mails.retry(tx, ids[0]))
    Sender(world).look()
    assert row(world, ids[0])["state"] == "sent" and not trouble(world)


def test_greylisting_waits_longer_each_time_and_troubles_nobody_at_first(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    server.answers["RCPT"] = "451 4.7.1 Greylisted"
    (mail_id,) = put(world)
    sender = Sender(world)
    waits = []
    for _ in range(8):
        sender.again()
        waits.append(row(world, mail_id)["due_in_s"] + 1)
    assert [round(w / 60) for w in waits] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert not trouble(world)
    world.db.atomically(
        lambda tx: tx.execute(
            "UPDATE mail SET created_at = created_at - INTERVAL 1 HOUR"
        )
    )
    assert trouble(world)["error_code"] == "mail_recipient_later"
    server.answers.clear()
    sender.again()
    assert row(world, mail_id)["state"] == "sent"


def test_while_the_account_fails_there_is_one_try_for_all_mails(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    server.answers["MAIL"] = "550 5.7.1 Not yours"
    ids = [*put(world), *put(world), *put(world)]
    sender = Sender(world)
    sender.look()
    sender.look()
    Sender(world, "host:2").look()
    assert server.commands.count("MAIL") == 1
    assert all(row(world, one)["attempts"] == 0 for one in ids)
    found = trouble(world)
    assert (found["waiting"], found["error_code"]) == (3, "mail_sender_refused")
    waits = []
    over = "UPDATE mail_state SET next_try_at = UTC_TIMESTAMP(3)"
    for _ in range(8):
        due = "SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), next_try_at)"
        waits.append(world.ask(f"{due} FROM mail_state"))
        world.db.atomically(lambda tx: tx.execute(over))
        sender.look()
    assert [round(w / 60) for w in waits] == [1, 2, 4, 8, 16, 32, 60, 60]
    server.answers.clear()
    sender.again()
    assert len(server.received) == 3 and not trouble(world)


def test_a_silent_server_backs_the_account_off(world: World) -> None:
    with Bare(silence) as server:
        set_account(world, server.port)
        (mail_id,) = put(world)
        sender = Sender(world)
        sender.look()
        sender.look()
        assert server.connections == 1
    found = row(world, mail_id)
    assert (found["state"], found["taken_by"]) == ("waiting", "")
    assert trouble(world)["error_code"] == "mail_silent"


@pytest.mark.parametrize("answer", [CLOSE, SILENCE])
def test_one_mail_that_breaks_the_link_does_not_hold_up_the_others(
    world: World, server: MailServer, answer: str
) -> None:
    set_account(world, server.port)
    server.by_recipient["poison@example.com"] = answer
    bad, good = put(world, "poison@example.com", EVA)
    Sender(world).look()
    assert row(world, good)["state"] == "sent"
    assert row(world, bad)["state"] == "waiting"
    assert not state(world)["failing_since"]


def test_a_server_that_breaks_every_talk_backs_the_account_off(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    server.answers["DATA"] = CLOSE
    ids = [*put(world), *put(world), *put(world), *put(world)]
    Sender(world).look()
    assert server.commands.count("DATA") == 2
    assert trouble(world)["error_code"] == "mail_closed"
    assert [row(world, one)["attempts"] for one in ids] == [1, 1, 0, 0]


def test_what_a_dead_service_had_taken_is_sent_after_its_lease(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    (mail_id,) = put(world)
    world.db.atomically(lambda tx: mails.take(tx, "dead:1"))
    sender = Sender(world)
    sender.look()
    assert server.received == []
    old = "UPDATE mail SET taken_at = taken_at - INTERVAL 301 SECOND"
    world.db.atomically(lambda tx: tx.execute(old))
    sender.look()
    assert len(server.received) == 1
    world.db.atomically(lambda tx: mails.failed(tx, "dead:1", mail_id, "mail_closed"))
    assert row(world, mail_id)["state"] == "sent", "the dead one says nothing more"


def test_two_services_send_each_mail_once(world: World, server: MailServer) -> None:
    set_account(world, server.port)
    put(world, *(f"a{n}@example.com" for n in range(40)))
    senders = [Sender(world, f"host:{n}") for n in range(4)]

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(Sender.look, senders))
    reached = sorted(to for _, (to,) in server.envelopes)
    assert reached == sorted(f"a{n}@example.com" for n in range(40))


def test_a_mail_sent_twice_by_a_crash_is_known_by_its_id(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port)
    (mail_id,) = put(world)
    back = "UPDATE mail SET state = 'waiting' WHERE id = %s"
    for _ in range(2):
        Sender(world).look()
        world.db.atomically(lambda tx: tx.execute(back, (mail_id,)))
    first, second = server.received
    assert first["Message-ID"] == second["Message-ID"]


def test_after_two_days_a_mail_is_given_up_with_the_reason(
    world: World, server: MailServer
) -> None:
    set_account(world, free_port())
    (mail_id,) = put(world)
    sender = Sender(world)
    sender.look()
    late = "UPDATE mail SET give_up_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND"
    world.db.atomically(lambda tx: tx.execute(late))
    sender._house_at_s = 0.0
    sender.look()
    found = row(world, mail_id)
    assert (found["state"], found["error_code"]) == ("failed", "mail_refused")


def test_a_password_under_another_key_is_said_and_not_tried(
    world: World, server: MailServer
) -> None:
    set_account(world, server.port, user="ana", password="hunter2")
    other = Vault(b"x" * 32).seal({"password": "hunter2"})
    change = "UPDATE mail_account SET secrets = %s"
    world.db.atomically(lambda tx: tx.execute(change, (other,)))
    put(world)
    Sender(world).look()
    assert trouble(world)["error_code"] == "mail_key_other"
    assert server.connections == 0


def test_the_password_is_stored_sealed(world: World) -> None:
    set_account(world, 25, user="ana", password="hunter2")
    found = world.db.atomically(mail_accounts.load) or {}
    assert b"hunter2" not in found["secrets"]
    assert "hunter2" not in json.dumps(found["settings"])


def test_old_mails_are_forgotten(world: World) -> None:
    put(world, *(f"a{n}@example.com" for n in range(3)))
    world.db.atomically(
        lambda tx: tx.execute(
            "UPDATE mail SET state = ELT(id %% 2 + 1, 'sent', 'failed'),"
            " finished_at = UTC_TIMESTAMP(3) - INTERVAL id %% 2 + 30 DAY",
            (),
        )
    )
    Sender(world).look()
    assert world.ask("SELECT COUNT(*) FROM mail") == 0


def test_a_silent_mail_server_holds_up_no_message(
    world: World, smsc: Smsc, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail_sender.MailSender, "look_s", 0.1)
    with Bare(silence) as server:
        set_account(world, server.port, timeout_s="60")
        put(world)
        world.trunk("one", smsc)
        with Engine(world.config):
            wait_until(lambda: server.connections == 1, 10)
            campaign_id = world.campaign("c", numbered(50))
            world.wait_for_counts(campaign_id, {"submitted": 50})
