"""Owns the mail that tests send."""

from __future__ import annotations

from datetime import datetime

from massivesms.mail.letter import Letter

WRITTEN_AT = datetime(2026, 11, 21, 12, 0, 0, 123000)
LETTER = Letter("massivesms.7", WRITTEN_AT, "Respuesta de +34600111222", "Hola\n¿Qué?")
