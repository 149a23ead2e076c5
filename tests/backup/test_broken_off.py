"""A server that fell while a restore's tables changed places: nothing is dropped."""

from __future__ import annotations

from pathlib import Path

from massivesms.store.db import Database
from tests.cli.conftest import Run

MOVED = "contact"


def test_tables_that_an_earlier_restore_left_beside_are_never_dropped(
    run: Run, filled: Database, backup: Path
) -> None:
    live = filled.settings.name
    beside = f"{live}_restore_old"
    with filled.transaction() as tx:
        before = tx.value(f"SELECT COUNT(*) FROM {MOVED}")
        tx.execute(f"CREATE DATABASE {beside}")
        tx.execute(f"RENAME TABLE {live}.{MOVED} TO {beside}.{MOVED}")
    try:
        run("restore", backup, "--replace").refused(beside, "Nothing was changed")
        with filled.transaction() as tx:
            assert (
                before and tx.value(f"SELECT COUNT(*) FROM {beside}.{MOVED}") == before
            )
    finally:
        with filled.transaction() as tx:
            tx.execute(f"RENAME TABLE {beside}.{MOVED} TO {live}.{MOVED}")
            tx.execute(f"DROP DATABASE {beside}")
    run("restore", backup, "--replace").done()
