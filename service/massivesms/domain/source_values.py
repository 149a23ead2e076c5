"""Values of another database as a person would write them into a message."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

MOST_VALUE = 5000


def text_of(value: object, language: str) -> str:
    """A value as text: 600111222 and not 6.00111222E8, 1234.50, 21/11/2026.

    Nothing is ''. Dates are written as the language does.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip().replace("\0", "")[:MOST_VALUE]
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, Decimal):
        return f"{value:f}" if value.is_finite() else ""
    if isinstance(value, datetime):
        return f"{_date(value, language)} {value:%H:%M}"
    if isinstance(value, date):
        return _date(value, language)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds()) // 60  # MySQL's TIME
        return f"{minutes // 60:02}:{minutes % 60:02}"
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", "replace").strip("\0 ")[:MOST_VALUE]
    return str(value)[:MOST_VALUE]


def _float(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return f"{Decimal(repr(value)):f}"


def _date(value: date, language: str) -> str:
    year = f"{value.year:04}-{value.month:02}-{value.day:02}"
    return (
        f"{value.day:02}/{value.month:02}/{value.year:04}" if language == "es" else year
    )
