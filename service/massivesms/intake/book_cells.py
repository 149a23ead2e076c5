"""Cells of a workbook as texts, as a person would write them.

This room owns how numbers, dates, times and booleans are spelled. A number is
written with all the digits that the cell holds, whatever the spreadsheet showed
(4.47E+11 is 447000000000); fifteen digits are what a spreadsheet keeps.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal


def spelled(value: object) -> str:
    """The text of one cell; dates are day/month/year."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        day = f"{value:%d/%m/%Y}"
        return day if value.time() == time() else f"{day} {_time(value.time())}"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return _time(value)
    if isinstance(value, timedelta):
        return _span(value)
    return "" if value is None else str(value)


def _number(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value.is_integer() and abs(value) < 1e18:
        return str(int(value))
    text = f"{value:.15g}"  # 0.1 + 0.2 is 0.3 to whoever looks at the sheet
    return f"{Decimal(text):f}" if "e" in text else text


def _time(value: time) -> str:
    return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"


def _span(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    sign = "-" if seconds < 0 else ""
    minutes, seconds = divmod(abs(seconds), 60)
    text = f"{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{text}:{seconds:02}" if seconds else text
