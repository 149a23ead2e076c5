"""The shell scripts of the packages are sound sh, as dash and rpm run them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

PACKAGING = Path(__file__).parents[2] / "packaging"
SCRIPTS = [
    *("maintain", "command/massivesms", "deb/postinst", "deb/prerm", "deb/postrm"),
    *("init/massivesms", "init/massivesms-web"),
]
VERBS = ("prepare", "installed", "stop", "upgraded", "remove")


@pytest.mark.parametrize("name", SCRIPTS)
def test_sh_can_read_it(name: str) -> None:
    subprocess.run(["sh", "-n", PACKAGING / name], check=True)


@pytest.mark.parametrize("scriptlet", ["pre", "post", "preun", "postun"])
def test_sh_can_read_the_rpms_scriptlet(scriptlet: str) -> None:
    spec = (PACKAGING / "rpm" / "massivesms.spec").read_text()
    (text,) = re.findall(rf"^%{scriptlet}\n(.*?)(?=^%\w)", spec, re.M | re.S)
    subprocess.run(["sh", "-n"], input=text, text=True, check=True)
    assert text.rstrip().endswith("exit 0"), "a scriptlet never fails the package"


def test_both_packages_call_only_what_maintain_knows() -> None:
    texts = [(PACKAGING / name).read_text() for name in SCRIPTS[2:5]]
    texts.append((PACKAGING / "rpm" / "massivesms.spec").read_text())
    for text in texts:
        called = re.findall(r"(?:\$maintain|/maintain) (\w+)", text)
        assert set(called) <= set(VERBS), called


def test_maintain_refuses_other_words_and_does_nothing() -> None:
    ended = subprocess.run(
        [PACKAGING / "maintain", "purge"], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert all(verb in ended.stderr for verb in VERBS)
