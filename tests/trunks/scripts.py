"""Scripts for the tests of the script trunk: put in place, and what they were told."""

from __future__ import annotations

import json
from pathlib import Path

from massivesms.trunks.base import TrunkSettings
from tests.trunks.conftest import settings

TELL = """#!/usr/bin/env python3
import json, os, sys
told = {"argv": sys.argv[1:], "env": dict(os.environ), "cwd": os.getcwd(),
        "stdin": sys.stdin.read(), "leader": os.getsid(0) == os.getpid()}
open(sys.argv[0] + ".told", "a").write(json.dumps(told) + "\\n")
print("0;OK;0;0")
"""


def put(scripts: Path, body: str, mode: int = 0o755) -> Path:
    path = scripts / "send"
    path.write_text(body if body.startswith("#!") else f"#!/bin/sh\n{body}\n")
    path.chmod(mode)
    return path


def at(scripts: Path, **values: str) -> TrunkSettings:
    return settings("script", scripts, **{"script": "send", **values})


def told(scripts: Path) -> dict[str, object]:
    lines = (scripts / "send.told").read_text().splitlines()
    found: dict[str, object] = json.loads(lines[-1])
    return found
