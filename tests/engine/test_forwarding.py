"""Incoming messages go out by mail: what it says, to whom, and not too many."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from massivesms.domain import settings as product_settings
from massivesms.engine import incoming
from massivesms.engine.forwarding import forward
from massivesms.store import inbound, settings
from massivesms.store.db import Row
from massivesms.trunks.base import InboundCame
from tests.engine.test_mail_sender import EVA, Sender, set_account
from tests.engine.world import World
from tests.fakes.mail_server import MailServer

ANA = "ana@example.com"
WAITING = "SELECT COUNT(*) FROM mail WHERE kind = %s"


@pytest.fixture
def server(world: World) -> Iterator[MailServer]:
    world.set(forward_to=f"{ANA}, {EVA}", country_code="34", time_zone="Europe/Madrid")
    with MailServer() as running:
        set_account(world, running.port)
        yield running


def came(world: World, text: str = "Sí, voy", sender: str = "34600111222") -> int:
    """A message comes in, as the settler stores it."""
    found = product_settings.read(world.db.atomically(settings.load))
    one = InboundCame(1, sender, "5550", text)
    now = datetime.now(UTC)
    return world.db.atomically(lambda tx: incoming.take(tx, 7, one, found, now))


def stored(world: World, inbound_id: int) -> Row:
    return world.db.atomically(lambda tx: inbound.by_id(tx, inbound_id)) or {}


def bodies(world: World, server: MailServer) -> list[str]:
    Sender(world).look()
    return [message.get_content() for message in server.received]


def trunk(world: World) -> None:
    world.db.atomically(
        lambda tx: tx.execute(
            "INSERT INTO trunk (id, name, kind, settings, created_at, changed_at)"
            " VALUES (7, 'Módem', 'script', '{}', NOW(), NOW())"
        )
    )


def test_a_message_is_mailed_to_each_with_the_last_one_sent(
    world: World, server: MailServer
) -> None:
    trunk(world)
    world.campaign("Ofertas", [], text="Venga a la tienda")
    sql = (
        "INSERT INTO message (campaign_id, state, number, segments, created_at,"
        " submitted_at) SELECT id, 'submitted', '+34600111222', 1, NOW(3),"
        " '2026-07-01 10:00:00' FROM campaign WHERE name = 'Ofertas'"
    )
    world.db.atomically(lambda tx: tx.execute(sql))
    came(world, "Sí, voy\nmañana €")
    first, second = bodies(world, server)
    assert first == second
    assert [to for _, (to,) in server.envelopes] == [ANA, EVA]
    assert server.subjects[0] == "Incoming message from +34600111222"
    lines = first.splitlines()
    for line in (
        "From: +34600111222", "To: 5550", "Trunk: Módem", "    Sí, voy",
        "    mañana €", "The last message sent to this number:", "Campaign: Ofertas",
        "Sent: 1 Jul 2026, 12:00", "    Venga a la tienda",
    ):  # fmt: skip
        assert line in lines, first


def test_without_that_option_the_last_message_is_not_in_it(
    world: World, server: MailServer
) -> None:
    world.set(forward_last_message="no")
    world.single("+34600111222", "Venga")
    world.db.atomically(lambda tx: tx.execute("UPDATE message SET state = 'submitted'"))
    came(world)
    assert "Venga" not in bodies(world, server)[0]


def test_while_nobody_is_named_nothing_is_put_in_the_outbox(world: World) -> None:
    came(world)
    assert world.ask("SELECT COUNT(*) FROM mail") == 0


@pytest.mark.parametrize(("wanted", "mails"), [("yes", 2), ("no", 0)])
def test_what_was_dealt_with_already_is_forwarded_if_so_set(
    world: World, server: MailServer, wanted: str, mails: int
) -> None:
    world.set(forward_handled=wanted, forward_to="")
    inbound_id = came(world, "BAJA")
    world.set(forward_to=f"{ANA}, {EVA}")
    change = "UPDATE inbound_message SET handled = 'opt_out'"
    world.db.atomically(lambda tx: tx.execute(change))
    found = product_settings.read(world.db.atomically(settings.load))
    row = stored(world, inbound_id)
    world.db.atomically(lambda tx: forward(tx, row, found))
    said = bodies(world, server)
    assert len(said) == mails
    assert all("they want no more" in text for text in said)


def test_a_flood_is_gathered_into_one_mail_for_each(
    world: World, server: MailServer
) -> None:
    world.set(forward_most="3")
    for n in range(40):
        came(world, f"texto {n}.", f"34600111{n:03}")
    assert world.ask(WAITING, "inbound") == 6
    assert world.ask(WAITING, "inbound_many") == 2
    assert len(bodies(world, server)) == 6, "the others are still gathered"
    due = "UPDATE mail SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(due))
    last = bodies(world, server)[-1]
    assert server.subjects[-1] == "37 incoming messages"
    assert all(f"texto {n}." in last for n in range(3, 40)) and "texto 2." not in last
    came(world)
    assert world.ask(WAITING, "inbound_many") == 4, "a new minute, a new mail"


def test_a_gathered_mail_is_not_endless(world: World, server: MailServer) -> None:
    world.set(forward_most="1", forward_to=ANA)
    came(world)
    came(world)
    many = (
        "INSERT INTO inbound_message (trunk_id, number, sender, recipient, text,"
        " received_at) SELECT 7, '', 'X', 'Y', seq, NOW(3) FROM seq_1_to_700"
    )
    link = (
        "INSERT IGNORE INTO mail_inbound SELECT m.id, i.id FROM mail m"
        " JOIN inbound_message i WHERE m.kind = 'inbound_many'"
    )
    for sql in (many, link, "UPDATE mail SET due_at = UTC_TIMESTAMP(3)"):
        world.db.atomically(lambda tx, one=sql: tx.execute(one))  # type: ignore[misc]
    last = bodies(world, server)[-1]
    assert "202 more have come" in last
    assert server.subjects[-1] == "702 incoming messages"


def test_a_message_that_was_erased_meanwhile_is_in_no_mail(
    world: World, server: MailServer
) -> None:
    came(world, "Secreto", "34600111001")
    world.set(forward_most="1", forward_to=ANA)
    came(world, "Otro secreto", "34600111001")
    came(world, "De otro", "34600111002")
    gone = "DELETE FROM inbound_message WHERE number = '+34600111001'"
    world.db.atomically(lambda tx: tx.execute(gone))
    due = "UPDATE mail SET due_at = UTC_TIMESTAMP(3)"
    world.db.atomically(lambda tx: tx.execute(due))
    (said,) = bodies(world, server)
    assert "De otro" in said and "ecreto" not in said
    assert world.ask("SELECT COUNT(*) FROM mail WHERE state <> 'sent'") == 0
    assert world.ask("SELECT COUNT(*) FROM mail_inbound") == 0


def test_the_outbox_has_no_number_and_no_text(world: World, server: MailServer) -> None:
    came(world, "Secreto")
    rows = world.db.atomically(lambda tx: tx.tuples("SELECT * FROM mail"))
    assert "Secreto" not in str(rows) and "600111222" not in str(rows)


HOSTILE = "x\r\nBcc: all@example.com\r\n\r\nSent: never"


def test_what_people_write_becomes_no_header_and_looks_like_nothing_of_ours(
    world: World, server: MailServer
) -> None:
    came(world, HOSTILE, "EVIL\r\nTo: a@b.c")
    (first, _) = bodies(world, server)
    message = server.received[0]
    assert "Bcc" not in message and message["To"] == ANA
    assert server.subjects[0] == "Incoming message from EVIL To: a@b.c"
    assert "    Bcc: all@example.com" in first.splitlines()
    assert "Sent: never" not in first.splitlines()


def test_mails_are_in_the_products_language(world: World, server: MailServer) -> None:
    trunk(world)
    world.set(language="es", forward_to=ANA)
    came(world)
    (said,) = bodies(world, server)
    assert "Troncal: Módem" in said.splitlines()
    assert server.received[0]["Auto-Submitted"] == "auto-generated"
