"""Steps for what every installation has: its user, directories, file and keys."""

from __future__ import annotations

import secrets
from pathlib import Path

from .. import config as configuration
from ..domain.words import Problem
from ..errors import ConfigError, SetupError
from . import conf_file, files
from .layout import Layout
from .machine import Machine, Owner
from .pbx_files import read_pairs, read_text
from .steps import Change, Looked, Step, Verb

HOME = "/var/lib/massivesms"
LOGS = "/var/log/massivesms"


def every(layout: Layout) -> list[Step]:
    """In their order."""
    machine, config = layout.machine, layout.config
    steps = [
        Step("user", f"user {machine.service_user}", lambda: _user(machine)),
        *_directories(layout),
        Step(
            "configuration",
            str(config.file),
            lambda: _configuration(layout),
            ("user", f"directory {config.file.parent}"),
        ),
        Step("secret key", str(secret_key_file(layout)), lambda: _secret(layout)),
    ]
    if layout.pbx.kind:
        steps.append(
            Step("sign-on key", str(sso_key_file(layout)), lambda: _sign_on(layout))
        )
    steps.append(
        Step(
            "service's user",
            f"{machine.settings_file}: MASSIVESMS_USER={machine.service_user}",
            lambda: _service_user(machine),
            ("user",),
        )
    )
    return steps


def secret_key_file(layout: Layout) -> Path:
    """Where the key is that trunks' passwords are encrypted with."""
    return layout.machine.at(layout.config.secret_key_file)


def sso_key_file(layout: Layout) -> Path:
    """Where the key is that the PBX's menu and our pages share."""
    return layout.machine.at(layout.config.sso_key_file)


def _user(machine: Machine) -> Looked:
    name = machine.service_user
    if machine.has_user(name):
        return []

    def make() -> None:
        how = ("--system", "--user-group", "--shell", "/sbin/nologin")
        machine.run("useradd", *how, "--home-dir", HOME, name)

    return [Change(Verb.MAKE, f"user {name}, whom the service runs as", make)]


def _directories(layout: Layout) -> list[Step]:
    machine, config = layout.machine, layout.config
    mine, roots = machine.for_service, machine.for_root
    home, logs = machine.at(HOME), machine.at(LOGS)
    wanted = [
        (config.file.parent, 0o750, roots, config.file.parent.name == "massivesms"),
        (home, 0o750, mine, True),
        (machine.at(config.log_dir), 0o750, mine, machine.at(config.log_dir) == logs),
        (machine.at(config.scripts_dir), 0o755, Owner("root", "root"), False),
        (machine.at(config.sources_dir), 0o750, mine, False),
    ]
    return [
        files.directory(machine, path, mode, owner, is_ours=is_ours)
        for path, mode, owner, is_ours in wanted
    ]


def _configuration(layout: Layout) -> Looked:
    path, machine = layout.config.file, layout.machine
    mode, owner = 0o640, machine.for_root

    def write() -> None:
        files.write(machine, path, layout.new_text.encode(), mode, owner)

    if not path.exists():
        return [Change(Verb.MAKE, f"{path} ({mode:04o} {owner})", write)]
    if layout.new_text.splitlines() == layout.text.splitlines():
        return files.attributes(machine, path, mode, owner)
    new = conf_file.keys(layout.new_text) - conf_file.keys(layout.text)
    added = ", ".join(f"[{section}] {key}" for section, key in sorted(new))
    return [Change(Verb.CHANGE, f"{path}: added {added}", write)]


def _secret(layout: Layout) -> Looked:
    machine, path = layout.machine, secret_key_file(layout)
    mode, owner = 0o600, machine.for_service
    if not path.exists():
        return [_new_key(machine, path, mode, owner, Verb.MAKE, "")]
    if not _is_key(path):
        raise SetupError(
            Problem(
                "setup_key",
                "%(file)s is damaged: it must hold 64 hexadecimal digits. Put it back"
                " from a backup. Without one, remove it and enter the passwords of the"
                " trunks again: they were encrypted with it.",
                file=path,
            )
        )
    return files.attributes(machine, path, mode, owner)


def _sign_on(layout: Layout) -> Looked:
    """A new key harms nobody: a hand-over lives for a minute."""
    machine, path = layout.machine, sso_key_file(layout)
    mode, owner = 0o640, machine.for_root
    if not path.exists():
        return [_new_key(machine, path, mode, owner, Verb.MAKE, "")]
    if not _is_key(path):
        why = ": a new key, the old one was damaged"
        return [_new_key(machine, path, mode, owner, Verb.CHANGE, why)]
    if path.stat().st_mode & 0o007:
        why = ": a new key, others could read the old one"
        return [_new_key(machine, path, mode, owner, Verb.CHANGE, why)]
    return files.attributes(machine, path, mode, owner)


def _new_key(
    machine: Machine, path: Path, mode: int, owner: Owner, verb: Verb, why: str
) -> Change:
    content = (secrets.token_hex(configuration.KEY_BYTES) + "\n").encode()
    return Change(
        verb,
        f"{path} ({mode:04o} {owner}){why}",
        lambda: files.write(machine, path, content, mode, owner),
    )


def _is_key(path: Path) -> bool:
    try:
        configuration.key_of(path)
    except ConfigError:
        return False
    return True


def _service_user(machine: Machine) -> Looked:
    path = machine.settings_file
    text = read_text(path) if path.exists() else ""
    if text and read_pairs(path).text("MASSIVESMS_USER"):
        return []
    start = text if not text or text.endswith("\n") else text + "\n"
    content = f"{start}MASSIVESMS_USER={machine.service_user}\n".encode()
    words = f"{path}: MASSIVESMS_USER={machine.service_user}"

    def write() -> None:
        files.write(machine, path, content, 0o644, Owner("root", "root"))

    return [Change(Verb.CHANGE if text else Verb.MAKE, words, write)]
