"""Problems as they are kept: what JSON can hold, and a Problem again.

Pure. Problems inside a problem's values are kept with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .words import Problem


def stored(problem: Problem) -> dict[str, Any]:
    """A problem as a dictionary for JSON."""
    params = {
        name: stored(value) if isinstance(value, Problem) else value
        for name, value in problem.params.items()
    }
    return {"code": problem.code, "template": problem.template, "params": params}


def read(kept: Mapping[str, Any]) -> Problem:
    """What was stored."""
    params = {
        name: read(value) if isinstance(value, dict) else value
        for name, value in kept["params"].items()
    }
    return Problem(kept["code"], kept["template"], tuple(params.items()))
