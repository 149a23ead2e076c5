"""The command packaging/test: builds the packages and plays their whole life."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.installing import build
from tests.installing.steps import StepFailed, Steps, as_line

NAMESPACES = ["--mount", "--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
KINDS = ("deb", "rpm")


def main() -> int:
    """0 when every step held, 1 when not, 2 for wrong usage."""
    parser = argparse.ArgumentParser(prog="packaging/test", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="deb|rpm", help="default: both")
    kinds = parser.parse_args().kinds or list(KINDS)
    if not set(kinds) <= set(KINDS):
        parser.error(f"there is no package {' or '.join(kinds)}")
    if os.geteuid() != 0:
        print("packaging/test: run it as root, for its chroots", file=sys.stderr)
        return 1
    directory = Path(tempfile.mkdtemp(prefix="massivesms-packages-"))
    steps = Steps(directory / "steps")
    began_s = time.monotonic()
    try:
        held = [_try(kind, steps, directory / kind) for kind in kinds]
        print("\n".join(as_line(step) for step in steps.read()))
    finally:
        shutil.rmtree(directory)
    verdict = "every step held" if all(held) else "NOT EVERY STEP HELD"
    print(f"{verdict}, {time.monotonic() - began_s:.0f} s")
    return 0 if all(held) else 1


def _try(kind: str, steps: Steps, directory: Path) -> bool:
    (directory / "packages").mkdir(parents=True)
    try:
        _make(kind, steps, directory)
    except (StepFailed, OSError):  # the table has its words
        return False
    inside = [sys.executable, "-m", "tests.installing.inside", kind]
    command = ["unshare", *NAMESPACES, *inside, directory.parent / "steps", directory]
    return subprocess.run(command, check=False, cwd=build.ROOT).returncode == 0


def _make(kind: str, steps: Steps, directory: Path) -> None:
    """The packages, what can be seen from outside, and the system for them."""
    packages = directory / "packages"
    with steps.step(kind, "the package is built"):
        first = build.package(kind, 1)
        shutil.copy(first, packages / f"first.{kind}")
    with steps.step(kind, "its libraries run on the oldest system's glibc, 2.28"):
        build.look_at_libraries(kind)
    if kind == "deb":
        with steps.step(kind, "lintian finds no fault"):
            build.lint(first)
    with steps.step(kind, "a newer one is built, to upgrade to"):
        newer = build.package(kind, 2, "--quick")
        shutil.move(newer, packages / f"second.{kind}")
    with steps.step(kind, "a minimal system is there"):
        (directory / "root.tar").symlink_to(build.archive(kind))
        if kind == "rpm":
            (directory / "stand-in").mkdir()
            built = build.stand_in(directory / "stand-in")
            shutil.copy(built, packages / "system.rpm")


if __name__ == "__main__":
    sys.exit(main())
