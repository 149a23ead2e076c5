"""What providers tell by calls, over real HTTP: stored once, and what follows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from massivesms.domain.http_kind import WINDOW_MINUTES
from massivesms.domain.settings import read as read_settings
from massivesms.engine.incoming import take_told
from massivesms.store import provider_messages, unreadable
from massivesms.store.db import Database
from tests.engine.pages import Pages
from tests.engine.telling import (
    APP_SECRET,
    PERSON,
    PUBLIC,
    TOKEN,
    add,
    address,
    other,
    told,
    twilio,
    whatsapp,
)
from tests.engine.test_incoming import age, inbound, texts, wait_for
from tests.engine.world import Engine, World, numbered, wait_until
from tests.fakes import provider_callers as callers
from tests.fakes.provider_callers import whatsapp_text
from tests.fakes.providers import SECRET, USER, Dinstar, Provider, Twilio, Whatsapp
from tests.trunks.http_world import PRESETS


@pytest.fixture(autouse=True)
def own(world: World) -> None:
    world.set(webhook_hosts="127.0.0.1", country_code="34")


@pytest.fixture
def pages(world: World) -> Iterator[Pages]:
    with Pages(world.config) as running:
        yield running


def test_what_a_person_writes_by_whatsapp_opts_out_and_is_stored_once(
    world: World, pages: Pages
) -> None:
    with Whatsapp() as fake, Engine(world.config):
        trunk_id = whatsapp(world, fake)
        url = address(pages, trunk_id)
        message = whatsapp_text("wamid.IN1", PERSON, "BAJA")
        for _ in range(3):  # it is told again when our answer was late
            assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        wait_for(world, "BAJA")
        blocked = "SELECT number FROM blocked_number"
        wait_until(lambda: world.ask(blocked) == f"+{PERSON}", 10)
        (row,) = inbound(world)
        assert told(row) == (f"+{PERSON}", "15550100", "BAJA")
        assert row["trunk_id"] == trunk_id
        left = world.db.atomically(lambda tx: tx.rows("SELECT * FROM provider_message"))
        assert [(r["sender"], r["text"], r["due_at"]) for r in left] == [("", "", None)]


def test_many_calls_at_once_store_each_message_once(world: World, pages: Pages) -> None:
    with Whatsapp() as fake, Engine(world.config):
        url = address(pages, whatsapp(world, fake))
        batches = [
            [whatsapp_text(f"wamid.{n}", PERSON, f"texto {n}") for n in range(i, i + 5)]
            for i in (0, 3, 0, 5, 2)
        ]
        with ThreadPoolExecutor(5) as pool:
            answers = pool.map(
                lambda some: callers.whatsapp(url, APP_SECRET, messages=some), batches
            )
            assert set(answers) == {204}
        wait_until(lambda: len(texts(world)) == 10, 15)
        assert sorted(texts(world)) == sorted(f"texto {n}" for n in range(10))


def test_what_is_told_while_the_service_rests_waits_for_it(
    world: World, pages: Pages
) -> None:
    with Whatsapp() as fake:
        url = address(pages, whatsapp(world, fake))
        message = whatsapp_text("wamid.IN1", PERSON, "Hola")
        assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        assert texts(world) == []
        age(world, "provider_message", "came_at", 90)
        with Engine(world.config):
            wait_for(world, "Hola")
        late = "SELECT received_at < UTC_TIMESTAMP() - INTERVAL 80 MINUTE "
        assert world.ask(f"{late} FROM inbound_message") == 1  # when it came


def test_twilio_tells_messages_and_states_at_the_same_address(
    world: World, pages: Pages
) -> None:
    with Twilio() as fake, Engine(world.config):
        trunk_id = twilio(world, fake)
        campaign_id = world.campaign("c", numbered(1), sender_id="+34900")
        world.wait_for_counts(campaign_id, {"submitted": 1})
        url = address(pages, trunk_id)
        given = {
            "MessageSid": "SM9",
            "From": f"+{PERSON}",
            "To": "+34900",
            "Body": "Sí",
        }
        assert callers.twilio(url, PUBLIC, SECRET, **given) == 204
        assert callers.twilio(url, PUBLIC, SECRET, **given) == 204
        state = {"MessageSid": f"SM{1:032x}", "MessageStatus": "delivered"}
        assert (
            callers.twilio(url, PUBLIC, SECRET, **state, From="+34900", Body="x") == 204
        )
        assert callers.twilio(url, PUBLIC, "wrong", **given) == 403
        wait_for(world, "Sí")
        assert told(inbound(world)[0]) == (f"+{PERSON}", "+34900", "Sí")
        assert world.counts(campaign_id) == {"delivered": 1}


def test_a_provider_with_a_token_in_the_address_tells_both(
    world: World, pages: Pages
) -> None:
    with Provider() as fake, Engine(world.config):
        trunk_id = other(world, fake)
        url = address(pages, trunk_id, TOKEN)
        json = {"Content-Type": "application/json"}
        came = b'{"id": "i1", "from": "+34600111222", "to": "900", "text": "Hola"}'
        assert callers.post(url, came, json) == 204
        assert callers.post(url, came, json) == 204
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        assert callers.post(url, b"from=34600111222&text=Adi%C3%B3s&id=i2", form) == 204
        assert callers.get(f"{url}?from=34600111222&text=Por+GET&id=i3") == 204
        assert callers.post(url, b'{"id": "m1", "status": "DELIVRD"}', json) == 204
        assert callers.post(url, b'{"id": "m1", "status": "sent"}', json) == 204
        wait_for(world, "Hola", "Adiós", "Por GET")
        kept = world.db.atomically(lambda tx: tx.tuples("SELECT * FROM receipt"))
        assert len(kept) == 1
        for wrong in (TOKEN[:-1], "x" * 30):
            assert callers.post(address(pages, trunk_id, wrong), came, json) == 403
        assert callers.post(address(pages, trunk_id), came, json) == 404


def test_without_an_id_the_same_is_stored_once_in_some_minutes(
    world: World, pages: Pages
) -> None:
    with Provider() as fake, Engine(world.config):
        url = address(pages, other(world, fake, inbox_id_at=""), TOKEN)
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for text in (b"uno", b"uno", b"dos"):
            assert callers.post(url, b"from=34600111222&text=" + text, form) == 204
        wait_until(lambda: sorted(texts(world)) == ["dos", "uno"], 10)


def test_what_is_not_understood_is_kept_without_secrets(
    world: World, pages: Pages
) -> None:
    with Provider() as fake:
        trunk_id = other(world, fake)
        url = address(pages, trunk_id, TOKEN)
        said = f'{{"hello": "{SECRET} {TOKEN}"}}'.encode()
        assert callers.post(url, said, {"Content-Type": "application/json"}) == 204
        (row,) = world.db.atomically(lambda tx: unreadable.last(tx, trunk_id=trunk_id))
        assert bytes(row["octets"]) == b'{"hello": "*** ***"}'


def test_two_services_take_each_message_once(world: World) -> None:
    new = [
        provider_messages.NewTold(f"{n:016}".encode(), f"+346001112{n:02}", "", f"t{n}")
        for n in range(20)
    ]
    assert world.db.atomically(lambda tx: provider_messages.add(tx, 1, new)) == 20
    settings = read_settings({"country_code": "34"})

    def take() -> int:
        own = Database(world.config.database)
        try:
            return sum(take_told(own, settings, datetime.now(UTC)) for _ in range(5))
        finally:
            own.close()

    with ThreadPoolExecutor(3) as pool:
        taken = [one.result() for one in [pool.submit(take) for _ in range(3)]]
    left = take()  # those that another one held when its time was over
    assert sum(taken) + left == 20
    assert sorted(texts(world)) == sorted(f"t{n}" for n in range(20))


def test_marks_are_forgotten_after_days_and_what_waits_never(world: World) -> None:
    def work(tx: object) -> int:
        new = provider_messages.NewTold(b"a" * 16, "+34600111222", "", "Hola")
        assert provider_messages.add(tx, 1, [new]) == 1  # type: ignore[arg-type]
        assert provider_messages.remember(tx, 1, b"b" * 16)  # type: ignore[arg-type]
        return 0

    world.db.atomically(work)
    age(world, "provider_message", "came_at", 60 * 24 * 9)
    assert world.db.atomically(provider_messages.purge) == 1
    assert world.ask("SELECT text FROM provider_message") == "Hola"


def test_an_erased_number_leaves_nothing_of_what_waits(world: World) -> None:
    def work(tx: object) -> int:
        new = provider_messages.NewTold(b"a" * 16, "+34600111222", "", "Hola")
        provider_messages.add(tx, 1, [new])  # type: ignore[arg-type]
        return provider_messages.erase(tx, "+34600111222")  # type: ignore[arg-type]

    assert world.db.atomically(work) == 1
    assert world.ask("SELECT CONCAT(sender, text) FROM provider_message") == ""


# --- the service window of WhatsApp -------------------------------------------


def sent(fake: Provider) -> list[tuple[str, str]]:
    """(number, text or template) of what was taken."""
    kinds = ("template" if '"name"' in text else "text" for _, text in fake.taken)
    return [(number, kind) for (number, _), kind in zip(fake.taken, kinds, strict=True)]


def test_who_wrote_today_gets_the_text_and_the_others_the_template(
    world: World, pages: Pages
) -> None:
    recipients = numbered(2)
    wrote, silent = (one.number.removeprefix("+") for one in recipients)
    with Whatsapp() as fake, Engine(world.config):
        fake.open_windows = frozenset({wrote})
        url = address(pages, whatsapp(world, fake))
        message = whatsapp_text("wamid.IN1", wrote, "Hola")
        assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        wait_for(world, "Hola")
        campaign_id = world.campaign("c", recipients, text="Su pedido {n}")
        world.wait_for_counts(campaign_id, {"submitted": 2})
        assert sorted(sent(fake)) == sorted([(wrote, "text"), (silent, "template")])
        assert len(fake.got) == 2
        age(world, "inbound_message", "received_at", WINDOW_MINUTES)
        later = world.campaign("d", recipients)
        world.wait_for_counts(later, {"submitted": 2})
        assert [kind for _, kind in sent(fake)[2:]] == ["template"] * 2


def test_a_window_that_has_closed_leads_to_the_template_once(
    world: World, pages: Pages
) -> None:
    recipients = numbered(1)
    number = recipients[0].number.removeprefix("+")
    with Whatsapp() as fake, Engine(world.config):  # it knows of no open window
        url = address(pages, whatsapp(world, fake))
        message = whatsapp_text("wamid.IN1", number, "Hola")
        assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        wait_for(world, "Hola")
        campaign_id = world.campaign("c", recipients)
        world.wait_for_counts(campaign_id, {"submitted": 1})
        assert sent(fake) == [(number, "template")]
        assert len(fake.got) == 2


def test_without_a_template_another_trunk_may_send_it_once(world: World) -> None:
    with Whatsapp() as fake, Twilio() as next_one, Engine(world.config):
        whatsapp(world, fake, outside_fields="")
        path = "/2010-04-01/Accounts/{user}/Messages.json"
        values = {**PRESETS["Twilio"], "url": next_one.base + path}
        values |= {"user": USER, "secret": SECRET}
        world.trunk("next", values=values, sender_id="Shop", priority=2)
        campaign_id = world.campaign("c", numbered(3))
        world.wait_for_counts(campaign_id, {"submitted": 3})
        assert (len(fake.got), len(fake.taken), len(next_one.taken)) == (3, 0, 3)


def test_a_text_that_may_have_left_is_followed_by_no_template(
    world: World, pages: Pages
) -> None:
    recipients = numbered(1)
    number = recipients[0].number.removeprefix("+")
    with Whatsapp(faults=["cut"]) as fake, Engine(world.config):
        fake.open_windows = frozenset({number})
        url = address(pages, whatsapp(world, fake))
        message = whatsapp_text("wamid.IN1", number, "Hola")
        assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        wait_for(world, "Hola")
        campaign_id = world.campaign("c", recipients)
        world.wait_for_counts(campaign_id, {"in_doubt": 1})
        assert (len(fake.got), len(fake.taken)) == (1, 1)


@pytest.mark.parametrize("length", [0, 40, 70, 110])
def test_ids_of_any_length_meet_their_receipts(
    world: World, pages: Pages, length: int
) -> None:
    """They begin alike and end differently, as those of one sender do."""
    with Whatsapp() as fake, Engine(world.config):
        fake.id_length = length
        url = address(pages, whatsapp(world, fake))
        campaign_id = world.campaign("c", numbered(3))
        world.wait_for_counts(campaign_id, {"submitted": 3})
        ids = [f"wamid.{'A' * length}{n:08d}" for n in (1, 2, 3)]
        states = [
            {"id": one, "status": state}
            for one, state in zip(ids, ["delivered", "failed", "sent"], strict=True)
        ]
        for _ in range(2):
            assert callers.whatsapp(url, APP_SECRET, statuses=states) == 204
        wanted = {"delivered": 1, "undelivered": 1, "submitted": 1}
        assert world.counts(campaign_id) == wanted
        assert world.real_counts(campaign_id) == wanted


# --- a gateway that is asked ---------------------------------------------------


def test_a_gateways_receipts_and_messages_reach_us(world: World) -> None:
    with Dinstar() as fake:
        fake.inbox = [(PERSON, "BAJA"), (PERSON, "Gracias")]
        add(world, fake, "Dinstar", "/api/send_sms", ask_every_s="1")
        with Engine(world.config):
            campaign_id = world.campaign("c", numbered(3))
            world.wait_for_counts(campaign_id, {"submitted": 3})
            first, second, _ = sorted(fake.states)
            fake.states |= {first: "DELIVERED", second: "FAILED"}
            wanted = {"delivered": 1, "undelivered": 1, "submitted": 1}
            world.wait_for_counts(campaign_id, wanted)
            wait_for(world, "BAJA", "Gracias")
            blocked = "SELECT number FROM blocked_number"
            wait_until(lambda: world.ask(blocked) == f"+{PERSON}", 10)
        fake.states = dict.fromkeys(fake.states, "DELIVERED")
        with Engine(world.config):  # another service asks for what that one sent
            world.wait_for_counts(campaign_id, {"delivered": 2, "undelivered": 1})
        assert len(texts(world)) == 2


def test_a_message_in_doubt_is_settled_by_what_the_gateway_says(world: World) -> None:
    with Dinstar(faults=["", "cut"]) as fake:
        more = {"ask_every_s": "1", "inbox_url": "", "inbox_from_at": ""}
        more |= {"inbox_text_at": "", "concurrency": "1"}
        add(world, fake, "Dinstar", "/api/send_sms", **more)
        with Engine(world.config):
            campaign_id = world.campaign("c", numbered(1))
            world.wait_for_counts(campaign_id, {"in_doubt": 1})
            fake.states = dict.fromkeys(fake.states, "DELIVERED")
            world.wait_for_counts(campaign_id, {"delivered": 1})
        assert len(fake.taken) == 1
