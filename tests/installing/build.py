"""Makes the packages and the systems that they are installed in.

The only room that uses the network: Debian's packages and the wheels.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path

from tests.installing.steps import StepFailed, must

ROOT = Path(__file__).parents[2]
ARCHIVES = ROOT / "build" / "packages" / "roots"
SUITE = "bookworm"
INCLUDED = {
    # As FreePBX 17 has it, as far as the package meets it.
    "deb": ["adduser", "apache2", "logrotate", "python3.11", "systemd"],
    # Rocky Linux 8 is not to be had here: Debian plays it, with rpm.
    "rpm": ["logrotate", "python3.11", "rpm"],
}
OLDEST_GLIBC = (2, 28)


def package(kind: str, release: int, *options: str) -> Path:
    """Builds one, and says where it is."""
    command = [ROOT / "packaging" / "build", "--release", str(release), *options, kind]
    said = _run(*command).splitlines()
    return ROOT / said[-1]


def archive(kind: str) -> Path:
    """The system as an archive; made once for the same list of packages."""
    wanted = ",".join(INCLUDED[kind])
    key = hashlib.sha256(wanted.encode()).hexdigest()[:12]
    path = ARCHIVES / f"{SUITE}-{kind}-{key}.tar"
    if not path.exists():
        ARCHIVES.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".unfinished.tar")
        how = ["--variant=minbase", f"--include={wanted}", SUITE]
        _run("mmdebstrap", *how, unfinished)
        unfinished.rename(path)
    return path


def lint(deb: Path) -> None:
    """lintian has nothing to say; what it would say stands in the overrides."""
    said = _run("lintian", "--fail-on", "error", deb)
    faults = [line for line in said.splitlines() if re.match("[EW]:", line)]
    must(not faults, "\n".join(faults))


def look_at_libraries(kind: str) -> None:
    """None of the carried libraries needs a newer glibc than Rocky Linux 8 has."""
    libraries = list((ROOT / "build" / "packages" / kind).rglob("*.so"))
    must(libraries, "there are no libraries to look at")
    for library in libraries:
        said = _run("readelf", "--version-info", library)
        found = re.findall(r"GLIBC_(\d+)\.(\d+)", said)
        newest = max((int(major), int(minor)) for major, minor in found)
        must(newest <= OLDEST_GLIBC, f"{library.name} needs glibc {newest}")


def stand_in(directory: Path) -> Path:
    """An rpm that says what Debian's packages provide, so that rpm checks the rest."""
    spec = directory / "debian.spec"
    names = ["/bin/sh", "coreutils", "libgcc", "python3.11", "sed", "shadow-utils"]
    provides = "\n".join(f"Provides: {name}" for name in names)
    spec.write_text(
        "Name: debian\nVersion: 12\nRelease: 1\nSummary: what Debian has\n"
        f"License: none\nBuildArch: noarch\n{provides}\nProvides: glibc = 2.36\n"
        "%description\nPlays a distribution.\n%files\n"
    )
    _run("rpmbuild", "-bb", "--define", f"_topdir {directory}", spec)
    (built,) = directory.rglob("debian-*.rpm")
    return built


def _run(*words: object) -> str:
    ended = subprocess.run(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise StepFailed(f"{words[0]}: {ended.stdout}{ended.stderr}")
    return ended.stdout
