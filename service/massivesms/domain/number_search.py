"""What a person types to find a number, as beginnings of stored numbers.

Stored numbers are E.164 with +; people type them as they know them.
"""

from __future__ import annotations

import re

from .numbers import NumberPlan

NO_NUMBER = ("none",)  # no stored number begins so
MAX_DIGITS = 15


def beginnings(typed: str, plan: NumberPlan) -> tuple[str, ...]:
    """How numbers may begin in E.164; () when nothing was typed.

    Digits without + are tried as they are and after the country code, there also
    without the 0 that is dialled inside some countries.
    """
    text = typed.strip()
    if not text:
        return ()
    digits = re.sub(r"[\s().\-/]", "", text)
    is_international = digits.startswith(("+", "00"))
    digits = re.sub(r"^(\+|00)", "", digits)
    if not re.fullmatch(rf"[0-9]{{1,{MAX_DIGITS}}}", digits):
        return NO_NUMBER
    found = [f"+{digits}"]
    if not is_international and plan.country_code:
        found.append(f"+{plan.country_code}{digits}")
        found += [
            f"+{plan.country_code}{digits.removeprefix(trunk)}"
            for trunk in plan.trunk_prefixes
            if digits.startswith(trunk) and digits != trunk
        ]
    return tuple(dict.fromkeys(start for start in found if len(start) <= 16))
