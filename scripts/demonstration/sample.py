"""Says who must get what from a sample file, by a rule of its own.

On purpose without massivesms: what the product made of the file is held against
this. The rule is that of the demo's settings: Spanish mobile numbers, 9 digits
that begin with 6 or 7, and of equal numbers the first row.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import NamedTuple

from scripts.demonstration.place import ROOT

SAMPLE = ROOT / "scripts" / "sample-campaign.csv"
MOBILE = re.compile(r"(?:(?:\+|00)?34)?([67]\d{8})")


class Message(NamedTuple):
    """One text to one number, digits with the country code."""

    number: str
    text: str


def read_sample(text: str, file: Path = SAMPLE) -> list[Message]:
    """The messages of a file, in its order; `text` for rows without their own."""
    found: dict[str, Message] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            number = MOBILE.fullmatch(re.sub(r"[ -]", "", row["móvil"]))
            if number:
                digits = "34" + number[1]
                found.setdefault(digits, Message(digits, row["mensaje"] or text))
    return list(found.values())


def write_sample(file: Path, messages: list[Message]) -> None:
    """A file of these messages, each with its own text."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(("móvil", "mensaje"))
        writer.writerows(messages)
