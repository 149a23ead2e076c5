"""What a trunk script printed: ret_code;message;stop_trunk;stop_message.

Only the first line counts. The message may contain semicolons: the code is read
from the left, the two flags from the right. Missing flags are 0, as scripts of
the original module often leave them out.
"""

from __future__ import annotations

from typing import NamedTuple

_FLAGS = {"0": False, "1": True, "": False}


class Answer(NamedTuple):
    """The first line, read; code 0 = sent."""

    code: int
    message: str
    stop_trunk: bool
    stop_message: bool


def read_answer(output: bytes) -> Answer | None:
    """The answer in the output of a script, or None when there is none."""
    line = output.split(b"\n", 1)[0].decode("utf-8", "replace").strip()
    first, *rest = line.split(";")
    try:
        code = int(first.strip())
    except ValueError:
        return None
    stop_trunk = stop_message = False
    flags = [part.strip() for part in rest[-2:]]
    if len(rest) >= 3 and all(flag in _FLAGS for flag in flags):
        stop_trunk, stop_message = _FLAGS[flags[0]], _FLAGS[flags[1]]
        rest = rest[:-2]
    message = "".join(c for c in ";".join(rest).strip() if c.isprintable())
    return Answer(code, message[:255], stop_trunk, stop_message)


def first_line(output: bytes) -> str:
    """The first line for people: printable, short."""
    line = output.split(b"\n", 1)[0].decode("utf-8", "replace")
    return "".join(c for c in line if c.isprintable())[:120]


def entities(text: str) -> str:
    """Decimal entities for what is not ASCII, as the original module passed it."""
    return "".join(c if ord(c) < 128 else f"&#{ord(c)};" for c in text)
