"""A simulated modem's settings, and why a trunk over it was not opened."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from massivesms.trunks.base import TrunkSettings, TrunkUnavailable
from tests.fakes.modem.server import Modem
from tests.trunks.conftest import Driver, settings

Drive = Callable[[TrunkSettings], Driver]


def at(modem: Modem, **values: str) -> TrunkSettings:
    return settings("modem", port=modem.path, **values)


def refused(driver: Driver) -> TrunkUnavailable:
    with pytest.raises(TrunkUnavailable) as caught:
        driver.open()
    return caught.value
