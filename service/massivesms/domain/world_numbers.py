"""What libphonenumber knows of the world's numbering plans, in our words.

This room is the only one that calls phonenumbers. It decides for foreign numbers
and answers questions about a country (trunk digit, lengths of mobile numbers). It
knows nothing of the administrator's own prefixes and lengths, which rule at home
(numbers.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberType,
    ValidationResult,
)

from massivesms.domain.words import N_, Problem, problem_from

PROBLEMS = {
    "invalid": N_("This is not a valid phone number: check its digits."),
    "too_short": N_(
        "The number is too short: it has %(digits)s digits without country code "
        "and needs at least %(minimum)s."
    ),
    "too_long": N_(
        "The number is too long: it has %(digits)s digits without country code and "
        "may have %(maximum)s. Write numbers of other countries with + in front."
    ),
    "not_mobile": N_("This is not a mobile number: messages only reach mobile phones."),
}

MOST_DIGITS = 15
"""Digits of an international number with its country code (ITU-T E.164 §6)."""

FEWEST_DIGITS = 4
"""Digits below which nothing is a subscriber's number anywhere."""

_MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


@dataclass(frozen=True, slots=True)
class Reading:
    """What libphonenumber makes of some digits; not yet a verdict."""

    country_code: str
    national: str
    is_local: bool
    parsed: PhoneNumber


def is_country_code(country_code: str) -> bool:
    """True when a country or a world-wide service has this calling code."""
    is_digits = country_code.isascii() and country_code.isdecimal()
    return is_digits and (int(country_code) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@lru_cache(maxsize=512)
def mobile_lengths(country_code: str) -> tuple[int, ...]:
    """Digits, without country code, of mobile numbers there; () when unknown."""
    return _lengths(country_code, PhoneNumberType.MOBILE)


@lru_cache(maxsize=512)
def possible_lengths(country_code: str) -> tuple[int, ...]:
    """Digits, without country code, of any number there; () when unknown."""
    return _lengths(country_code, PhoneNumberType.UNKNOWN)


@lru_cache(maxsize=512)
def trunk_prefix(country_code: str) -> str:
    """What is dialled before a number inside the country: "0", "8", "06" or ""."""
    metadata = _metadata(country_code)
    prefix = (metadata.national_prefix or "") if metadata else ""
    return "" if prefix == country_code else prefix


def read_international(digits: str) -> Reading | Problem:
    """Read `digits` (country code first, no +) or say why they are no number."""
    try:
        parsed = phonenumbers.parse("+" + digits)
    except NumberParseException:
        return _why_unreadable(digits)
    return _reading(parsed, is_local=False)


def read_national(digits: str, country_code: str) -> Reading | Problem:
    """Read `digits` as written inside the country, perhaps with its code."""
    region = phonenumbers.region_code_for_country_code(int(country_code))
    try:
        parsed = phonenumbers.parse(digits, region, keep_raw_input=True)
    except NumberParseException:
        return problem_from(PROBLEMS, "invalid")
    source = parsed.country_code_source
    return _reading(parsed, is_local=source == CountryCodeSource.FROM_DEFAULT_COUNTRY)


def why_not_possible(reading: Reading) -> Problem | None:
    """Why a number cannot exist by its length, or None."""
    size = len(reading.national)
    most = MOST_DIGITS - len(reading.country_code)
    if size > most:
        return too_long(size, most)
    reason = phonenumbers.is_possible_number_with_reason(reading.parsed)
    if reason == ValidationResult.IS_POSSIBLE:
        return None
    lengths = mobile_lengths(reading.country_code) or (FEWEST_DIGITS,)
    if size > max(lengths):
        return too_long(size, max(lengths))
    if size < min(lengths):
        return too_short(size, min(lengths))
    return problem_from(PROBLEMS, "invalid")


def why_not_mobile(reading: Reading) -> Problem | None:
    """Why a number cannot get messages, by the world's plans, or None."""
    if problem := why_not_possible(reading):
        return problem
    kind = phonenumbers.number_type(reading.parsed)
    if kind in _MOBILE_TYPES:
        return None
    is_valid = kind != PhoneNumberType.UNKNOWN
    return problem_from(PROBLEMS, "not_mobile" if is_valid else "invalid")


@lru_cache(maxsize=64)
def certain_mobile(country_code: str) -> str | None:
    """A pattern of local digits that are a mobile number beyond doubt, or None.

    For speed only: a million local numbers need no parsing. None where several
    countries share a code, because which one it is needs libphonenumber, and for
    world-wide services, which have no local numbers.
    """
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(country_code), ())
    metadata = _metadata(country_code)
    if len(regions) != 1 or phonenumbers.REGION_CODE_FOR_NON_GEO_ENTITY in regions:
        return None
    if metadata is None or metadata.mobile is None:
        return None
    mobile = metadata.mobile.national_number_pattern
    if not mobile or mobile == "NA":
        return None
    ahead = "".join(f"(?!(?:{p})$)" for p in _patterns_before_mobile(metadata))
    if prefix := metadata.national_prefix_for_parsing:
        ahead = f"(?!{prefix})" + ahead
    return f"(?!0){ahead}(?:{mobile})"


def too_short(digits: int, minimum: int) -> Problem:
    """The problem of a number with fewer digits than `minimum`."""
    return problem_from(PROBLEMS, "too_short", digits=digits, minimum=minimum)


def too_long(digits: int, maximum: int) -> Problem:
    """The problem of a number with more digits than `maximum`."""
    return problem_from(PROBLEMS, "too_long", digits=digits, maximum=maximum)


def _reading(parsed: PhoneNumber, *, is_local: bool) -> Reading:
    national = phonenumbers.national_significant_number(parsed)
    return Reading(str(parsed.country_code), national, is_local, parsed)


def _why_unreadable(digits: str) -> Problem:
    """Say too long or too short where the country at least can be told."""
    for size in (1, 2, 3):
        if is_country_code(country_code := digits[:size]):
            lengths = mobile_lengths(country_code)
            rest = len(digits) - size
            if lengths and rest > lengths[-1]:
                return too_long(rest, lengths[-1])
            if lengths and rest < lengths[0]:
                return too_short(rest, lengths[0])
    return problem_from(PROBLEMS, "invalid")


def _metadata(country_code: str) -> PhoneMetadata | None:
    if not is_country_code(country_code):
        return None
    region = phonenumbers.region_code_for_country_code(int(country_code))
    return PhoneMetadata.metadata_for_region_or_calling_code(int(country_code), region)


def _lengths(country_code: str, kind: int) -> tuple[int, ...]:
    if not is_country_code(country_code):
        return ()
    return tuple(
        size
        for size in range(FEWEST_DIGITS, MOST_DIGITS - len(country_code) + 1)
        if phonenumbers.is_possible_number_for_type_with_reason(
            PhoneNumber(
                country_code=int(country_code), national_number=int("2" * size)
            ),
            kind,
        )
        == ValidationResult.IS_POSSIBLE
    )


def _patterns_before_mobile(metadata: PhoneMetadata) -> list[str]:
    """The kinds of number that libphonenumber tries before it says mobile."""
    kinds = (
        metadata.premium_rate,
        metadata.toll_free,
        metadata.shared_cost,
        metadata.voip,
        metadata.personal_number,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    )
    patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
    return [pattern for pattern in patterns if pattern and pattern != "NA"]
