"""Running services, as the pages and `doctor` see them."""

from __future__ import annotations

from .db import Row, Transaction

ALIVE_S = 10  # a service whose heartbeat is older counts as stopped

REGISTER = """
INSERT INTO service_instance (owner, host, pid, version, started_at, heartbeat_at)
VALUES (%(owner)s, %(host)s, %(pid)s, %(version)s, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE heartbeat_at = VALUES(heartbeat_at)"""


def register(tx: Transaction, owner: str, host: str, pid: int, version: str) -> None:
    """Says that a service is running, at its start and from then on."""
    values = {"owner": owner, "host": host[:255], "pid": pid, "version": version}
    tx.execute(REGISTER, values)


LEAVE = "DELETE FROM service_instance WHERE owner = %(owner)s"


def leave(tx: Transaction, owner: str) -> None:
    """Says that a service has stopped."""
    tx.execute(LEAVE, {"owner": owner})


PURGE = """
DELETE FROM service_instance WHERE heartbeat_at < UTC_TIMESTAMP(3) - INTERVAL 1 HOUR"""


def purge(tx: Transaction) -> None:
    """Forgets services that died long ago."""
    tx.execute(PURGE)


RUNNING = """
SELECT owner, host, pid, version, started_at, heartbeat_at FROM service_instance
WHERE heartbeat_at > UTC_TIMESTAMP(3) - INTERVAL %(alive_s)s SECOND
ORDER BY started_at"""


def running(tx: Transaction) -> list[Row]:
    """The services that are alive now."""
    return tx.rows(RUNNING, {"alive_s": ALIVE_S})
