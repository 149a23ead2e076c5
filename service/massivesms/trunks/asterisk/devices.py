"""The modems of a driver as it lists them (DongleShowDevices, QuectelShowDevices).

Pure. Decides which may send, and when the driver has nothing left to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...domain.asterisk_reasons import AWAY, FORGETS
from ...domain.inert_text import inert
from .packets import Packet

MOST_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Device:
    """One modem. `tasks`: what its driver still has to do, None when not told."""

    name: str
    state: str
    operator: str = ""
    signal: str = ""
    tasks: int | None = None

    @property
    def code(self) -> str:
        """Our code of its state: why it cannot send, or that it can."""
        return AWAY.get(self.state.lower(), "asterisk_device_ready")

    @property
    def is_ready(self) -> bool:
        """Whether it can send."""
        return self.state.lower() not in AWAY

    @property
    def has_forgotten(self) -> bool:
        """Whether its driver has thrown away what was to be sent."""
        return self.state.lower() in FORGETS

    @property
    def shown(self) -> str:
        """Name, operator and signal, for people."""
        known = ", ".join(filter(None, (self.operator, self.signal)))
        is_known = known and not self.has_forgotten
        return f"{self.name} ({known})" if is_known else self.name

    @property
    def trouble(self) -> str:
        """Name and state, as Asterisk writes it."""
        return f"{self.name} ({self.state})" if self.state else self.name


def missing(name: str) -> Device:
    """A modem that the driver does not know."""
    return Device(name, "")


def read(entries: Sequence[Packet]) -> dict[str, Device]:
    """The modems of a list, by name."""
    found = {}
    for entry in entries:
        if not entry.event.endswith("DeviceEntry"):
            continue
        name = entry.get("Device")
        tasks = entry.get("TasksInQueue").strip()
        found[name] = Device(
            name,
            _plain(entry.get("State")),
            _plain(entry.get("ProviderName")),
            _plain(entry.get("RSSI").partition(",")[2]),
            int(tasks[:9]) if tasks.isascii() and tasks.isdecimal() else None,
        )
    return found


def _plain(text: str) -> str:
    return inert(text.strip())[:MOST_SHOWN]
