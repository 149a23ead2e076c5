"""Who this service is among others: host, process and a random part."""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """The owner's name in leases: host/pid/random."""

    host: str
    pid: int
    owner: str

    def dead_neighbours(self, owners: Iterable[str]) -> list[str]:
        """Owners on this host whose process is gone: no need to wait for them."""
        return [owner for owner in owners if self._is_dead_neighbour(owner)]

    def _is_dead_neighbour(self, owner: str) -> bool:
        host, _, rest = owner.partition("/")
        pid = rest.partition("/")[0]
        if host != _word(self.host) or owner == self.owner or not pid.isdecimal():
            return False
        return int(pid) == self.pid or not _is_running(int(pid))


def identify() -> Identity:
    """The identity of this process, new at each call."""
    host, pid = socket.gethostname(), os.getpid()
    return Identity(host, pid, f"{_word(host)}/{pid}/{secrets.token_hex(4)}")


def _word(host: str) -> str:
    return host.encode("ascii", "replace").decode().replace("/", "_")[:64]


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
