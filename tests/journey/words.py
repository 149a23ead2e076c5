"""The words of the pages in the language of a journey, from the catalogues.

So that a journey names what it presses once, in English, and follows a better
translation by itself. Also the words that betray English in a Spanish page.
"""

from __future__ import annotations

import re
from functools import cache

from babel.messages.pofile import read_po

from massivesms.domain.answer_settings import OPT_IN_TEXT, OPT_OUT_TEXT
from massivesms.languages import CATALOGUES

IN_BOTH = (OPT_OUT_TEXT, OPT_IN_TEXT)
#: No words of the pages: a command to type, time zones, paths, places of a text, a
#: text in two languages.
FOREIGN = re.compile(
    r"service massivesms start|^[A-Z][A-Za-z]+/[\w /-]+$|(?<!\S)/\S+|<\w+>|"
    + "|".join(re.escape(t.split(" You ")[0]) + ".*" for t in IN_BOTH),
    re.ASCII,
)
ENGLISH = re.compile(
    r"\b(?:the|and|of|is|are|was|were|not|with|without|from|your|this|that|which|it"
    r"|its|by|for|has|have|been|will|when|what|why|since|until|yes|none|all"
    r"|name|number|numbers|message|messages|campaign|campaigns|trunk|trunks|list"
    r"|lists|state|sender|queue|queued|sending|sent|delivered|rejected|failed"
    r"|skipped|expired|cancelled|paused|running|pending|finished|ready|stopped"
    r"|waiting|connecting|accepted|duplicates|refused|reason|rows|line|file|source"
    r"|save|delete|remove|change|create|new|add|back|show|filter|search|start|stop"
    r"|resume|test|use|users|user|password|settings|time|zone|hours|day"
    r"|signed|sign|service|server|port|priority|limit|speed|created|results?)\b",
    re.IGNORECASE,
)


@cache
def _spanish() -> dict[str, str]:
    with (CATALOGUES / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file, locale="es")
    return {
        message.id: message.string
        for message in catalogue
        if isinstance(message.id, str) and isinstance(message.string, str)
    }


def translated(text: str, language: str, values: dict[str, object]) -> str:
    """A sentence of the sources in "en" or "es", its places filled."""
    said = text if language == "en" else _spanish()[text]
    return said % values if values else said


def english_in(text: str) -> list[str]:
    """English lines in a text that should have none."""
    lines = {line.strip() for line in text.splitlines()}
    return sorted(line for line in lines if ENGLISH.search(FOREIGN.sub("", line)))
