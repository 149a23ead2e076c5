"""How an operator writes the id of a message in its receipts, beside its answers.

Ids are text and stay as they came. Some operators answer in hexadecimal and write
their receipts in decimal, or the reverse, with leading zeros or without. Only what
is wholly of one notation is ever read as a number, and numbers are unbounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .words import N_

#: Characters of an id that are stored; of a longer one the beginning, everywhere.
MOST_STORED = 160
DECIMAL, HEXADECIMAL = 10, 16
#: Lengths to which operators are known to fill ids up with zeros.
WIDTHS = (8, 10, 12, 16, 20, 24, 32)
_DIGITS = {DECIMAL: re.compile(r"[0-9]+"), HEXADECIMAL: re.compile(r"[0-9A-Fa-f]+")}


class IdForm(NamedTuple):
    """The notation of the id in a receipt, and in the answer; 0 = just as it came.

    A width is the length up to which zeros are put before it; 0 = none.
    """

    written: int = 0
    answered: int = 0
    written_width: int = 0
    answered_width: int = 0

    def __str__(self) -> str:
        if not self.written:
            return "raw"
        written = f"{self.written}.{self.written_width}"
        return f"{written}>{self.answered}.{self.answered_width}"


RAW = IdForm()
#: The third one: the same digits, but with other zeros or letters.
_NOTATIONS = (
    (DECIMAL, HEXADECIMAL),
    (HEXADECIMAL, DECIMAL),
    (HEXADECIMAL, HEXADECIMAL),
)
FORM_WORDS: Mapping[tuple[int, int], str] = {
    (0, 0): N_("as in the answers"),
    (DECIMAL, HEXADECIMAL): N_("decimal, answers hexadecimal"),
    (HEXADECIMAL, DECIMAL): N_("hexadecimal, answers decimal"),
    (HEXADECIMAL, HEXADECIMAL): N_("as in the answers but for zeros or small letters"),
}


def read_form(text: str) -> IdForm:
    """A form as str() wrote it; RAW for anything else."""
    found = re.fullmatch(r"(10|16)\.(\d{1,2})>(10|16)\.(\d{1,2})", text)
    if found is None:
        return RAW
    written, written_width, answered, answered_width = map(int, found.groups())
    form = IdForm(written, answered, written_width, answered_width)
    return form if form[:2] in _NOTATIONS else RAW


def form_words(form: IdForm) -> str:
    """A form in words, to be translated."""
    return FORM_WORDS[form.written, form.answered]


def answered_ids(form: IdForm, written: str) -> list[str]:
    """What the answer may have said, when a receipt writes so."""
    return _spellings(written, form.written, form.answered, form.answered_width)


def written_ids(form: IdForm, answered: str) -> list[str]:
    """What a receipt may write, when the answer said so."""
    return _spellings(answered, form.answered, form.written, form.written_width)


def guesses(known: str) -> list[str]:
    """Every other spelling of an id, in a receipt or in an answer."""
    found: dict[str, None] = {}
    for base, other in _NOTATIONS:
        if _DIGITS[base].fullmatch(known):
            for spelling in _every_width(int(known, base), other):
                found[spelling] = None
    found.pop(known, None)
    return list(found)


def form_of(written: str, answered: str) -> IdForm | None:
    """The form by which two ids are the same one; None when they are not."""
    if written == answered:
        return RAW
    for base, other in _NOTATIONS:
        are_numbers = _DIGITS[base].fullmatch(written) and _DIGITS[other].fullmatch(
            answered
        )
        if are_numbers and int(written, base) == int(answered, other):
            return IdForm(base, other, _filled(written), _filled(answered))
    return None


def _filled(text: str) -> int:
    """To which length zeros fill it up; 0 when none do."""
    return len(text) if text.startswith("0") and len(text) > 1 else 0


def _spellings(text: str, base: int, other: int, width: int) -> list[str]:
    """One number in another notation; as it is when it is none."""
    if not base or not _DIGITS[base].fullmatch(text):
        return [text]
    return list(_cases(_plain(int(text, base), other).zfill(width)))


def _every_width(value: int, base: int) -> Iterator[str]:
    plain = _plain(value, base)
    even = len(plain) + len(plain) % 2
    for width in {len(plain), even, *WIDTHS}:
        if width >= len(plain):
            yield from _cases(plain.zfill(width))


def _plain(value: int, base: int) -> str:
    return f"{value:x}" if base == HEXADECIMAL else str(value)


def _cases(digits: str) -> Iterator[str]:
    yield digits
    if not digits.isdecimal():
        yield digits.upper()
