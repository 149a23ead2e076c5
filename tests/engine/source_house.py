"""Automatic loads carried out by hand at moments of Madrid's clock, and a source."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from massivesms.automatic import drafts
from massivesms.domain import settings as product_settings
from massivesms.domain.sources import Draft
from massivesms.engine.board import Board, Picture
from massivesms.engine.source_loader import SourceLoader
from massivesms.store import settings, source_runs, sources
from massivesms.store.db import Row
from massivesms.vault import Vault
from tests.engine.world import ANA, World

MADRID = ZoneInfo("Europe/Madrid")


THURSDAY = date(2026, 7, 2)


QUERY = "SELECT * FROM cuotas WHERE vence = :date"


class Loader(SourceLoader):
    """The thread's work without the thread: each look is asked for."""

    def __init__(self, world: World, owner: str = "host:1") -> None:
        stored = world.db.atomically(settings.load)
        board = Board(Picture(product_settings.read(stored)))
        self.clock = datetime.now(UTC)
        super().__init__(world.config, board, owner, lambda: self.clock)

    def at(self, text: str) -> None:
        """Looks at a moment of Madrid's clock, and waits for the runs."""
        self.clock = datetime.fromisoformat(text).replace(tzinfo=MADRID)
        self._beat_at_s = 0.0
        self.look()
        self.wait(30)
        self._db.close()


def create(world: World, draft: Draft) -> int:
    """A source as of the day before its first run; its id."""
    vault = Vault(world.config.secret_key())
    made = drafts.new(draft, vault, datetime(2026, 7, 1, 12, tzinfo=MADRID))
    assert not isinstance(made, dict)
    return world.db.atomically(lambda tx: sources.create(tx, made, ANA))


def runs(world: World, source_id: int) -> list[Row]:
    return world.db.atomically(lambda tx: source_runs.history(tx, source_id))


def aged(world: World) -> None:
    """Nobody has said for long that a run goes on."""
    sql = "UPDATE source_run SET alive_at = UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"
    world.db.atomically(lambda tx: tx.execute(sql))
