"""What waits for what: a COMMIT without an answer, a lease, the pid file."""

from __future__ import annotations

import fcntl
import threading
from pathlib import Path

from massivesms.engine.identity import Identity
from massivesms.engine.pid_file import PidFile
from massivesms.store import claims, trunk_sessions
from massivesms.store.db import Database, Transaction
from massivesms.store.trunk_sessions import Lease
from tests.engine.world import World, numbered, wait_until

WAITS = "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_current_waits'"


def test_a_claim_whose_commit_was_not_answered_is_waited_for(world: World) -> None:
    """The server may still be at it when we come back to ask."""
    campaign_id = world.campaign("c", numbered(2))
    ids = [row["id"] for row in world.messages(campaign_id)]
    found: list[set[int]] = []
    asking = Database(world.config.database)

    def ask() -> None:
        found.append(asking.atomically(lambda tx: claims.still_held(tx, ids, 5)))
        asking.close()

    thread = threading.Thread(target=ask)
    with world.db.transaction() as tx:
        candidates = claims.candidates(tx, campaign_id, 0, 1)
        claims.claim(tx, candidates, 1, 5)
        thread.start()
        wait_until(lambda: found or somebody_waits(tx), 5)
    thread.join(10)
    assert found == [{ids[0]}]


def test_a_lease_is_not_taken_over_between_a_claim_and_its_commit(world: World) -> None:
    db, other = world.db, Database(world.config.database)
    lease = db.atomically(lambda tx: trunk_sessions.acquire(tx, 1, 0, "a/1/x"))
    assert lease is not None
    db.atomically(lambda tx: trunk_sessions.expire(tx, "a/1/x"))
    taken: list[Lease | None] = []

    def take() -> None:
        taken.append(
            other.atomically(lambda tx: trunk_sessions.acquire(tx, 1, 0, "b/2/y"))
        )
        other.close()

    thread = threading.Thread(target=take)
    with db.transaction() as tx:
        assert trunk_sessions.is_held(tx, lease)
        thread.start()
        wait_until(lambda: taken or somebody_waits(tx), 5)
        assert taken == []
    thread.join(10)
    assert taken[0] is not None
    assert taken[0].old_token == lease.token
    assert not db.atomically(lambda tx: trunk_sessions.is_held(tx, lease))


def test_a_look_at_the_pid_file_does_not_keep_a_service_from_starting(
    tmp_path: Path,
) -> None:
    path = tmp_path / "pid"
    path.touch()
    with path.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        timer = threading.Timer(0.03, fcntl.flock, (looking, fcntl.LOCK_UN))
        timer.start()
        pid_file = PidFile(path)
        assert pid_file.hold()
        timer.join()
    assert PidFile(path).running_pid() is not None
    assert not PidFile(path).hold()
    pid_file.release()
    assert PidFile(path).running_pid() is None


def test_only_dead_processes_of_this_host_are_dead_neighbours() -> None:
    me = Identity("here", 10**9, "here/1000000000/a")  # no such process but us
    owners = ["here/1/x", "here/999999999/x", "here/1000000000/b", "there/999999999/x",
              "here/1000000000/a", "here/?/x", ""]  # fmt: skip
    assert me.dead_neighbours(owners) == ["here/999999999/x", "here/1000000000/b"]


def somebody_waits(tx: Transaction) -> bool:
    """For the lock of a row, anywhere on the server."""
    row = tx.row(WAITS)
    return row is not None and int(row["Value"]) > 0
