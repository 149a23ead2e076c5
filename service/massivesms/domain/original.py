"""What the values of the original module's database mean here.

This room owns the letters of its states, the spelling of its texts (latin1 tables
into which UTF-8 was written), its prefixes, times and names. It reads no database.
The whole mapping is written down for people in docs/takeover.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from .campaigns import MAX_NAME
from .schedule import SendingHours
from .states import MessageState as S

QUEUE_CAMPAIGN = 1  # its "Cola de Salida"
FINISHED = "F"
EXCLUDED = "E"
INCLUDED = "I"


class Fate(NamedTuple):
    """What a message of the original becomes here; `code` is a result code."""

    state: S
    code: str | None


#: Status of a number in a campaign that may go on -> what it becomes.
_FATES = {
    "P": Fate(S.QUEUED, None),
    # The last try failed and the original would have tried again.
    "N": Fate(S.QUEUED, "taken_over_again"),
    # Reserved by a process or on its way: it may have left.
    "B": Fate(S.IN_DOUBT, "taken_over_doubt"),
    "E": Fate(S.IN_DOUBT, "taken_over_doubt"),
    "F": Fate(S.SUBMITTED, "taken_over"),
    "I": Fate(S.REJECTED, "taken_over"),
    "S": Fate(S.CANCELLED, "taken_over_stopped"),
}
_UNKNOWN = Fate(S.IN_DOUBT, "taken_over_unknown")
_LEFT_OVER = Fate(S.CANCELLED, "taken_over_finished")


def fate(status: str, campaign_status: str) -> Fate:
    """What becomes of a message, by its letter and its campaign's.

    The original never sends what a finished campaign has left: neither do we.
    """
    found = _FATES.get(status.upper(), _UNKNOWN)
    is_over = campaign_status.upper() == FINISHED
    return _LEFT_OVER if is_over and found.state is S.QUEUED else found


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the original; `mended` = it was not written as its column says."""

    text: str
    mended: bool = False
    cut: bool = False  # its end was lost in the middle of a character


#: MySQL's latin1: Windows-1252, with the five octets that this leaves open.
_CHARACTERS = "".join(
    bytes([octet]).decode("cp1252", "replace").replace("\ufffd", chr(octet))
    for octet in range(256)
)
#: Back again; also from ISO 8859-1, which PHP took for latin1.
_OCTETS = {chr(octet): octet for octet in range(256)} | {
    character: octet for octet, character in enumerate(_CHARACTERS)
}
_CONTROL = re.compile(r"[\x00-\x09\x0b\x0e-\x1f\x7f-\x9f]+")
_TIMES_ENCODED = 3


@lru_cache(maxsize=4096)
def read_text(raw: bytes, charset: str = "latin1") -> Text:
    """The text that was meant by the octets of a column.

    UTF-8 in a latin1 column is read as UTF-8, text encoded twice is decoded twice.
    Real latin1 that is also UTF-8 would be nonsense such as "Ã³": it does not occur.
    """
    if raw.isascii():
        return Text(_clean(raw.decode("ascii")))
    first = _utf8(raw)
    if first is None:
        return Text(_clean("".join(_CHARACTERS[octet] for octet in raw)))
    text, cut = first
    mended = charset not in ("utf8", "utf8mb3", "utf8mb4")
    for _ in range(_TIMES_ENCODED):
        again = _encoded_again(text)
        if again is None:
            break
        text, mended, cut = again[0], True, cut or again[1]
    return Text(_clean(text), mended, cut)


def _utf8(raw: bytes) -> tuple[str, bool] | None:
    """(text, whether half a character was dropped at the end), None = no UTF-8."""
    try:
        return raw.decode("utf-8"), False
    except UnicodeDecodeError as error:
        is_end = error.end == len(raw) and "unexpected end" in error.reason
        head = raw[: error.start]
        # With no other character of several octets it is latin1 that ends in one.
        if is_end and not head.isascii():
            return head.decode("utf-8"), True
    return None


def _encoded_again(text: str) -> tuple[str, bool] | None:
    if text.isascii() or any(c not in _OCTETS for c in text):
        return None
    found = _utf8(bytes(_OCTETS[c] for c in text))
    # "ñ¡¡¡" looks like UTF-8, of a character that does not exist.
    is_real = found and not any(unicodedata.category(c) == "Cn" for c in found[0])
    return found if is_real else None


def _clean(text: str) -> str:
    """Without control characters, which no phone could show."""
    return _CONTROL.sub(" ", text) if _CONTROL.search(text) else text


def read_time(text: str, zone: ZoneInfo) -> datetime | None:
    """A moment of the PBX's wall clock in UTC; None for 0000-00-00 and nonsense."""
    try:
        local = datetime.fromisoformat(text)
        if local.year < 1990:
            return None
        return local.replace(tzinfo=zone, microsecond=0).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def read_hours(start: str, end: str) -> SendingHours | None:
    """Daily hours; None when they are the whole day or make no sense."""
    try:
        first, last = time.fromisoformat(start), time.fromisoformat(end)
    except ValueError:
        return None
    is_whole_day = first == time(0) and last >= time(23, 59)
    if is_whole_day or first.replace(second=0) == last.replace(second=0):
        return None
    return SendingHours(first.replace(second=0), last.replace(second=0))


def read_mobile_prefixes(text: str, country_code: str) -> list[str]:
    """Its prefixes, one a line, as ours: without the country code.

    The original held "6", "346" and "00346" side by side for one and the same.
    """
    spelled = re.findall(r"\+?[0-9]+", text)
    given = [re.sub(r"^(\+|00)", "", prefix) for prefix in spelled]
    bare = {
        prefix.removeprefix(country_code) if whole != prefix else prefix
        for whole, prefix in zip(spelled, given, strict=True)
    } - {"", country_code}
    return sorted(p for p in bare if not _is_repeated(p, bare, country_code))


def _is_repeated(prefix: str, others: set[str], country_code: str) -> bool:
    if not country_code or not prefix.startswith(country_code):
        return False
    return prefix[len(country_code) :] in others


def folded(name: str) -> str:
    """A name without what a unique key of the database does not tell apart."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c)).rstrip()


def free_name(
    name: str, label: str, taken: Iterable[str], limit: int = MAX_NAME
) -> str:
    """A name that nothing has yet: itself, cut to fit, or with `label` behind it.

    `taken` holds folded names: the database takes "Navidad" and "navidád" for one.
    """
    used = taken if isinstance(taken, set | frozenset) else set(taken)
    name = " ".join(name.split()) or label
    found, number = name[:limit].rstrip(), 1
    while folded(found) in used:
        ending = f" ({label})" if number == 1 else f" ({label} {number})"
        found, number = name[: limit - len(ending)].rstrip() + ending, number + 1
    return found
