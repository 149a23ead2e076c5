"""The step that shows the pages at /massivesms/ of the PBX's own Apache.

What Apache refuses is taken back, so a mistake of ours never keeps it from starting.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..domain.words import Problem
from ..errors import SetupError
from . import files
from .layout import Layout
from .machine import Machine, Owner
from .steps import Change, Looked, Note, Step, Verb

MODULES = ("proxy", "proxy_http", "headers")
SHIPPED = "http://127.0.0.1:8093/"  # as the file has it
PID_FILES = ("/run/apache2/apache2.pid", "/run/httpd/httpd.pid")
ROOT = Owner("root", "root")


def every(layout: Layout) -> list[Step]:
    """The one step."""
    return [Step("Apache", f"{_file(layout.machine)}", lambda: _look(layout))]


def removed(layout: Layout) -> list[Step]:
    """Takes the file away."""
    said = f"{_file(layout.machine)}: not there"
    return [Step("Apache", said, lambda: _look_removed(layout.machine))]


def _file(machine: Machine) -> Path:
    if machine.is_debian:
        return machine.at("/etc/apache2/conf-available/massivesms.conf")
    return machine.at("/etc/httpd/conf.d/massivesms.conf")


def _look(layout: Layout) -> Looked:
    machine, path = layout.machine, _file(layout.machine)
    if not path.parent.is_dir():
        said = f"Apache: it is not here. The pages are on {layout.config.listen}"
        return [Note("left out", said)]
    changes = files.file(machine, path, lambda: _content(layout), 0o644, ROOT)
    changes = [*changes, *(_enabled(machine) if machine.is_debian else [])]
    if not changes:
        return []
    first = changes[0]
    assert isinstance(first, Change)  # files.file and _enabled find nothing else
    whole = Change(
        first.verb,
        f"{first.what}, so that Apache shows the pages at /massivesms/",
        lambda: _all_or_nothing(machine, path, changes),
    )
    return [whole, *_selinux(machine)]


def _content(layout: Layout) -> bytes:
    text = layout.shipped("apache/massivesms.conf").read_text(encoding="utf-8")
    listen = layout.config.listen
    target = (
        f"{listen}|http://localhost/" if listen[:5] == "unix:" else f"http://{listen}/"
    )
    return text.replace(SHIPPED, target).encode()


def _enabled(machine: Machine) -> list[Change]:
    found = []
    for module in MODULES:
        if not machine.at(f"/etc/apache2/mods-enabled/{module}.load").exists():
            found.append(_tool(machine, "a2enmod", module))
    enabled = machine.at("/etc/apache2/conf-enabled/massivesms.conf")
    if not (enabled.exists() or enabled.is_symlink()):
        found.append(_tool(machine, "a2enconf", "massivesms"))
    return found


def _tool(machine: Machine, tool: str, what: str) -> Change:
    return Change(
        Verb.MAKE, f"{tool} {what}", lambda: machine.run(tool, "--quiet", what)
    )


def _all_or_nothing(machine: Machine, path: Path, changes: Looked) -> None:
    """Does it all, has Apache look at it, and takes it back when it refuses."""
    before = path.read_bytes() if path.exists() else None
    try:
        for change in changes:
            if isinstance(change, Change):
                change.do()
        if machine.command("apachectl"):
            machine.run("apachectl", "configtest")
    except SetupError as error:
        _take_back(machine, path, before)
        raise SetupError(
            Problem(
                "setup_apache",
                "%(error)s. The file was taken back; Apache goes on as before.",
                error=error,
            )
        ) from error
    _reload(machine)


def _take_back(machine: Machine, path: Path, before: bytes | None) -> None:
    if before is not None:
        files.write(machine, path, before, 0o644, ROOT)
        return
    path.unlink(missing_ok=True)
    machine.at("/etc/apache2/conf-enabled/massivesms.conf").unlink(missing_ok=True)


def _reload(machine: Machine) -> None:
    """Gracefully, and only when it runs."""
    for name in PID_FILES:
        path = machine.at(name)
        if path.exists() and _is_alive(path.read_text().strip()):
            machine.run("apachectl", "graceful")
            return


def _is_alive(pid: str) -> bool:
    if not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _selinux(machine: Machine) -> list[Note]:
    path = machine.at("/sys/fs/selinux/enforce")
    if machine.is_debian or not path.exists() or path.read_text().strip() != "1":
        return []
    said = "SELinux is on. Run: setsebool -P httpd_can_network_connect on"
    return [Note("note", said)]


def _look_removed(machine: Machine) -> Looked:
    path = _file(machine)
    enabled = machine.at("/etc/apache2/conf-enabled/massivesms.conf")
    there = [p for p in (enabled, path) if p.exists() or p.is_symlink()]
    if not there:
        return []

    def remove() -> None:
        for one in there:
            one.unlink()
        _reload(machine)

    return [Change(Verb.REMOVE, str(path), remove)]
