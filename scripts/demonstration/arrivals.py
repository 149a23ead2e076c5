"""Reads what arrived and says how it differs from what was to be sent.

Three places: the simulator's receive log, put together as a handset would, that of
the simulated modems, and the log of the sample script. Knows nothing of what
massivesms says about it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from scripts.demonstration.sample import Message
from tests.fakes.smsc import assemble, read_log

SHOWN = 10
FLAT = str.maketrans("\r\n\t", "   ")  # as the sample script writes a text


def arrived_at_simulator(log: Path, sender: str) -> list[Message]:
    """Complete and incomplete messages of one sender that the simulator took."""
    with log.open(encoding="ascii") as lines:
        received = assemble(read_log(lines))
    return [Message(one.number, one.text) for one in received if one.sender == sender]


def arrived_at_modems(log: Path) -> list[Message]:
    """What the networks of the modems took, its parts put together."""
    parts: dict[tuple[object, ...], dict[int, str]] = {}
    for n, line in enumerate(log.read_text(encoding="utf-8").splitlines()):
        one = json.loads(line)
        reference, total, ordinal = one["place"] or (None, 1, 1)
        key = one["modem"], one["number"], reference if total > 1 else f"#{n}"
        known = parts.setdefault(key, {})
        if ordinal in known:  # the same reference again: another message
            parts[*key, n] = parts.pop(key)
            known = parts.setdefault(key, {})
        known[ordinal] = one["text"]
    return [
        Message(str(key[1]).lstrip("+"), "".join(one[n] for n in sorted(one)))
        for key, one in parts.items()
    ]


def without_earlier(
    came: Iterable[Message], wanted: Iterable[Message], campaigns: int
) -> list[Message]:
    """What came but for what so many campaigns of earlier runs have sent again.

    A modem writes no sender, so that theirs look like ours.
    """
    found, ours = Counter(came), Counter(wanted)
    for one, n in found.items():
        if ours[one] < n <= ours[one] * (1 + campaigns):
            found[one] = ours[one]
    return list(found.elements())


def arrived_at_script(log: Path, sender: str) -> list[Message]:
    """Messages of one sender that the sample script was given."""
    if not log.exists():
        return []
    lines = log.read_text(encoding="utf-8").splitlines()
    fields = [line.split("\t", 4) for line in lines]
    return [Message(f[2].lstrip("+"), f[4]) for f in fields if f[1] == sender]


def flat(messages: Iterable[Message]) -> list[Message]:
    """The messages with their line breaks as spaces."""
    return [Message(one.number, one.text.translate(FLAT)) for one in messages]


def differences(
    wanted: Iterable[Message], arrived: Iterable[Message], where: str
) -> list[str]:
    """Every way in which the two differ, in words; empty when they do not."""
    missing = Counter(wanted)
    missing.subtract(arrived)
    too_many = {one: -n for one, n in missing.items() if n < 0}
    missing = +missing
    texts = {one.number: one.text for one in too_many}
    said = []
    for one in missing:
        if one.number in texts:
            said.append(
                f"{one.number}: {where} got {texts[one.number]!r}, not {one.text!r}"
            )
        else:
            said.append(f"{one.number}: never came to {where}")
    explained = {one.number for one in missing}
    for one, n in too_many.items():
        if one.number not in explained:
            said.append(f"{one.number}: {where} got {one.text!r} {n} times too many")
    return said


def shortened(said: list[str]) -> list[str]:
    """The first few, and how many more there are."""
    more = len(said) - SHOWN
    return said if more <= 0 else [*said[:SHOWN], f"... and {more} more"]
