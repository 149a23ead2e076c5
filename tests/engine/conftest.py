"""The engine's world: the shared schema, two SMSCs, and the dispatcher."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.domain.sources import Draft
from massivesms.engine import dispatch
from massivesms.store.db import Database
from tests.engine.source_house import QUERY, create
from tests.engine.world import Engine, World
from tests.fakes.smsc import Smsc


@pytest.fixture
def world(config: Config, db: Database) -> World:
    return World(config, db)


@pytest.fixture
def smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


@pytest.fixture
def other_smsc() -> Iterator[Smsc]:
    with Smsc() as running:
        yield running


@pytest.fixture
def engine(world: World) -> Iterator[Engine]:
    """The dispatcher, running on an empty database; stopped at the end."""
    with Engine(world.config) as running:
        yield running


@pytest.fixture(autouse=True)
def _quick_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work more often, so that no test waits for a beat of seconds."""
    monkeypatch.setattr(dispatch, "BEAT_S", 0.3)
    monkeypatch.setattr(dispatch, "HOUSEKEEPING_S", 0.3)
    monkeypatch.setattr(dispatch, "TRUNKS_S", 0.2)


@pytest.fixture
def source_id(world: World) -> Iterator[int]:
    world.set(time_zone="Europe/Madrid", country_code="34", mobile_prefixes="6,7")
    world.config.sources_dir.mkdir(parents=True)
    path = world.config.sources_dir / "erp.db"
    with sqlite3.connect(path) as erp:
        erp.execute("CREATE TABLE cuotas (celular, nombre, vence)")
        erp.execute("INSERT INTO cuotas VALUES ('600111222', 'Ana', '2026-07-02')")
    erp.close()
    draft = Draft(
        "ERP", "sqlite", str(path), query=QUERY, text="Hola <nombre>", days=(3, 4),
        mail_to="eva@example.com",
    )  # fmt: skip
    yield create(world, draft)
