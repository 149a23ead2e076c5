"""Trunks whose providers tell by calls, and the addresses that they call."""

from __future__ import annotations

from massivesms.store.db import Row
from tests.engine.pages import Pages
from tests.engine.world import World
from tests.fakes.providers import SECRET, USER, Provider
from tests.trunks.http_world import PRESETS

PERSON = "34600111222"


APP_SECRET, TOKEN = "app-s3cret", "t0ken-in-the-address"


PUBLIC = "https://pbx.example/sms/provider/1"


def add(world: World, fake: Provider, name: str, path: str, **more: str) -> int:
    given = {"url": fake.base + path, "user": USER, "secret": SECRET, **more}
    return world.trunk(name, values={**PRESETS[name], **given})


def whatsapp(world: World, fake: Provider, **more: str) -> int:
    told = {"receipts": "whatsapp", "app_secret": APP_SECRET, "verify_token": "v"}
    return add(world, fake, "WhatsApp", "/v23.0/{user}/messages", **told, **more)


def twilio(world: World, fake: Provider) -> int:
    path = "/2010-04-01/Accounts/{user}/Messages.json"
    return add(world, fake, "Twilio", path, receipts="twilio", receipts_url=PUBLIC)


def other(world: World, fake: Provider, **more: str) -> int:
    """A provider of no preset that calls with a token in the address."""
    places = {
        "receipts": "call", "call_token": TOKEN, "receipt_id_at": "id",
        "receipt_state_at": "status", "inbox_from_at": "from", "inbox_text_at": "text",
        "inbox_id_at": "id", "inbox_to_at": "to",
    }  # fmt: skip
    return add(world, fake, "BulkSMS", "/send", **{**places, **more})


def address(pages: Pages, trunk_id: int, token: str = "") -> str:
    return f"{pages.url}/provider/{trunk_id}" + (f"/{token}" if token else "")


def told(row: Row) -> tuple[str, str, str]:
    return row["number"], row["recipient"], row["text"]
