"""Has systemd itself look over packaging/systemd/massivesms.service."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "packaging" / "systemd" / "massivesms.service"


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    command = tmp_path / "massivesms"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    unit = tmp_path / UNIT.name
    started = f"ExecStart={command} run"
    unit.write_text(UNIT.read_text().replace("ExecStart=massivesms run", started))
    assert started in unit.read_text()
    done = subprocess.run(
        ["systemd-analyze", "verify", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
