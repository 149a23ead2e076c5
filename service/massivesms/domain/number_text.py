"""How people and spreadsheets write a phone number -> digits, perhaps with a +.

This room owns spelling: spaces, punctuation, digits of other scripts, numbers
that a spreadsheet turned into floats. It knows no country, no length and no
prefix; whether the digits are a mobile number is decided in numbers.py.
"""

from __future__ import annotations

import re
import unicodedata

from massivesms.domain.words import N_, Problem, problem_from

PROBLEMS = {
    "empty": N_("There is no phone number: write one."),
    "no_digits": N_("This is not a phone number: it has no digits."),
    "unknown_characters": N_(
        "The number has characters that do not belong in one (%(characters)s): "
        "delete them."
    ),
    "scientific": N_(
        "The spreadsheet destroyed this number: its last digits are lost. Format "
        "the column as text, write the number again and save the file again."
    ),
    "several_numbers": N_(
        "There is more than one number here: put each one in a row of its own."
    ),
}

_SHOWN_CHARACTERS = 5

# An ordinary mobile or landline has seven digits or more; the pieces of one
# number written with / or - have fewer on at least one side.
_DIGITS_OF_A_NUMBER = 7

_WRAPPED = re.compile(r"""=?\s*["“”](.*)["“”]\s*""", re.DOTALL)
_TEL = re.compile(r"tel\s*[:.]\s*", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?(\d+)(?:[.,](\d+))?\s*[eE]\s*\+?\s*(\d{1,3})")
_FLOAT = re.compile(r"(\+?\d{6,})[.,]0{1,2}")
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:,\d{3})+")
_TRUNK_IN_BRACKETS = re.compile(r"(\(?(?:\+|00)[\d\s]{1,8}\)?)\s*\(0\)")
_PIECES = re.compile(r"[/;,|&\n\r\u2010-\u2015-]|\s(?:y|e|o|u|and|or)\s", re.IGNORECASE)
_DIGITS = re.compile(r"\+?\d+")

# Separators, invisible marks and dashes, by Unicode category; then what else
# people put between the digits.
_DROPPED_KINDS = frozenset({"Zs", "Zl", "Zp", "Cf", "Pd"})
_DROPPED = frozenset(
    "()./\t\r\n"
    + "\N{MINUS SIGN}\N{FULLWIDTH FULL STOP}\N{FULLWIDTH SOLIDUS}"
    + "\N{FULLWIDTH LEFT PARENTHESIS}\N{FULLWIDTH RIGHT PARENTHESIS}"
)
_APOSTROPHES = "'‘’`´"


class _Spelling(dict[int, str | None]):
    """A str.translate table filled as characters turn up.

    Spaces, dashes, brackets, full stops, slashes and invisible marks (which come
    along when a number is copied from a phone's contacts) vanish; decimal digits
    of any script and the full-width plus become ASCII.
    """

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        replacement: str | None = character
        if (digit := unicodedata.decimal(character, None)) is not None:
            replacement = str(digit)
        elif unicodedata.category(character) in _DROPPED_KINDS or character in _DROPPED:
            replacement = None
        elif character == "\N{FULLWIDTH PLUS SIGN}":
            replacement = "+"
        self[code] = replacement
        return replacement


_SPELLING = _Spelling()


def spell(raw: str) -> str | Problem:
    """Return the digits of one number, with a + in front where one was written.

    Numbers that a spreadsheet saved as a float or in scientific notation are
    repaired while no digit is lost. Problems: empty, no_digits,
    unknown_characters, scientific, several_numbers.
    """
    text = _unwrap(raw)
    if not text:
        return problem_from(PROBLEMS, "empty")
    text = _ascii_digits(text)
    if found := _SCIENTIFIC.fullmatch(text):
        return _from_scientific(*found.groups(default=""))
    if found := _FLOAT.fullmatch(text):
        return found[1]
    if found := _TRUNK_IN_BRACKETS.match(text):
        text = found[1] + text[found.end() :]
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    if _is_several(text):
        return problem_from(PROBLEMS, "several_numbers")
    digits = text.translate(_SPELLING)
    return digits if _DIGITS.fullmatch(digits) else _why_not(digits)


def _unwrap(raw: str) -> str:
    """Take off what a spreadsheet or an address book puts around a number."""
    text = raw.strip(" \t\r\n\N{NO-BREAK SPACE}\ufeff\u200b").lstrip(_APOSTROPHES)
    if found := _WRAPPED.fullmatch(text):
        text = found[1].strip()
    if found := _TEL.match(text):
        text = text[found.end() :]
    return text


def _ascii_digits(text: str) -> str:
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c, c)) if c.isdecimal() else c for c in text)


def _from_scientific(whole: str, fraction: str, exponent: str) -> str | Problem:
    power = int(exponent)
    kept, rest = fraction[:power], fraction[power:]
    if len(kept) < power or rest.strip("0"):
        return problem_from(PROBLEMS, "scientific")
    return whole + kept


def _is_several(text: str) -> bool:
    """True when `text` holds two numbers, each long enough to stand alone."""
    if text.count("+") > 1:
        pieces = text.split("+")
    else:
        pieces = _PIECES.split(text)
        if len(pieces) == 1:
            pieces = text.split() if _count(text) > 15 else pieces
    return sum(_count(piece) >= _DIGITS_OF_A_NUMBER for piece in pieces) > 1


def _count(text: str) -> int:
    return sum(map(text.count, "0123456789"))


def _why_not(digits: str) -> Problem:
    strange = [c for c in dict.fromkeys(digits) if not "0" <= c <= "9"]
    if not strange:
        return problem_from(PROBLEMS, "empty")
    if not _count(digits):
        return problem_from(PROBLEMS, "no_digits")
    if digits.startswith("+") and "+" not in digits[1:]:
        strange.remove("+")
    shown = " ".join(map(_show, strange[:_SHOWN_CHARACTERS]))
    if len(strange) > _SHOWN_CHARACTERS:
        shown += " …"
    return problem_from(PROBLEMS, "unknown_characters", characters=shown)


def _show(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"
