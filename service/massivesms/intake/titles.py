"""What a header calls its columns: number, message, campaign, priority, reason.

This room owns the words that people write above columns, in Spanish and English.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from .number_cells import looks_like_number

# Words of headers, without accents; the first group that a column matches wins, so
# that of "Número de cliente" and "Teléfono móvil" the second is taken.
_NUMBER_WORDS = (
    {"movil", "moviles", "mobile", "mobil", "celular", "cel", "cell", "cellphone"},
    {"msisdn", "telefono", "telefonos", "telephone", "tel", "tfno", "tlf", "phone"},
    {"phonenumber", "mobilenumber", "mobilephone", "destino", "destinatario"},
    {"destination", "recipient", "to", "numero", "numeros", "number", "numbers"},
)
_TEXT_WORDS = {"message", "messages", "mensaje", "mensajes", "msg", "msj", "texto"}
_TEXT_WORDS |= {"text", "sms", "body", "cuerpo", "contenido", "content", "aviso"}

# What stands beside numbers in address books and must not be sent as a message.
_OTHER_WORDS = {"nombre", "nombres", "apellido", "apellidos", "name", "surname"}
_OTHER_WORDS |= {"cliente", "client", "customer", "empresa", "company", "id", "codigo"}
_OTHER_WORDS |= {"ciudad", "city", "email", "mail", "correo", "fecha", "date", "grupo"}

_CAMPAIGN_WORDS = {"campana", "campanas", "campaign", "campaigns"}
_PRIORITY_WORDS = {"prioridad", "priority", "prio"}
_REASON_WORDS = {"motivo", "reason", "razon", "causa", "observaciones"}
_LINE_WORDS = {"linea", "line"}


def is_of_bad_rows(header: Sequence[str]) -> bool:
    """True for the header of our own file of rows that were not taken."""
    words = [set(_words(title)) for title in until_blank(header)]
    first = (_LINE_WORDS, _NUMBER_WORDS[-1], _TEXT_WORDS)
    is_long = len(words) > len(first) and bool(words[-1] & _REASON_WORDS)
    return is_long and all(map(set.intersection, words, first))


def until_blank(header: Sequence[str]) -> Sequence[str]:
    """A header without the empty cells that a spreadsheet leaves at its end."""
    named = [column for column, cell in enumerate(header) if cell.strip()]
    return header[: max(named, default=-1) + 1]


def says_campaign(title: str) -> bool:
    """True when a header calls a column the campaign."""
    return not _CAMPAIGN_WORDS.isdisjoint(_words(title))


def says_priority(title: str) -> bool:
    """True when a header calls a column the priority."""
    return not _PRIORITY_WORDS.isdisjoint(_words(title))


def says_reason(title: str) -> bool:
    """True when a header calls a column the reason."""
    return not _REASON_WORDS.isdisjoint(_words(title))


def says_other(title: str) -> bool:
    """True when a header names what stands in address books: a name, a city."""
    return not _OTHER_WORDS.isdisjoint(_words(title))


def columns_named(header: list[str]) -> tuple[int | None, int | None]:
    """The columns that titles name for numbers and for messages; None where none."""
    if any(map(looks_like_number, header)):
        return None, None
    if is_of_bad_rows(header):
        return 1, 2
    words = [set(_words(cell)) for cell in header]
    number = next(
        (
            column
            for names in _NUMBER_WORDS
            for column, found in enumerate(words)
            if found & names
        ),
        None,
    )
    text = next(
        (c for c, found in enumerate(words) if found & _TEXT_WORDS and c != number),
        None,
    )
    return number, text


def _words(cell: str) -> list[str]:
    """The words of a header without accents, case and punctuation."""
    plain = unicodedata.normalize("NFKD", cell.casefold())
    return re.findall(r"[a-z]+", "".join(c for c in plain if c.isascii()))
