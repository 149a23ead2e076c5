"""The judge: the SMSC's receive log against the database.

Joined by the number, which is different for each message of a campaign here.
Lost: said to be sent, and never came. Duplicated: came twice. Altered: came with
another text, or not whole. Stray: came and is not said to be sent or in doubt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from massivesms.store.db import Row
from tests.fakes.smsc import Received

SENT = {"submitted", "delivered", "undelivered", "expired"}


class Judgement(NamedTuple):
    """Numbers by what is wrong with them."""

    lost: list[str]
    duplicated: list[str]
    altered: list[str]
    stray: list[str]


FAULTLESS = Judgement([], [], [], [])


def judge(rows: Sequence[Row], received: Iterable[Received]) -> Judgement:
    """What is wrong between rows of messages and what the SMSC has."""
    came = list(received)
    times = Counter(one.number for one in came)
    row_of = {row["number"].removeprefix("+"): row for row in rows}
    sent = {n for n, row in row_of.items() if row["state"] in SENT}
    known = sent | {n for n, row in row_of.items() if row["state"] == "in_doubt"}
    return Judgement(
        lost=sorted(sent - set(times)),
        duplicated=sorted(n for n, k in times.items() if k > 1),
        altered=sorted(
            one.number
            for one in came
            if one.number in sent
            and (not one.complete or one.text != row_of[one.number]["text"])
        ),
        stray=sorted(set(times) - known),
    )
