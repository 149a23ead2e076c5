"""A system in a directory: commands run in it, and what files it has.

Owns chroot and mounts; they are made in the mount namespace of `inside`, and end
with it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from tests.installing.steps import StepFailed

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8",
    "DEBIAN_FRONTEND": "noninteractive",
}
TIMEOUT_S = 300
# Caches, and what the package manager and the system write down of themselves.
NOT_LOOKED_AT = {
    *("dev", "proc", "run", "sys", "tmp", "packages"),
    *("var/cache", "var/lib/apt", "var/lib/dpkg", "var/lib/rpm"),
    *("var/log/apt", "var/log/dpkg.log", "var/log/alternatives.log"),
    "etc/ld.so.cache",
}


class Root:
    """The system below `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def unpack(self, archive: Path) -> None:
        """Fills the directory, and mounts what programs look for."""
        self.directory.mkdir()
        _run("tar", "--extract", "--file", archive, "--directory", self.directory)
        _run("mount", "-t", "proc", "proc", self.at("/proc"))
        _run("mount", "--rbind", "/dev", self.at("/dev"))
        _run("mount", "-t", "tmpfs", "tmpfs", self.at("/run"))
        self.at("/run/lock").mkdir()
        self.write("/etc/hosts", "127.0.0.1 localhost\n")

    def at(self, path: str) -> Path:
        """Where a path of the system lies."""
        return self.directory / path.lstrip("/")

    def bind(self, source: Path, path: str) -> None:
        """Shows a directory of the machine in the system."""
        self.at(path).mkdir(parents=True, exist_ok=True)
        _run("mount", "--bind", source, self.at(path))

    def write(self, path: str, text: str, mode: int = 0o644) -> None:
        """A file of root's."""
        self.at(path).parent.mkdir(parents=True, exist_ok=True)
        self.at(path).write_text(text)
        self.at(path).chmod(mode)

    def run(self, *words: object, entered: str = "", status: int = 0) -> str:
        """All that a command says; fails the step when it ends otherwise."""
        ended = subprocess.run(
            ["chroot", str(self.directory), *map(str, words)],
            input=entered,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            env=ENVIRONMENT,
        )
        if ended.returncode != status:
            called = " ".join(map(str, words))
            raise StepFailed(f"{called}: status {ended.returncode}\n{ended.stdout}")
        return ended.stdout

    def shell(self, text: str, status: int = 0) -> str:
        """The same for a line of sh."""
        return self.run("sh", "-c", text, status=status)

    def processes(self, word: str) -> list[int]:
        """Processes of this system whose command line has a word."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                is_ours = os.readlink(process / "root") == str(self.directory)
                command = (process / "cmdline").read_bytes().decode(errors="replace")
            except OSError:
                continue  # it ended meanwhile
            if is_ours and word in command:
                found.append(int(process.name))
        return found

    def files(self) -> dict[str, str]:
        """Every path; for files of /etc a sum of what they say, too."""
        found: dict[str, str] = {}
        skipped = {str(self.at(path)) for path in NOT_LOOKED_AT}
        for folder, folders, names in os.walk(self.directory):
            folders[:] = [f for f in folders if os.path.join(folder, f) not in skipped]
            for name in folders + names:
                path = Path(folder, name)
                if str(path) not in skipped and not _is_backup(path):
                    found[str(path.relative_to(self.directory))] = self._sum(path)
        return found

    def _sum(self, path: Path) -> str:
        is_file = path.is_file() and not path.is_symlink()
        if not is_file or not path.is_relative_to(self.at("/etc")):
            return ""
        return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_backup(path: Path) -> bool:
    """passwd-, group- and the like: adduser keeps what was before."""
    return path.name.endswith("-") and path.parent.name == "etc"


def _run(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, timeout=TIMEOUT_S)
