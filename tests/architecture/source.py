"""Owns how the architecture tests read the code: files, syntax trees, constants."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
SERVICE = REPOSITORY / "service" / "massivesms"
WEB = REPOSITORY / "module" / "massivesms_web"


@dataclass(frozen=True)
class Module:
    """One Python file; `name` is dotted, `room` the part below the package."""

    name: str
    path: Path
    is_package: bool

    @property
    def room(self) -> str:
        """domain, store, trunks.smpp ...: `massivesms.cli` is its own room."""
        parts = self.name.split(".")[1:]
        if parts[:1] == ["trunks"] and len(parts) > 2:
            return ".".join(parts[:2])
        return parts[0] if parts else ""

    @property
    def tree(self) -> ast.Module:
        return parse(self.path)

    def __str__(self) -> str:
        return self.name


@cache
def parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def modules(*roots: Path) -> tuple[Module, ...]:
    """Every module below the packages' folders."""
    found = []
    for root in roots or (SERVICE, WEB):
        for path in sorted(root.rglob("*.py")):
            parts = list(path.relative_to(root.parent).with_suffix("").parts)
            is_package = parts[-1] == "__init__"
            if is_package:
                parts.pop()
            found.append(Module(".".join(parts), path, is_package))
    return tuple(found)


def imports(module: Module) -> Iterator[str]:
    """Dotted names that a module imports, wherever in it; relative ones whole.

    `from a import b` yields `a.b`: b may be a module.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(module, node)
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    parts = module.name.split(".")
    up = node.level - (1 if module.is_package else 0)
    parts = parts[: len(parts) - up]
    return ".".join([*parts, *([node.module] if node.module else [])])


def strings(tree: ast.AST) -> Iterator[ast.Constant]:
    """String constants, docstrings left out; parts of f-strings too."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(
            node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
        )
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in docs:
            assert isinstance(node, ast.Constant)
            yield node


def where(module: Module, node: ast.AST) -> str:
    return f"{module.name}:{getattr(node, 'lineno', 0)}"
