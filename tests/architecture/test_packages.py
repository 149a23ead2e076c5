"""What is installed: every folder of Python that we have, and no other."""

from __future__ import annotations

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_package_is_installed() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    lines = setup["options"]["package_dir"].strip().splitlines()
    places = dict(line.split(" = ") for line in lines)
    found = {
        ".".join((name, *init.parent.relative_to(ROOT / place).parts))
        for name, place in places.items()
        for init in (ROOT / place).rglob("__init__.py")
    }
    assert found == set(setup["options"]["packages"].split())
