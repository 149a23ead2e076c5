"""Problems: what a person can put right, as values with words for an office clerk.

This room owns how a refusal is carried from the rule that found it to the page,
the command line and the database. It never translates and never logs: the page
hands `template` to gettext and fills in `params` itself. A rule's own table of
templates stands beside the rule, not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


def N_(text: str) -> str:  # noqa: N802 - the name that gettext's tools look for
    """Return `text` unchanged, marked so that translations are extracted."""
    return text


@dataclass(frozen=True, slots=True, init=False)
class Problem:
    """One thing that is wrong, and what to do about it.

    `code` is stable and may be stored; `template` is the English sentence and the
    gettext msgid, with %(name)s places; `details` fills them, as pairs so that a
    problem can be hashed.
    """

    code: str
    template: str
    details: tuple[tuple[str, object], ...] = ()

    def __init__(
        self,
        code: str,
        template: str,
        details: tuple[tuple[str, object], ...] = (),
        /,
        **params: object,
    ) -> None:
        object.__setattr__(self, "code", code)
        object.__setattr__(self, "template", template)
        object.__setattr__(self, "details", details + tuple(params.items()))

    @property
    def params(self) -> dict[str, object]:
        """The template's values by name; a new dictionary each time."""
        return dict(self.details)

    @property
    def text(self) -> str:
        """The whole sentence in English."""
        return self.template % self.params

    def __str__(self) -> str:
        return self.text


UNKNOWN = N_("Result %(code)s. %(detail)s")


def result_words(
    table: Mapping[str, str], code: str | None, detail: str | None
) -> Problem | None:
    """The sentence of a stored result, from its table of templates; None without one.

    A result that an older or newer version has stored is shown as it is.
    """
    if not code:
        return None
    template = table.get(code, UNKNOWN)
    return Problem(code, template, (("code", code), ("detail", detail or "")))


def problem_from(table: Mapping[str, str], code: str, /, **params: object) -> Problem:
    """Return the problem `code` of a rule's `table` of templates.

    Raises KeyError when the table has no such code: that is our mistake, never
    the person's. A problem stored as code and params is read back the same way.
    """
    return Problem(code, table[code], tuple(params.items()))


def said(problem: Problem, translate: Callable[[str], str]) -> str:
    """The whole sentence in another language; problems among its values too."""
    params = {
        name: said(value, translate) if isinstance(value, Problem) else value
        for name, value in problem.details
    }
    return (translate(problem.template) % params).strip()
