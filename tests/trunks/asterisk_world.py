"""An Asterisk and a trunk to it, for the tests of Asterisk trunks."""

from __future__ import annotations

from collections.abc import Callable

from massivesms.trunks.base import TrunkSettings
from tests.fakes.asterisk.server import Asterisk
from tests.trunks.conftest import Driver, settings

Drive = Callable[[TrunkSettings], Driver]
LONG = "Señor cliente, mañana estaremos cerrados por inventario. " * 5


def at(asterisk: Asterisk, **values: str) -> TrunkSettings:
    return settings("asterisk", **(asterisk.values | values))


def opened(asterisk: Asterisk, drive: Drive, **values: str) -> Driver:
    driver = drive(at(asterisk, **values))
    driver.open()
    return driver
