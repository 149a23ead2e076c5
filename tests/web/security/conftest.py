"""Makes the filled installation of these tests."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.store.db import Database
from tests.web.security.house import House, build


@pytest.fixture
def house(config: Config, db: Database) -> House:
    """An installation in which every address leads somewhere."""
    return build(config, db)
