"""From a preset in the browser to a WhatsApp trunk that sends, hears and is told."""

from __future__ import annotations

import json

import pytest

from tests.engine.world import wait_until
from tests.fakes import provider_callers as callers
from tests.fakes.providers import SECRET, Whatsapp
from tests.journey.conftest import MakePerson
from tests.journey.person import Person
from tests.journey.stack import Stack

APP_SECRET, VERIFY = "s3cret-of-the-app", "w0rd-of-ours"


@pytest.mark.parametrize("on_phone", [False, True], ids=["desktop", "phone"])
def test_a_whatsapp_trunk_is_made_used_and_answered(
    administrator: MakePerson, stack: Stack, *, on_phone: bool
) -> None:
    stack.command("config", "set", "webhook_hosts", "127.0.0.1")
    person = administrator(on_phone=on_phone)
    name, start = f"WhatsApp {int(on_phone)}", f"65881{int(on_phone)}"
    wrote, silent = f"{start}001", f"{start}002"
    with Whatsapp() as fake:
        fake.open_windows = frozenset({f"34{wrote}"})
        trunk_id = _make(person, name, fake)
        url = f"{stack.url}/provider/{trunk_id}"
        person.sees_own(url)
        asked = f"hub.mode=subscribe&hub.challenge=77&hub.verify_token={VERIFY}"
        assert callers.get(f"{url}?{asked}") == 200

        message = callers.whatsapp_text(f"wamid.IN{start}", f"34{wrote}", "¡Hola!")
        for _ in range(2):
            assert callers.whatsapp(url, APP_SECRET, messages=[message]) == 204
        wait_until(lambda: _written(stack, wrote) == 1, 15)
        person.open("/incoming/")
        (row,) = [row for row in person.table() if wrote in row]
        assert "¡Hola!" in row

        for number in (wrote, silent):
            stack.command("send", number, "Su pedido está listo", "--trunk", name)
        forms = {number: json.loads(body) for number, body in fake.taken}
        assert forms[f"34{wrote}"]["body"] == "Su pedido está listo"
        (part,) = forms[f"34{silent}"]["components"]
        assert part["parameters"][0]["text"] == "Su pedido está listo"

        states = [{"id": "wamid.00000001", "status": "delivered"}]
        assert callers.whatsapp(url, "of somebody else", statuses=states) == 403
        assert callers.whatsapp(url, APP_SECRET, statuses=states) == 204
        person.open(f"/messages/?number={wrote}")
        (row,) = person.table()
        assert person.say("Delivered") in row
        person.open(f"/trunks/{trunk_id}")
        person.sees("Calls that were refused")
        assert SECRET not in person.page.content()
        assert APP_SECRET not in person.page.content()
        assert VERIFY not in person.page.content()
        person.open(f"/trunks/{trunk_id}/edit")
        stack.command("trunk", "disable", name)


def _make(person: Person, name: str, fake: Whatsapp) -> str:
    """Fills in the form of a WhatsApp trunk; its id."""
    person.open("/trunks/new/http")
    person.fill("Name", name)
    person.choose("Provider", "WhatsApp")
    person.fill("Address", fake.base + "/v23.0/{user}/messages")
    person.fill("User or account", "106540352242922")
    person.fill("Password or token", SECRET)
    person.page.get_by_text("What the provider tells").click()
    person.choose("Receipts and incoming messages", "As WhatsApp calls us")
    person.fill("Secret of the WhatsApp app", APP_SECRET)
    person.fill("Token by which WhatsApp verifies the address", VERIFY)
    person.fill("Priority", "900")
    person.look()
    person.press("Save the trunk")
    person.sees_state("Ready")
    return person.page.url.rpartition("/")[2]


def _written(stack: Stack, number: str) -> int:
    """How many messages of a number have come in."""
    return len(stack.command("inbound", "--number", number, "--json").splitlines())
