"""massivesms' own backup inside FreePBX's, by the real Backup.php and Restore.php."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

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
        text = text.replace(old, f"'command' => '{self._command}'")
        self.kept = directory / "kept"
        self.kept.mkdir()
        assert "'/var/lib/massivesms'" in text
        settings.write_text(text.replace("/var/lib/massivesms", str(self.kept)))
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
        place = {**os.environ, "TMPDIR": str(self.directory)}  # of what it makes
        run = ["php", script]
        return subprocess.run(run, capture_output=True, text=True, env=place)

    def backup(self) -> dict[str, Any]:
        """What FreePBX keeps of a backup, taken out again at `taken out`."""
        done = self.php("Backup", BACKUP)
        assert done.returncode == 0, done.stdout + done.stderr
        data: dict[str, Any] = json.loads(done.stdout)
        (file,) = data["files"]
        taken_out = self.directory / "taken out" / "files"
        shutil.copytree(file["pathto"], taken_out / file["pathto"].lstrip("/"))
        shutil.rmtree(file["pathto"])
        return data

    def restore(self, data: dict[str, Any]) -> str:
        """Restores it; what it said."""
        then = RESTORE.replace("{data}", json.dumps(data))
        taken_out = str(self.directory / "taken out")
        done = self.php("Restore", then.replace("{directory}", taken_out))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_backup_goes_into_freepbx_s_and_back(machine: Machine) -> None:
    data = machine.backup()
    (file,) = data["files"]
    assert machine.said == ["backup", f"{file['pathto']}/{file['filename']}"]
    assert data["garbage"] == data["dirs"] == [file["pathto"]]
    assert file["type"]  # FreePBX leaves out files without one

    assert machine.restore(data) == ""
    assert machine.said[0] == "restore" and machine.said[2:] == ["--replace", "rows"]
    assert not list(machine.kept.iterdir())


def test_a_restore_without_rights_keeps_the_file_and_says_what_root_runs(
    machine: Machine,
) -> None:
    data = machine.backup()
    machine.command("echo 'massivesms: massivesms may not do this' >&2; exit 1")
    said = machine.restore(data)
    (kept,) = machine.kept.iterdir()
    assert kept.read_text() == "rows\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert said.startswith("[ERROR] ") and "massivesms may not do this" in said
    assert f"run as root: massivesms restore {kept} --replace\n" in said


def test_a_backup_that_fails_says_why(machine: Machine) -> None:
    machine.command("echo the database is away >&2; exit 1")
    done = machine.php("Backup", BACKUP)
    assert done.returncode != 0
    assert "massivesms: the database is away" in done.stdout + done.stderr
