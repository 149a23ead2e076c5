"""Owns how the tests of the command line run `massivesms`: here, or as a process.

Most run it in this process with click's runner, which takes milliseconds; each
noun has at least one test that runs the installed command.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from massivesms import cli
from massivesms.config import Config
from massivesms.store.db import Database

COMMAND = Path(sys.executable).with_name("massivesms")
TIMEOUT_S = 60


@dataclass(frozen=True)
class Ran:
    """What one command did."""

    code: int
    out: str
    err: str

    def done(self) -> Ran:
        """Asserts exit status 0 and nothing on stderr."""
        assert (self.code, self.err) == (0, ""), self
        return self

    def refused(self, *words: str) -> Ran:
        """Asserts exit status 1 and one clear line on stderr with these words."""
        assert self.code == 1, self
        assert self.err.startswith("massivesms: "), self
        assert self.err.count("\n") == 1, self
        assert "Traceback" not in self.err + self.out
        for word in words:
            assert word in self.err, self
        return self

    def misused(self, *words: str) -> Ran:
        """Asserts exit status 2: wrong usage."""
        assert self.code == 2, self
        for word in words:
            assert word in self.err, self
        return self

    @property
    def json(self) -> Any:
        """The one JSON value that was said."""
        assert self.out.count("\n") == 1, self
        return json.loads(self.out)

    @property
    def json_lines(self) -> list[Any]:
        return [json.loads(line) for line in self.out.splitlines()]


Run = Callable[..., Ran]


@pytest.fixture
def run(config: Config, db: Database) -> Run:
    """Runs a command in this process against the test's configuration."""

    def call(*words: object, input: str | bytes | None = None) -> Ran:  # noqa: A002
        return in_process("--config", config.file, *words, input=input)

    return call


def in_process(*words: object, input: str | bytes | None = None) -> Ran:  # noqa: A002
    """The whole command, main() included, with its exit status."""
    runner = CliRunner()
    with runner.isolation(input=input) as (out, err, *_):
        code = 0
        argv, sys.argv = sys.argv, ["massivesms", *map(str, words)]
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        finally:
            sys.argv = argv
        return Ran(code, out.getvalue().decode(), err.getvalue().decode())


@pytest.fixture
def process(config: Config, db: Database) -> Run:
    """Runs the installed command as a process of its own."""

    def call(*words: object, input: str | None = None) -> Ran:  # noqa: A002
        return as_process("--config", config.file, *words, input=input)

    return call


def as_process(
    *words: object,
    input: str | None = None,  # noqa: A002
    env: dict[str, str] | None = None,
) -> Ran:
    ended = subprocess.run(
        [str(COMMAND), *map(str, words)],
        input=input,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        env={**os.environ, **(env or {})},
    )
    return Ran(ended.returncode, ended.stdout, ended.stderr)


@pytest.fixture
def spain(run: Run) -> None:
    """The settings of an office in Spain."""
    run("config", "set", "country_code", "34").done()
    run("config", "set", "mobile_prefixes", "6,7").done()
    run("config", "set", "time_zone", "Europe/Madrid").done()


@pytest.fixture
def script(config: Config) -> str:
    """A script that sends everything; its name."""
    file = config.scripts_dir / "send.sh"
    file.write_text("#!/bin/sh\necho '0;sent;0;0'\n")
    file.chmod(0o755)
    return file.name


@pytest.fixture
def numbers_csv(tmp_path: Path, spain: None) -> Path:
    """Three good numbers, one duplicate, one bad row."""
    file = tmp_path / "numbers.csv"
    file.write_text("600111222\n600111223\nhello\n+34600111222\n600111224\n")
    return file
