"""PBXs for all tests of a module, each with people in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pbx.sites import PASSWORD, FreePbx, Issabel
from tests.web.conftest import app, compiled

__all__ = ["app", "compiled"]  # fixtures, for the tests here


@pytest.fixture(scope="session")
def issabel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issabel]:
    """ada administers it, sonia supervises, omar operates, nadie does neither."""
    site = Issabel(tmp_path_factory.mktemp("issabel") / "html")
    people(site)
    yield site
    site.close()


@pytest.fixture(scope="session")
def elastix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Issabel]:
    """The same people in front of the older framework."""
    site = Issabel(tmp_path_factory.mktemp("elastix") / "html", "elastix")
    people(site)
    yield site
    site.close()


@pytest.fixture(scope="session")
def freepbx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreePbx]:
    """ada may everything; vera is in a group of the User Manager; old has no id."""
    site = FreePbx(tmp_path_factory.mktemp("freepbx") / "html")
    sections = ("massivesms_send", "massivesms_campaigns")
    site.add_user("ada", "*", id_=1, extension="100")
    site.add_user("vera", *sections, id_=2, extension="102")
    site.add_user("ñandú <x>", *sections)
    site.world["groups"] = [
        {"id": 1, "groupname": "Todos", "users": [1, 2]},
        {"id": 2, "groupname": "Ventas", "users": ["2"]},
    ]
    site.tell()
    yield site
    site.close()


def people(site: Issabel) -> None:
    add = site.rights.add_user
    add("ada", PASSWORD, "administrator", extension="100")
    add("sonia", PASSWORD, "sms_supervisor", "sms_operator", extension="101")
    add("omar", PASSWORD, "sms_operator", "operator", extension="<b>")
    add("nadie", PASSWORD, "extension")
