"""A trunk's own decisions for error answers, as a person writes them.

"0x45=fail, 1025=retry": command_status, hexadecimal or decimal, and the word of
an outcomes.Decision. They win over the table in smpp_status.
"""

from __future__ import annotations

import re

from .outcomes import Decision
from .smpp_status import NOT_BOUND
from .words import N_, Problem, problem_from

MAX_STATUS = 0xFFFF_FFFF
_STATUS = re.compile(r"0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,10}")

PROBLEMS = {
    "override_form": N_(
        "%(entry)s is no override: write STATUS=DECISION, for example 0x45=fail, and"
        " commas between them."
    ),
    "override_status": N_(
        "%(entry)s: the status of an error answer is from 0x01 to 0xFFFFFFFF."
    ),
    "override_not_bound": N_(
        "%(entry)s: this status means that the session is over, whatever is decided."
    ),
    "override_decision": N_("%(entry)s: the decision is one of %(known)s."),
    "override_twice": N_("%(entry)s: this status has a decision already."),
}


def read_overrides(text: str) -> dict[int, Decision] | Problem:
    """The decisions by command_status, or what is wrong with the first bad one."""
    found: dict[int, Decision] = {}
    for entry in filter(None, map(str.strip, text.split(","))):
        written, equals, word = (part.strip() for part in entry.partition("="))
        if not equals or not _STATUS.fullmatch(written):
            return problem_from(PROBLEMS, "override_form", entry=entry)
        is_hex = written[:2].lower() == "0x"
        status = int(written, 16 if is_hex else 10)
        if not 1 <= status <= MAX_STATUS:
            return problem_from(PROBLEMS, "override_status", entry=entry)
        if status == NOT_BOUND:
            return problem_from(PROBLEMS, "override_not_bound", entry=entry)
        if word.lower() not in set(Decision):
            known = ", ".join(Decision)
            return problem_from(PROBLEMS, "override_decision", entry=entry, known=known)
        if status in found:
            return problem_from(PROBLEMS, "override_twice", entry=entry)
        found[status] = Decision(word.lower())
    return found
