"""What lies in a modem's storage: read once, deleted when it is stored with us."""

from __future__ import annotations

import re

from ..base import Came
from .events import Answered, Ask
from .incoming import read

LIST = "AT+CMGL=4"
LIST_S = 30.0
LIST_AGAIN_S = 600.0  # what came may have been lost on its way
_LISTED = re.compile(r"\+CMGL: *(\d+)")
_READ = re.compile(r"AT\+CMGR=(\d+)")
_DELETED = re.compile(r"AT\+CMGD=(\d+)")


class Shelf:
    """Which messages came, by which reference, and from which place of the storage."""

    def __init__(self) -> None:
        self._came = 0  # references given out
        self._indexes: dict[int, int] = {}  # reference -> index in the storage
        self._deleting: set[int] = set()  # stored with us, still in the modem
        self._is_behind = False  # something lies there that is to be told again
        self._listed_at_s: float | None = None

    def all(self) -> Ask:
        """The command that tells all that lies there."""
        return Ask(LIST, LIST_S)

    def due(self, now_s: float) -> list[Ask]:
        """The same, now and then: announcements get lost, and databases are away."""
        if self._listed_at_s is None:
            self._listed_at_s = now_s  # it was listed when the modem was opened
        if not self._is_behind and now_s - self._listed_at_s < LIST_AGAIN_S:
            return []
        self._is_behind, self._listed_at_s = False, now_s
        return [self.all()]

    def take(self, answered: Answered) -> list[Came]:
        """Messages in an answer, each told once."""
        if found := _DELETED.match(answered.ask.line):
            self._deleting.discard(int(found[1]))
            return []
        if not answered.final.is_ok:
            self._is_behind |= _READ.match(answered.ask.line) is not None
            return []
        came: list[Came] = []
        index = None
        if found := _READ.match(answered.ask.line):
            index = int(found[1])
        for line in answered.lines:
            if found := _LISTED.match(line):
                index = int(found[1])
            elif index is not None and not line.startswith("+"):
                came += self.hand_in(line, index)
                index = None
        return came

    def hand_in(self, pdu: str, index: int | None) -> list[Came]:
        """A message, from a place of the storage or from none: then only we have it."""
        if index in self._deleting or index in self._indexes.values():
            return []  # told already: it was listed and announced
        if index is None:
            return [read(pdu, 0)]
        self._came += 1
        self._indexes[self._came] = index
        return [read(pdu, self._came)]

    def stored(self, came: Came, stored: bool) -> Ask | None:
        """The command that deletes it, when it is stored and lies there."""
        index = self._indexes.pop(came.reference, None)
        if not stored or index is None:
            self._is_behind |= index is not None
            return None
        self._deleting.add(index)
        return Ask(f"AT+CMGD={index}")
