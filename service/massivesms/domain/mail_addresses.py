"""Addresses of mail as people write them, several in one field.

Only what every mail server takes: ASCII before the @; a domain with letters of
other alphabets becomes what the DNS knows it by.
"""

from __future__ import annotations

import re

from .words import N_, Problem

MOST_ADDRESSES = 20
MOST_CHARACTERS = 254  # RFC 5321 §4.5.3.1.3
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def read_addresses(text: str) -> tuple[str, ...] | Problem:
    """Addresses between commas, semicolons or blanks, each once; none of nothing."""
    found: dict[str, None] = {}
    for one in re.split(r"[,;\s]+", text.strip()):
        if one:
            read = read_address(one)
            if isinstance(read, Problem):
                return read
            found[read] = None
    if len(found) > MOST_ADDRESSES:
        words = N_("At most %(most)s addresses can be given.")
        return Problem("mail_addresses_many", words, most=MOST_ADDRESSES)
    return tuple(found)


def read_address(text: str) -> str | Problem:
    """One address, as it is written on the wire."""
    local, at, domain = text.strip().rpartition("@")
    try:
        known_as = domain.encode("idna").decode("ascii")
    except UnicodeError:
        known_as = ""
    labels = known_as.split(".")
    is_good = (
        at
        and len(local) <= 64
        and _LOCAL.fullmatch(local)
        and all(_LABEL.fullmatch(label) for label in labels)
        and len(local) + 1 + len(known_as) <= MOST_CHARACTERS
    )
    if is_good:
        return f"{local}@{known_as}"
    return Problem(
        "mail_address",
        N_("%(address)s is no mail address. Write it like ana@example.com."),
        address=text.strip()[:80],
    )
