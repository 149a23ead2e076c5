"""Where the two transactions of the engine are found, and how to stand before them.

Only ever used in a process of its own (service.py).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

#: Transaction -> where its function may live; the first module that has it.
ROOMS = {"claim": ("claims",), "settle": ("settlements", "claims")}


def wrap(
    name: str, wrapper: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> None:
    """Puts wrapper(original) in the place of `claim` or `settle`."""
    for room in ROOMS[name]:
        try:
            module = importlib.import_module(f"massivesms.store.{room}")
            original = getattr(module, name)
        except (ImportError, AttributeError):
            continue
        setattr(module, name, wrapper(original))
        return
    raise LookupError(f"the store has no {name}")
