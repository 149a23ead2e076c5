"""Steps that start the service and the pages, now and at every boot.

With systemd by its units, otherwise by the init scripts. What a package has put in
place is used; from a checkout the files are copied.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from . import files
from .layout import Layout
from .machine import Machine, Owner
from .steps import Change, Looked, Note, Step, Verb

NAMES = ("massivesms", "massivesms-web")
UNIT_PLACES = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
RUNLEVELS = ("/etc/rc?.d/S??{}", "/etc/rc.d/rc?.d/S??{}")
ROOT = Owner("root", "root")
NEEDED = ("configuration", "secret key", "service's user", "rights")


def every(layout: Layout) -> list[Step]:
    """The service, then the pages."""
    return [
        Step(
            name,
            f"{name} runs, and starts at boot",
            partial(_look, layout, name),
            NEEDED,
        )
        for name in NAMES
    ]


def removed(layout: Layout) -> list[Step]:
    """Both stopped and no longer started at boot; the files stay the package's."""
    machine = layout.machine
    return [
        Step(
            name,
            f"{name} does not run, nor start at boot",
            partial(_look_removed, machine, name),
        )
        for name in reversed(NAMES)
    ]


def _look(layout: Layout, name: str) -> Looked:
    machine = layout.machine
    if machine.has_systemd:
        return _systemd(layout, name)
    script = machine.at("/etc/init.d") / name
    changes: list[Change] = _copied(layout, script, f"init/{name}", 0o755)
    if not (script.exists() or changes) or machine.command("service") is None:
        command = "web" if name.endswith("-web") else "run"
        said = f"{name}: no init script for it here. Start it by: massivesms {command}"
        return [*changes, Note("left out", said)]
    if not _is_in_runlevels(machine, name):
        changes.append(_at_boot(machine, name))
    if not _runs(machine, name):
        changes.append(_start(machine, name, ("service", name, "start")))
    return changes


def _systemd(layout: Layout, name: str) -> Looked:
    machine, unit = layout.machine, f"{name}.service"
    there = any((machine.at(p) / unit).exists() for p in UNIT_PLACES)
    target = machine.at(UNIT_PLACES[0]) / unit
    changes = [] if there else _copied(layout, target, f"systemd/{unit}", 0o644)
    if not there and not changes:
        return [Note("left out", f"{name}: there is no unit {unit} here")]
    changes += _drop_in(machine, name)
    if changes:
        reload = ("systemctl", "daemon-reload")
        said = "systemd reads its units again"
        changes.append(Change(Verb.CHANGE, said, lambda: machine.run(*reload)))
    if machine.answers("systemctl", "is-enabled", unit)[1] != "enabled":
        said = f"{name} at boot"
        enable = ("systemctl", "enable", unit)
        changes.append(Change(Verb.MAKE, said, lambda: machine.run(*enable)))
    if machine.answers("systemctl", "is-active", unit)[1] != "active":
        changes.append(_start(machine, name, ("systemctl", "start", unit)))
    return changes


def _copied(layout: Layout, target: Path, shipped: str, mode: int) -> list[Change]:
    source = layout.share / shipped
    if target.exists() or not source.is_file():
        return []
    content = source.read_bytes()
    machine = layout.machine
    write = partial(files.write, machine, target, content, mode, ROOT)
    return [Change(Verb.MAKE, f"{target} ({mode:04o} {ROOT})", write)]


def _drop_in(machine: Machine, name: str) -> list[Change]:
    """The units run as asterisk; without a PBX it is another user."""
    target = machine.at(UNIT_PLACES[0]) / f"{name}.service.d" / "user.conf"
    if target.exists() or machine.service_user == "asterisk":
        return []
    content = f"[Service]\nUser={machine.service_user}\n".encode()
    write = partial(files.write, machine, target, content, 0o644, ROOT)
    return [Change(Verb.MAKE, f"{target}: User={machine.service_user}", write)]


def _at_boot(machine: Machine, name: str) -> Change:
    words = (
        ("chkconfig", "--add", name)
        if machine.command("chkconfig") and not machine.is_debian
        else ("update-rc.d", name, "defaults")
    )
    said = f"{name} at boot ({words[0]})"
    return Change(Verb.MAKE, said, lambda: machine.run(*words))


def _start(machine: Machine, name: str, words: tuple[str, ...]) -> Change:
    return Change(Verb.START, name, lambda: machine.run(*words))


def _is_in_runlevels(machine: Machine, name: str) -> bool:
    return any(
        list(machine.prefix.glob(pattern.format(name).lstrip("/")))
        for pattern in RUNLEVELS
    )


def _runs(machine: Machine, name: str) -> bool:
    is_there = (machine.at("/etc/init.d") / name).exists()
    if not is_there or machine.command("service") is None:
        return False
    return machine.answers("service", name, "status")[0] == 0


def _look_removed(machine: Machine, name: str) -> Looked:
    unit = f"{name}.service"
    changes: list[Change] = []
    if machine.has_systemd:
        if machine.answers("systemctl", "is-active", unit)[1] == "active":
            stop = ("systemctl", "stop", unit)
            changes.append(Change(Verb.STOP, name, lambda: machine.run(*stop)))
        if machine.answers("systemctl", "is-enabled", unit)[1] == "enabled":
            off = ("systemctl", "disable", unit)
            said = f"{name} at boot"
            changes.append(Change(Verb.REMOVE, said, lambda: machine.run(*off)))
        return changes
    if _runs(machine, name):
        halt = ("service", name, "stop")
        changes.append(Change(Verb.STOP, name, lambda: machine.run(*halt)))
    if _is_in_runlevels(machine, name):
        changes.append(_not_at_boot(machine, name))
    return changes


def _not_at_boot(machine: Machine, name: str) -> Change:
    words = (
        ("chkconfig", "--del", name)
        if machine.command("chkconfig") and not machine.is_debian
        else ("update-rc.d", "-f", name, "remove")
    )
    said = f"{name} at boot ({words[0]})"
    return Change(Verb.REMOVE, said, lambda: machine.run(*words))
