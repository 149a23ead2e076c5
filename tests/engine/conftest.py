"""The engine's world: the shared schema, two SMSCs, and the dispatcher."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from massivesms.config import Config
from massivesms.engine import dispatch
from massivesms.store.db import Database
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
