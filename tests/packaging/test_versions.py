"""What the packages carry and how they are called agrees with the project."""

from __future__ import annotations

import configparser
import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGING = ROOT / "packaging"


def project() -> configparser.SectionProxy:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser["metadata"]


def pins(path: Path) -> list[str]:
    """name==version of every line that has one."""
    return re.findall(r"^([\w.-]+==[\w.]+)", path.read_text(), re.MULTILINE)


def test_the_packages_carry_what_requirements_txt_pins() -> None:
    wheels = PACKAGING / "wheels.txt"
    assert pins(wheels) == pins(ROOT / "requirements.txt"), "run: packaging/build pins"


def test_each_wheel_has_exactly_one_sum() -> None:
    text = (PACKAGING / "wheels.txt").read_text()
    sums = re.findall(r"--hash=sha256:([0-9a-f]{64})$", text, re.MULTILINE)
    assert len(set(sums)) == len(pins(PACKAGING / "wheels.txt")) > 0


def test_the_debs_changelog_begins_with_the_projects_version() -> None:
    first = (PACKAGING / "deb" / "changelog").read_text().splitlines()[0]
    assert first.startswith(f"massivesms ({project()['version']}-1) ")


def test_both_packages_have_the_projects_licence() -> None:
    assert project()["license"] == "GPL-2.0-or-later"
    copyright_file = (PACKAGING / "deb" / "copyright").read_text()
    assert "License: GPL-2.0-or-later" in copyright_file
    spec = (PACKAGING / "rpm" / "massivesms.spec").read_text()
    assert "License: GPLv2+\n" in spec, "as Enterprise Linux 8 writes it"


def test_wrong_usage_of_the_build_is_2_and_says_what_there_is() -> None:
    for words in ([], ["apk"], ["--release", "x", "deb"], ["deb", "rpm"]):
        ended = subprocess.run(
            [PACKAGING / "build", *words], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 2, words
        assert "packaging/build [--release N] deb" in ended.stderr
