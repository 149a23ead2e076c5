"""Owns the table of what was tried: each step, how it ended and how long it took."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path


class StepFailed(Exception):
    """What was promised does not hold; the text is for the table."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the table; `said` is empty when all went well."""

    package: str
    name: str
    seconds: float
    said: str


class Steps:
    """Writes each step to a file as it ends: another process makes the table."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def step(self, package: str, name: str) -> Iterator[None]:
        """Times a step. What failed is written down and raised."""
        began_s, said = time.monotonic(), "was interrupted"
        try:
            yield
            said = ""
        except Exception as error:
            said = str(error) or type(error).__name__
            raise
        finally:
            step = Step(package, name, time.monotonic() - began_s, said)
            with self._file.open("a") as file:
                file.write(json.dumps(asdict(step)) + "\n")
            print(as_line(step), file=sys.stderr, flush=True)

    def read(self) -> list[Step]:
        """Every step so far."""
        if not self._file.exists():
            return []
        lines = self._file.read_text().splitlines()
        return [Step(**json.loads(line)) for line in lines]


def as_line(step: Step) -> str:
    """One line of the table; what was said of a failure follows on its own."""
    verdict = "FAILED" if step.said else "OK"
    line = f"{step.package:3}  {step.name:66} {verdict:6} {step.seconds:6.1f} s"
    return line + ("\n" + indented(step.said) if step.said else "")


def indented(text: str, most_lines: int = 25) -> str:
    """The last lines of a text, as a block of its own."""
    return "\n".join(f"       | {line}" for line in text.splitlines()[-most_lines:])


def must(fact: object, said: str) -> None:
    """Fails the step with these words unless the fact holds."""
    if not fact:
        raise StepFailed(said)
