"""What people asked for beside the sending ends, whatever goes wrong in it."""

from __future__ import annotations

import pytest

from massivesms.domain import modem_ports, results
from massivesms.domain.words import Problem
from massivesms.errors import StoreError
from massivesms.store import modem_searches, trunk_tests
from massivesms.store.db import Row
from massivesms.trunks import registry
from tests.engine.world import Engine, World, wait_until

# The fault itself goes to the log of the service, by the thread that it ends.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnhandledThreadExceptionWarning"
)


def fail_with(error: Exception, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    def fail(*_arguments: object) -> None:
        raise error

    monkeypatch.setattr(registry, name, fail)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyError("s3cret"), "test_failed"),
        (StoreError(Problem("gone", "gone")), "database_away"),
    ],
)
def test_a_trunk_test_ends(
    world: World,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    code: str,
) -> None:
    file = world.config.scripts_dir / "send.sh"
    file.write_text("#!/bin/sh\necho '0;sent;0;0'\n")
    file.chmod(0o755)
    trunk_id = world.trunk("one", values={"script": "send.sh"}, active=False)
    fail_with(error, monkeypatch, "try_out")
    test_id = world.db.atomically(lambda tx: trunk_tests.request(tx, trunk_id, "ana"))

    def row() -> Row:
        return world.db.atomically(lambda tx: trunk_tests.by_id(tx, test_id)) or {}

    wait_until(lambda: row()["state"] == "done", 15, row)
    [(found, detail)] = row()["steps"]
    assert (found, row()["passed"]) == (code, 0)
    assert "s3cret" not in results.text(found, detail)


def test_a_look_at_the_ports_ends(
    world: World, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_with(KeyError("x"), monkeypatch, "modem_ports")
    search_id = world.db.atomically(lambda tx: modem_searches.request(tx, "ana"))

    def row() -> Row:
        return world.db.atomically(lambda tx: modem_searches.by_id(tx, search_id)) or {}

    wait_until(lambda: row()["state"] == "done", 15, row)
    [one] = row()["found"]
    said = modem_ports.words(one["state"], one["detail"]).text
    assert said.endswith("the program failed.")
