"""massivesms' own backup inside FreePBX's, by the real Backup.php and Restore.php."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.pbx.sites import FREEPBX, STUBS

#: Plays the part of `massivesms`: writes down how it was called.
COMMAND = """#!/bin/sh
printf '%s\\n' "$@" > '{said}'
case "$1" in
backup) echo rows > "$2" ;;
restore) cat "$2" >> '{said}' ;;
esac
{more}
"""
DO = """<?php
require '{stubs}/admin/libraries/freepbx.php';
require '{module}/{what}.php';
{then}
"""
BACKUP = """$it = new \\FreePBX\\modules\\Massivesms\\Backup();
$it->runBackup(1, 'x');
echo json_encode($it->data);"""
RESTORE = """$data = json_decode('{data}', true);
$it = new \\FreePBX\\modules\\Massivesms\\Restore($data, '{directory}');
$it->reset();
$it->runRestore();"""


class Machine:
    """A FreePBX module with a command to call."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.module = directory / "massivesms"
        shutil.copytree(FREEPBX, self.module)
        self._said = directory / "said"
        self._command = directory / "the command"
        settings = self.module / "settings.php"
        old = "'command' => 'massivesms'"
        text = settings.read_text()
        assert old in text
        settings.write_text(text.replace(old, f"'command' => '{self._command}'"))
        self.command()

    def command(self, more: str = "") -> None:
        self._command.write_text(COMMAND.format(said=self._said, more=more))
        self._command.chmod(0o755)

    @property
    def said(self) -> list[str]:
        return self._said.read_text().splitlines()

    def php(self, what: str, then: str) -> subprocess.CompletedProcess[str]:
        script = self.directory / "do.php"
        values = {"stubs": STUBS / "freepbx", "module": self.module, "what": what}
        script.write_text(DO.format(**values, then=then))
        return subprocess.run(["php", script], capture_output=True, text=True)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_backup_goes_into_freepbx_s_and_back(machine: Machine) -> None:
    done = machine.php("Backup", BACKUP)
    assert done.returncode == 0, done.stdout + done.stderr
    data = json.loads(done.stdout)
    (file,) = data["files"]
    assert machine.said == ["backup", f"{file['pathto']}/{file['filename']}"]
    assert data["garbage"] == data["dirs"] == [file["pathto"]]
    assert file["type"]  # FreePBX leaves out files without one

    kept = machine.directory / "taken out"
    shutil.copytree(file["pathto"], kept / "files" / file["pathto"].lstrip("/"))
    shutil.rmtree(file["pathto"])
    then = RESTORE.replace("{data}", json.dumps(data))
    done = machine.php("Restore", then.replace("{directory}", str(kept)))
    assert done.returncode == 0, done.stdout + done.stderr
    assert machine.said[0] == "restore" and machine.said[2:] == ["--replace", "rows"]


def test_a_backup_that_fails_says_why(machine: Machine) -> None:
    machine.command("echo the database is away >&2; exit 1")
    done = machine.php("Backup", BACKUP)
    assert done.returncode != 0
    assert "massivesms: the database is away" in done.stdout + done.stderr
