"""What the tests of lists, campaigns, messages and sending stand on."""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Mapping
from typing import Any

from werkzeug.test import TestResponse

from massivesms.config import Config
from massivesms.domain import settings as settings_domain
from massivesms.domain.campaigns import OUTPUT_QUEUE_ID, Draft
from massivesms.domain.numbers import NumberPlan
from massivesms.intake import campaign_loads, jobs, load_sources, loads
from massivesms.store import (
    counts,
    lists,
    messages,
    services,
    settings,
    trunk_sessions,
    trunks,
)
from massivesms.store.audit import Actor
from massivesms.store.db import Database, Row
from massivesms.store.trunks import TrunkDraft
from tests.web.browser import Browser

ANA = Actor("ana")
TEXT = "Le esperamos mañana a las 10"
CAMPAIGN_FORM: Mapping[str, Any] = {
    "name": "Otoño",
    "text": "Oferta de mañana",
    "recipients": "file",
    "trunk_id": "0",
    "list_id": "0",
    "paused": "y",
}


def spain(db: Database) -> NumberPlan:
    """Sets the numbers and the clock of Spain."""
    values = {
        "country_code": "34",
        "mobile_prefixes": "6,7",
        "min_mobile_length": "9",
        "max_mobile_length": "9",
        "time_zone": "Europe/Madrid",
    }
    with db.transaction() as tx:
        settings.save(tx, values)
    return settings_domain.read(values).number_plan


def rows(db: Database, sql: str) -> list[Row]:
    """What a test looks up in the database itself."""
    with db.transaction() as tx:
        return tx.rows(sql)


def csv(*lines: str) -> tuple[io.BytesIO, str]:
    """A file to upload."""
    return io.BytesIO("\n".join(lines).encode()), "numbers.csv"


def create_list(db: Database, name: str, *numbers: str) -> int:
    """A list of numbers; its id."""
    source = load_sources.file_source(csv(*numbers)[0], "numbers.csv")
    return loads.create_list(db, name, "", source, spain(db), ANA).target_id


def create_campaign(db: Database, name: str, *numbers: str, **draft: Any) -> int:
    """A campaign to numbers; its id."""
    source = load_sources.file_source(csv(*numbers)[0], "numbers.csv")
    chosen = Draft(name, draft.pop("text", TEXT), **draft)
    found = campaign_loads.create_campaign_from_file(db, chosen, source, spain(db), ANA)
    return found.target_id


def create_message(db: Database, number: str = "+34600111222", **values: Any) -> int:
    """A message in the output queue; its id."""
    new = messages.NewMessage(number, True, 1, values.pop("text", TEXT))
    with db.transaction() as tx:
        return messages.enqueue_single(tx, new, campaign_id=OUTPUT_QUEUE_ID, **values)


def settle(db: Database, message_id: int, state: str, **columns: Any) -> None:
    """Gives a message the state and result that the service would write."""
    names = ["state", *columns]
    assert all(re.fullmatch("[a-z_]+", name) for name in names)
    changes = ", ".join(f"{name} = %({name})s" for name in names)
    with db.transaction() as tx:
        row = tx.row("SELECT * FROM message WHERE id = %s", (message_id,))
        assert row is not None
        values = {"state": state, **columns, "id": message_id}
        tx.execute(f"UPDATE message SET {changes} WHERE id = %(id)s", values)
        changes = counts.Changes()
        changes.move(row["campaign_id"], 0, row["state"], state, 1, row["segments"])
        changes.write(tx)


def create_trunk(db: Database, name: str = "Operadora", *, ready: bool = False) -> int:
    """A trunk; `ready` = the service has signed in there."""
    with db.transaction() as tx:
        trunk_id = trunks.create(tx, TrunkDraft(name, "smpp"), ANA)
        if ready:
            lease = trunk_sessions.acquire(tx, trunk_id, 0, "a-service")
            assert lease is not None
            trunk_sessions.show(tx, lease, "ready")
    return trunk_id


def start_service(db: Database) -> None:
    """A service that is alive for the next ten seconds."""
    with db.transaction() as tx:
        services.register(tx, "a-service", "pbx", 1, "0.1")


def carry_out_loads(db: Database, config: Config) -> None:
    """Does what the web's own thread does in real life."""
    while jobs.run_next(db, config, "the test", threading.Event()):
        continue


def numbers_of(db: Database, list_id: int) -> list[str]:
    """The numbers of a list that are in use."""
    with db.transaction() as tx:
        found = lists.contacts(tx, list_id, kinds=lists.KINDS["no"])
    return [row["number"] for row in found]


def enter_campaign(
    client: Browser, *lines: str, follow: bool = True, **changed: Any
) -> TestResponse:
    """Presses Create with a file of these lines; CAMPAIGN_FORM but for `changed`."""
    file = {"file": csv(*(lines or ("600111222", "600111333")))}
    return client.send(
        "/campaigns/new", {**CAMPAIGN_FORM, **file, **changed}, follow=follow
    )
