"""Files of others are served as they were released: the list says which and holds."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import massivesms_web

VENDOR = Path(massivesms_web.__file__).parent / "static" / "vendor"
ROW = re.compile(r"^\| (\S+) \| [\d.]+ \| npm: .+ \| `([0-9a-f]{64})` \|$", re.M)


def test_every_file_is_the_one_that_is_listed() -> None:
    listed = dict(ROW.findall((VENDOR / "README.md").read_text()))
    for name, checksum in listed.items():
        assert hashlib.sha256((VENDOR / name).read_bytes()).hexdigest() == checksum
    present = {str(file.relative_to(VENDOR)) for file in VENDOR.rglob("*.js")}
    assert present == set(listed)


def test_every_one_has_its_licence_beside_it() -> None:
    for folder in (file.parent for file in VENDOR.rglob("*.js")):
        assert "ermission" in (folder / "LICENSE").read_text()
