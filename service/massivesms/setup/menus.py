"""Steps that put massivesms into the PBX's menu, and take it away again.

The files come from the share directory (packaging/issabel and packaging/freepbx of
the project); the PBX's own tools read them in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..domain.words import Problem
from ..errors import SetupError
from ..store import provisioning
from . import files
from .layout import Layout, Root
from .machine import Owner
from .steps import Change, Looked, Note, Step, Verb

NAME = "massivesms"
MERGED = "/var/lib/massivesms/menu.xml"  # the menu that was read in last
MENU_DB = "/var/www/db/menu.db"
COMPILED = "var/templates_c"
_VERSION = re.compile(r"<version>\s*([^<\s]+)\s*</version>")


def every(layout: Layout, root: Root) -> list[Step]:
    """The PBX's files and its menu; nothing without a PBX."""
    if layout.pbx.kind == "issabel":
        return [
            Step("menu files", "modules of Issabel", lambda: _issabel_files(layout)),
            Step("menu", "menu of Issabel", lambda: _merge(layout), ("menu files",)),
        ]
    if layout.pbx.kind == "freepbx":
        return [
            Step("menu files", "module of FreePBX", lambda: _freepbx_files(layout)),
            Step(
                "menu",
                "module in FreePBX's menu",
                lambda: _install(layout, root),
                ("menu files", "sign-on key"),
            ),
        ]
    return []


def removed(layout: Layout) -> list[Step]:
    """The menu and its files, taken away."""
    if layout.pbx.kind == "issabel":
        return [
            Step("menu", "menu of Issabel: not there", lambda: _unmerge(layout)),
            Step(
                "menu files",
                "modules of Issabel: not there",
                lambda: [
                    change
                    for module in _our_modules(layout)
                    for change in files.removal(module)
                ],
                ("menu",),
            ),
        ]
    if layout.pbx.kind == "freepbx":
        return [
            Step("menu", "module of FreePBX: not there", lambda: _uninstall(layout))
        ]
    return []


def _issabel_modules(layout: Layout) -> Path:
    """Where Issabel looks for modules."""
    return layout.machine.at(layout.pbx.web_root) / "modules"


def _our_modules(layout: Layout) -> list[Path]:
    """Those of ours that are in Issabel."""
    return _ours(_issabel_modules(layout))


def _ours(folder: Path) -> list[Path]:
    return [*folder.glob(NAME), *sorted(folder.glob(f"{NAME}_*"))]


def freepbx_module(layout: Layout) -> Path:
    """Where FreePBX looks for the module."""
    return layout.machine.at(layout.pbx.web_root) / "admin" / "modules" / NAME


# --- Issabel and Elastix -----------------------------------------------------------


def _issabel_files(layout: Layout) -> Looked:
    """One module for each entry of the menu, and one that they share."""
    source = layout.shipped("issabel/menu.xml").parent / "modules"
    target = _issabel_modules(layout)
    owner = Owner("root", "root")
    changes: list[Change | Note] = []
    for module in _ours(source):
        place = target / module.name
        said = f"module {module.name}"
        changes += files.tree(layout.machine, said, module, place, owner)
    compiled = target.parent / COMPILED
    left = list(_compiled(compiled)) if changes else []
    if left:
        return [
            *changes,
            Change(Verb.REMOVE, f"{compiled}/*", lambda: _clear(compiled)),
        ]
    return changes


def _compiled(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in folder.iterdir() if path.is_file())


def _clear(folder: Path) -> None:
    """Pages that Smarty has compiled from earlier files."""
    for path in _compiled(folder):
        path.unlink()


def _merge(layout: Layout) -> Looked:
    machine = layout.machine
    menu = layout.shipped("issabel/menu.xml")
    merged = machine.at(MERGED)
    is_same = merged.exists() and merged.read_bytes() == menu.read_bytes()
    if is_same and _is_in_menu(layout):
        return []
    tool = _tool(layout, "menumerge")

    def merge() -> None:
        machine.run(tool, str(menu))
        files.write(machine, merged, menu.read_bytes(), 0o644, Owner("root", "root"))

    verb = Verb.CHANGE if merged.exists() else Verb.MAKE
    return [Change(verb, f"menu of Issabel ({tool})", merge)]


def _is_in_menu(layout: Layout) -> bool:
    """Whether the PBX's menu names us, as far as it can be read."""
    path = layout.machine.at(MENU_DB)
    return not path.exists() or NAME.encode() in path.read_bytes()


def _unmerge(layout: Layout) -> Looked:
    merged = layout.machine.at(MERGED)
    if not merged.exists() and not _our_modules(layout):
        return []
    tool = _tool(layout, "menuremove")

    def remove() -> None:
        layout.machine.run(tool, NAME)
        merged.unlink(missing_ok=True)

    return [Change(Verb.REMOVE, f"menu of Issabel ({tool})", remove)]


def _tool(layout: Layout, what: str) -> str:
    names = [f"{family}-{what}" for family in ("issabel", "elastix")]
    for name in names:
        if layout.machine.command(name):
            return name
    raise SetupError(
        Problem(
            "setup_menu_tool",
            "Neither %(names)s is installed, so the menu of Issabel cannot be changed."
            " To set up without it: massivesms setup --pbx none.",
            names=" nor ".join(names),
        )
    )


# --- FreePBX -----------------------------------------------------------------------


def _freepbx_files(layout: Layout) -> Looked:
    source = layout.shipped(f"freepbx/{NAME}/module.xml").parent
    machine = layout.machine
    return files.tree(
        machine, "module", source, freepbx_module(layout), machine.for_service
    )


def _install(layout: Layout, root: Root) -> Looked:
    module = layout.shipped(f"freepbx/{NAME}/module.xml")
    version = _VERSION.search(module.read_text(encoding="utf-8"))
    if version is None:
        raise SetupError(
            Problem("setup_module", "%(file)s has no <version>.", file=module)
        )
    with root.db.transaction() as tx:
        have = provisioning.freepbx_module(tx, layout.config.pbx.database, NAME)
    if have == version[1]:
        return []

    def install() -> None:
        layout.machine.run("fwconsole", "ma", "install", NAME)

    if layout.machine.command("fwconsole") is None:
        raise SetupError(
            Problem(
                "setup_fwconsole",
                "fwconsole is not installed, so FreePBX cannot take up the module."
                " To set up without its menu: massivesms setup --pbx none.",
            )
        )
    verb = Verb.CHANGE if have else Verb.MAKE
    said = f"module {version[1]} in FreePBX's menu (fwconsole ma install {NAME})"
    unsigned = (
        "FreePBX will say that the module is not signed: that is so, and harmless"
    )
    return [Change(verb, said, install), Note("note", unsigned)]


def _uninstall(layout: Layout) -> Looked:
    module = freepbx_module(layout)
    if not module.exists():
        return []

    def remove() -> None:
        layout.machine.run("fwconsole", "ma", "uninstall", NAME)

    said = f"module in FreePBX's menu (fwconsole ma uninstall {NAME})"
    return [Change(Verb.REMOVE, said, remove), *files.removal(module)]
