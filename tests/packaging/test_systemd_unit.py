"""Has systemd itself look over the units of packaging/systemd."""

import shutil
import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not installed"
)
@pytest.mark.parametrize(
    ("name", "argument"), [("massivesms", "run"), ("massivesms-web", "web")]
)
def test_systemd_finds_no_fault(tmp_path: Path, name: str, argument: str) -> None:
    command = tmp_path / "massivesms"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    unit = tmp_path / f"{name}.service"
    written = (UNITS / unit.name).read_text()
    started = f"ExecStart={command} {argument}"
    unit.write_text(written.replace(f"ExecStart=massivesms {argument}", started))
    assert started in unit.read_text()
    done = subprocess.run(
        ["systemd-analyze", "verify", unit],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
