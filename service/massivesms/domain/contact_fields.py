"""What is known of a contact beside its number: fields, by the titles of columns.

Owns the names of fields and how a column's title becomes one. A field's name is what
stands between < and > in a template; it is stored as a key of contact.fields.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring as _quoted
from types import MappingProxyType

from .words import N_, Problem

#: The fields that every contact may have, by their names, in the order of pages.
STANDARD: Mapping[str, str] = MappingProxyType(
    {
        "first_name": N_("First name"),
        "last_name": N_("Last name"),
        "email": N_("E-mail"),
        "address": N_("Address"),
        "custom_1": N_("Custom value 1"),
        "custom_2": N_("Custom value 2"),
        "custom_3": N_("Custom value 3"),
    }
)
MOST_FIELDS = 40
MOST_NAME = 40
MOST_VALUE = 500
MOST_BYTES = 60_000  # of all fields of one contact, as they are stored
NUMBER = "number"  # always there; not stored among the fields

_CUSTOM = (
    "custom# customvalue# personalizado# valor# valorpersonalizado# campo#"
    " campopersonalizado#"
)
# Titles as people write them, without accents, case and signs.
_TITLES = {
    "number": "number telefono movil celular phone mobile tel msisdn",
    "first_name": "nombre nombres firstname first givenname name nombredepila",
    "last_name": "apellido apellidos lastname last surname familyname",
    "email": "email mail correo correoelectronico emailaddress",
    "address": "direccion domicilio address calle street",
    "custom_1": _CUSTOM.replace("#", "1"),
    "custom_2": _CUSTOM.replace("#", "2"),
    "custom_3": _CUSTOM.replace("#", "3"),
}
_KEYS = {title: key for key, titles in _TITLES.items() for title in titles.split()}
_SIGNS = re.compile(r"[^a-z0-9]+")


def name_of(title: str) -> str:
    """The field of a column's title: a standard one, else the title simplified.

    "Saldo pendiente (€)" is saldo_pendiente; '' for a title without letters.
    """
    plain = unicodedata.normalize("NFKD", title.casefold())
    ascii_only = "".join(c for c in plain if c.isascii())
    words = _SIGNS.sub("_", ascii_only).strip("_")[:MOST_NAME].rstrip("_")
    if not any(c.isalpha() for c in words):
        return ""
    return _KEYS.get(words.replace("_", ""), words)


def titles_of(name: str) -> list[str]:
    """What a standard field may be called in a title, simplified; [] for others."""
    return [title for title, key in _KEYS.items() if key == name]


def names_of(titles: Sequence[str]) -> list[str]:
    """The fields of a header's titles; '' for those that are none, or come again."""
    seen: set[str] = {"", NUMBER}
    names = []
    for title in titles:
        name = name_of(title)
        names.append("" if name in seen else name)
        seen.add(name)
    return names


def check(fields: Mapping[str, str]) -> Problem | None:
    """What is wrong with the fields of one contact, or None."""
    if len(fields) <= MOST_FIELDS and sum(map(len, fields.values())) <= MOST_VALUE:
        return None  # as nearly all: a million rows are looked at
    if len(fields) > MOST_FIELDS:
        return Problem(
            "too_many_fields",
            N_("A contact has at most %(most)s fields; this one has %(n)s."),
            most=MOST_FIELDS,
            n=len(fields),
        )
    for name, value in fields.items():
        if len(value) > MOST_VALUE:
            return Problem(
                "field_too_long",
                N_("%(name)s is longer than %(most)s characters."),
                name=name,
                most=MOST_VALUE,
            )
    if sum(map(len, fields.values())) > MOST_BYTES // 8 and _bytes(fields) > MOST_BYTES:
        return Problem(
            "fields_too_long",
            N_("The fields of this contact are too long together: shorten some."),
        )
    return None


def _bytes(fields: Mapping[str, str]) -> int:
    return len((written(fields) or "").encode("utf-8", "replace"))


def written(fields: Mapping[str, str]) -> str | None:
    """Fields as they are stored, empty ones left out; None when there are none.

    What json.dumps would write, in a quarter of its time.
    """
    kept = [
        f"{_quoted(name)}: {_quoted(value)}" for name, value in fields.items() if value
    ]
    return "{" + ", ".join(kept) + "}" if kept else None


def read(stored: str | None) -> dict[str, str]:
    """Stored fields by their names."""
    return json.loads(stored) if stored else {}
