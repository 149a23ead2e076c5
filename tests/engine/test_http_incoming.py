"""What a gateway gives once: stored once, whatever is in it, and never multiplied."""

from __future__ import annotations

import socket
from collections.abc import Sequence

import pytest

from massivesms.engine import incoming
from massivesms.store import unreadable
from massivesms.store.failures import StoreUnavailable, translate
from massivesms.trunks.base import InboundCame
from tests.engine.pages import Pages
from tests.engine.telling import (
    APP_SECRET,
    PERSON,
    TOKEN,
    add,
    address,
    other,
    whatsapp,
)
from tests.engine.test_incoming import texts, wait_for
from tests.engine.world import Engine, World, wait_until
from tests.fakes import provider_callers as callers
from tests.fakes.provider_callers import whatsapp_text
from tests.fakes.providers import Dinstar, Provider, Whatsapp

HALF = "Hola \ud83d"  # the first half of a pair: no character


@pytest.fixture(autouse=True)
def own(world: World) -> None:
    world.set(webhook_hosts="127.0.0.1", country_code="34")


def gateway(world: World, fake: Dinstar) -> int:
    return add(world, fake, "Dinstar", "/api/send_sms", ask_every_s="1")


def test_half_a_character_becomes_a_question_mark(world: World) -> None:
    with Dinstar() as fake:
        fake.inbox = [(PERSON, HALF), (PERSON, "Gracias")]
        gateway(world, fake)
        with Engine(world.config):
            wait_for(world, "Hola ?", "Gracias")


def test_a_call_with_half_a_character_is_taken(world: World) -> None:
    with Whatsapp() as fake, Provider() as plain, Pages(world.config) as pages:
        url = address(pages, whatsapp(world, fake))
        message = whatsapp_text("wamid.IN1", PERSON, HALF)
        assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        url = address(pages, other(world, plain), TOKEN)
        came = b'{"id": "i1", "from": "+34600111222", "text": "Adi\\u00f3s \\ud83d"}'
        assert callers.post(url, came, {"Content-Type": "application/json"}) == 204
    kept = world.db.atomically(
        lambda tx: tx.tuples("SELECT text FROM provider_message")
    )
    assert sorted(text for (text,) in kept) == ["Adiós ?", "Hola ?"]


def test_what_the_database_will_never_take_is_kept_as_unreadable(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("massivesms.domain.http_places.whole", lambda text: text)
    with Dinstar() as fake:
        fake.inbox = [(PERSON, HALF), (PERSON, "Gracias")]
        trunk_id = gateway(world, fake)
        with Engine(world.config):
            wait_for(world, "Gracias")
            wait_until(lambda: kept(world, trunk_id), 10)
            asked = len(fake.got)
            wait_until(lambda: len(fake.got) > asked + 2, 10)
        assert kept(world, trunk_id) == [("message", f"{PERSON}: Hola ?")]
        assert texts(world) == ["Gracias"]


def test_nothing_is_multiplied_while_the_database_is_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, came = incoming.take_all, []

    def away(tx: object, trunk_id: int, some: Sequence[InboundCame], *more: object):  # type: ignore[no-untyped-def]
        came.append([one.text for one in some])
        if len(came) < 4:
            raise StoreUnavailable(translate(OSError("away")).problem)
        return real(tx, trunk_id, some, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(incoming, "take_all", away)
    with Dinstar() as fake:
        fake.inbox = [(PERSON, "BAJA")]
        gateway(world, fake)
        with Engine(world.config):
            wait_until(lambda: len(came) >= 4, 20)
            wait_for(world, "BAJA")
    assert set(map(tuple, came)) == {("BAJA",)}


def kept(world: World, trunk_id: int) -> list[tuple[str, str]]:
    rows = world.db.atomically(lambda tx: unreadable.last(tx, trunk_id=trunk_id))
    return [(row["kind"], bytes(row["octets"]).decode()) for row in rows]


@pytest.mark.parametrize(
    ("path", "status"),
    [("/provider/{id}/wrong-t0ken-of-nobody", 403), ("/provider/999/x", 404)]
    + [("/provider/999", 404), ("/provider/{id}", 404)],
)
def test_who_has_no_token_is_answered_before_the_call_is_read(
    world: World, path: str, status: int
) -> None:
    """A stranger who sends slowly would keep a thread of the pages busy."""
    with Provider() as fake, Pages(world.config) as pages:
        host, _, port = pages.url.removeprefix("http://").partition(":")
        where = path.format(id=other(world, fake))
        with socket.create_connection((host, int(port)), timeout=20) as line:
            head = f"POST {where} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9000\r\n"
            line.sendall(f"{head}\r\nno more than this".encode())
            said = line.makefile("rb").readline().decode()
    assert said.split()[1] == str(status)
