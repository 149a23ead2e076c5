"""The machine that is set up: its paths, its users, its commands.

Owns the one place where programs of the system are run: by their list of words,
never through a shell, with a time limit, and with their last words when they fail.
Paths and programs are looked for below a prefix, "/" but for tests and images.
"""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..domain.words import Problem
from ..errors import SetupError

BINARIES = ("usr/local/sbin", "usr/local/bin", "usr/sbin", "usr/bin", "sbin", "bin")
TIMEOUT_S = 300  # fwconsole takes its time on a small PBX
SAID_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom a file belongs to, by name: `user` and its `group`."""

    user: str
    group: str

    def __str__(self) -> str:
        return f"{self.user}:{self.group}"


@dataclass(frozen=True, slots=True)
class Machine:
    """A system below `prefix`; `service_user` is who the service runs as."""

    prefix: Path = Path("/")
    service_user: str = "asterisk"

    def at(self, path: str | Path) -> Path:
        """Where an absolute path of the system lies; one below the prefix stays."""
        wanted = Path(path)
        if wanted.is_relative_to(self.prefix):
            return wanted
        return self.prefix / wanted.relative_to("/")

    @property
    def is_debian(self) -> bool:
        """Debian and its kind; otherwise the ways of Red Hat."""
        return not self.at("/etc/redhat-release").exists() and (
            self.at("/etc/debian_version").exists() or self.at("/etc/default").is_dir()
        )

    @property
    def has_systemd(self) -> bool:
        """Whether systemd runs (and is not only installed)."""
        return self.at("/run/systemd/system").is_dir()

    @property
    def settings_file(self) -> Path:
        """What the init script and the units read: MASSIVESMS_USER and others."""
        folder = "default" if self.is_debian else "sysconfig"
        return self.at(f"/etc/{folder}/massivesms")

    @property
    def for_root(self) -> Owner:
        """Root's, and readable by the service and by the PBX's pages."""
        return Owner("root", self.service_user)

    @property
    def for_service(self) -> Owner:
        """The service's own."""
        return Owner(self.service_user, self.service_user)

    def has_user(self, name: str) -> bool:
        """Whether there is such a user."""
        try:
            pwd.getpwnam(name)
        except KeyError:
            return False
        return True

    def ids(self, owner: Owner) -> tuple[int, int] | None:
        """User and group ids; None when we may not give files away anyway."""
        if os.geteuid() != 0:
            return None
        try:
            group_id = pwd.getpwnam(owner.group).pw_gid
            return pwd.getpwnam(owner.user).pw_uid, group_id
        except KeyError as error:
            raise SetupError(
                Problem(
                    "setup_user",
                    "There is no user %(user)s, whom the service runs as.",
                    user=self.service_user,
                )
            ) from error

    def command(self, name: str) -> Path | None:
        """Where a program is; None when it is not installed."""
        for folder in BINARIES:
            path = self.prefix / folder / name
            if path.is_file() and os.access(path, os.X_OK):
                return path
        return None

    def answers(self, *words: str) -> tuple[int, str]:
        """Exit status and standard output of a program that only looks."""
        ended = self._ended(words)
        return ended.returncode, ended.stdout.strip()

    def run(self, *words: str) -> None:
        """Runs a program that does something. Raises SetupError when it fails."""
        ended = self._ended(words)
        if ended.returncode:
            said = _last_line(ended.stderr) or _last_line(ended.stdout)
            raise SetupError(
                Problem(
                    "setup_command",
                    "%(command)s ended with status %(status)s: %(said)s",
                    command=" ".join(words),
                    status=ended.returncode,
                    said=said or "it said nothing",
                )
            )

    def _ended(self, words: Sequence[str]) -> subprocess.CompletedProcess[str]:
        path = self.command(words[0])
        if path is None:
            raise _cannot_run(words, "it is not installed")
        try:
            return subprocess.run(  # noqa: S603 - our own words, no shell
                [str(path), *words[1:]],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=TIMEOUT_S,
                check=False,
                cwd=self.prefix,
                env={
                    "PATH": ":".join(str(self.prefix / b) for b in BINARIES),
                    "LC_ALL": "C.UTF-8",
                    "HOME": "/root",
                },
            )
        except subprocess.TimeoutExpired as error:
            raise _cannot_run(words, f"no end after {TIMEOUT_S} seconds") from error
        except OSError as error:
            raise _cannot_run(words, error.strerror or str(error)) from error


def _cannot_run(words: Sequence[str], why: str) -> SetupError:
    return SetupError(
        Problem(
            "setup_command",
            "%(command)s could not be run: %(why)s.",
            command=" ".join(words),
            why=why,
        )
    )


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:SAID_AT_MOST] if lines else ""
