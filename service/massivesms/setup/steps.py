"""How a plan is carried out: look, say, do; each step again and again.

A step looks at the machine and returns the changes that are still to be made, none
when all is as it should be. So running twice changes nothing, and a dry run is the
same plan without the doing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from ..domain.words import Problem
from ..errors import MassiveSmsError, SetupError


class Verb(Enum):
    """What happens to something: said when done, and when it would be done."""

    MAKE = ("made", "would make")
    CHANGE = ("changed", "would change")
    REMOVE = ("removed", "would remove")
    START = ("started", "would start")
    STOP = ("stopped", "would stop")


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is to be done; `what` says to what, in a person's words."""

    verb: Verb
    what: str
    do: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Note:
    """Something to say although nothing is to be done."""

    state: str
    what: str


Looked = Sequence[Change | Note]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the plan; `look` finds what is missing, `needs` names others."""

    name: str
    what: str
    look: Callable[[], Looked]
    needs: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Line:
    """What is said of a step."""

    step: str
    state: str
    said: str
    has_failed: bool = False


RIGHT = "as it should be"
FAILED = "FAILED"
NOT_DONE = "not done"


def survey(steps: Sequence[Step]) -> None:
    """Looks at everything, so that what is known to fail fails before a change.

    Raises SetupError with every problem.
    """
    failed = [line.said for line in walk(steps, is_dry=True) if line.has_failed]
    if failed:
        raise SetupError(
            Problem(
                "setup_survey",
                "%(problems)s Nothing was changed.",
                problems=" ".join(dict.fromkeys(failed)),
            )
        )


def walk(steps: Sequence[Step], *, is_dry: bool) -> Iterator[Line]:
    """Carries the plan out, or only says what would be done.

    A step that fails stops those that need it, and nothing else.
    """
    broken: set[str] = set()
    for step in steps:
        missing = [name for name in step.needs if name in broken]
        if missing:
            broken.add(step.name)
            said = f"{step.what}: needs {', '.join(missing)} first"
            yield Line(step.name, NOT_DONE, said)
            continue
        try:
            yield from _one(step, is_dry)
        except (MassiveSmsError, OSError) as error:
            broken.add(step.name)
            yield Line(step.name, FAILED, f"{step.what}: {_words(error)}", True)


def _one(step: Step, is_dry: bool) -> Iterator[Line]:
    looked = step.look()
    if not looked:
        yield Line(step.name, RIGHT, step.what)
    for found in looked:
        if isinstance(found, Note):
            yield Line(step.name, found.state, found.what)
            continue
        if not is_dry:
            found.do()
        yield Line(step.name, found.verb.value[is_dry], found.what)


def _words(error: MassiveSmsError | OSError) -> str:
    if isinstance(error, OSError):
        return f"{error.filename or 'the system'}: {error.strerror or error}."
    return str(error)
