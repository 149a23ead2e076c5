"""The number in what a network says of a balance. Pure.

Nobody writes these sentences alike, so it is a guess: what stands beside a currency or
a word for money, else what looks like an amount; never a date, a code or a phone
number. The sentence itself is always kept and shown.
"""

from __future__ import annotations

import re
from decimal import Decimal

MOST_DIGITS = 9
_DATE = re.compile(
    r"\b\d{1,4}([/.-])\d{1,2}(?:\1\d{2,4})\b|\b\d{1,2}:\d{2}(?::\d{2})?\b"
)
_CODE = re.compile(r"[*#][*#\d]*\d[*#\d]*")
_GROUPS = r"\d{1,3}(?:[., ']\d{3})+(?:[.,]\d{1,2})?"
_NUMBER = re.compile(rf"(?<![\w.,])-?(?:{_GROUPS}|\d+(?:[.,]\d+)?)(?!\w{{3}})")
_MONEY = (
    r"(?:€|\$|£|₽|eur(?:os?)?|usd|bs\.?[fds]?|ves|cup|mxn|cop|pen|ars|clp|"
    r"s/\.?|mn|gb|mb|rub|pesos|soles)"
)
_AFTER = re.compile(rf"\s*{_MONEY}(?![a-z])", re.IGNORECASE)
_BEFORE = re.compile(rf"(?<![a-z]){_MONEY}[.:=\s]*$", re.IGNORECASE)
_WORD = re.compile(
    r"(?:saldo|balance|cr[eé]dito?|disponible|available)[^\d]{0,25}$", re.IGNORECASE
)


def amount(answer: str) -> Decimal | None:
    """The balance in an answer, None when there is no number that may be one."""
    text = _DATE.sub(lambda found: "x" * len(found[0]), answer)
    text = _CODE.sub(lambda found: "x" * len(found[0]), text)
    ranked: list[tuple[int, int, Decimal]] = []
    for found in _NUMBER.finditer(text):
        value = _value(found[0])
        if value is not None:
            rank = _rank(text, found)
            ranked.append((-rank, found.start(), value))
    return min(ranked)[2] if ranked else None


def _rank(text: str, found: re.Match[str]) -> int:
    """How much a number looks like the balance."""
    before, after = text[: found.start()], text[found.end() :]
    has_money = bool(_AFTER.match(after) or _BEFORE.search(before))
    has_word = bool(_WORD.search(before))
    has_cents = bool(re.search(r"[.,]\d{1,2}$", found[0]))
    return 4 * has_word + 3 * has_money + has_cents


def _value(text: str) -> Decimal | None:
    """A number with points or commas in either meaning."""
    digits = re.sub(r"[ ']", "", text)
    if sum(c.isdigit() for c in digits) > MOST_DIGITS:
        return None  # a phone number
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return Decimal(digits)
    last = max(digits.rfind("."), digits.rfind(","))
    whole = re.sub(r"[.,]", "", digits[:last])
    rest = digits[last + 1 :]
    is_thousands = len(rest) == 3 and whole.lstrip("-") not in ("", "0")
    if is_thousands and len(set(marks)) == 1:
        return Decimal(whole + rest)
    return Decimal(f"{whole}.{rest}")
