"""What a provider is asked beside sending: what became of messages, and what came in.

A round of questions has a thread of its own, at most one at a time. What it found is
told by the session's one thread, and a receipt is asked for until it is stored.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from ...domain import results
from ...domain.http_places import read_body
from ...domain.http_provider import Provider, own_id
from ...domain.http_questions import Questions
from ...domain.http_told import Found, Places, find_messages, find_receipts, read_told
from ...webhooks.marks import digest_of, mark_of
from ..base import Came, Event, InboundCame, ReceiptCame, UnreadableCame
from .answer import LONGEST_WAIT_S, Answer, shown
from .line import Line
from .question import inbox_request, receipts_request
from .request import Access, Request

MOST_ANSWER = 1024 * 1024  # octets of an answer
MOST_AWAITED = 10_000  # messages; the oldest is asked for no more
GIVEN_UP_S = 48 * 3600.0
SLOWEST_S = 900.0  # an old message is asked for less and less often
QUESTIONS_AT_ONCE = 10  # of each kind in a round
ALIKE_DIGITS = 7  # at the end of a number, however it is written
AGAIN_S = 1.0  # what the database did not take
SAID_AGAIN_S = 3600.0  # the same trouble is told again only then


@dataclass(slots=True)
class Waiting:
    """A message whose receipt is asked for, by the monotonic clock."""

    taken_at_s: float
    due_at_s: float
    number: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one question brought; `trouble` when it brought nothing that is known."""

    kind: str  # receipt, message
    found: Found = Found()
    trouble: str = ""


def _is_same(ours: str, theirs: str) -> bool:
    """Whether two numbers may be the same, with a country code or without."""
    ends = [number[-ALIKE_DIGITS:] for number in (ours, theirs)]
    shorter = min(ends, key=len)
    return all(end.endswith(shorter) for end in ends)


class Asker:
    """Asks when it is due; all but the round itself is done by one thread."""

    def __init__(
        self,
        provider: Provider,
        questions: Questions,
        places: Places,
        access: Access,
        line: Line,
        ring: Callable[[], None],
    ) -> None:
        self._provider = provider
        self._questions = questions
        self._places = places
        self._access = access
        self._line = line
        self._ring = ring
        self._awaited: dict[str, Waiting] = {}
        self._unstored: list[Event] = []  # messages that we alone have
        self._came = 0  # their references
        self._again_at_s = 0.0  # when they are told again
        self._told: SimpleQueue[Told] = SimpleQueue()
        self._round: threading.Thread | None = None
        self._next_s = time.monotonic()
        self._is_closing = False
        self._said: dict[str, float] = {}

    def expect(self, their_id: str, number: str, age_s: float = 0.0) -> None:
        """A message was taken: its receipt is asked for from now on.

        At once when that was `age_s` ago, in an earlier session.
        """
        if not self._questions.url:
            return
        now_s = time.monotonic()
        due_at_s = now_s if age_s else self._due_s(now_s, now_s)
        self._awaited[their_id] = Waiting(now_s - age_s, due_at_s, number)
        while len(self._awaited) > MOST_AWAITED:
            del self._awaited[next(iter(self._awaited))]

    def start_due(self) -> None:
        """Begins a round when it is time for one and there is something to ask."""
        now_s = time.monotonic()
        if self._is_closing or now_s < self._next_s or self._is_asking:
            return
        self._next_s = now_s + self._questions.every_s
        ids = self._due_ids(now_s)
        if not ids and not self._questions.inbox_url:
            return
        self._round = threading.Thread(
            target=self._ask_all, args=(ids,), name="questions", daemon=True
        )
        self._round.start()

    def wait_s(self) -> float:
        """Seconds until a round may begin."""
        if self._unstored:
            return max(0.0, self._again_at_s - time.monotonic())
        is_idle = not self._awaited and not self._questions.inbox_url
        if is_idle or self._is_asking:
            return float(self._questions.every_s)
        return max(0.0, self._next_s - time.monotonic())

    def take(self) -> list[Event]:
        """What rounds have brought since."""
        events: list[Event] = []
        if self._is_closing or time.monotonic() >= self._again_at_s:
            events, self._unstored = self._unstored, []
        while True:
            try:
                told = self._told.get_nowait()
            except Empty:
                return events
            events += self._events(told)

    def acknowledge(self, came: Came, stored: bool) -> None:
        """A stored receipt is asked for no more; a message is told until it is."""
        if stored and isinstance(came, ReceiptCame):
            self._awaited.pop(came.smsc_message_id, None)
        elif not stored and isinstance(came, InboundCame) and came.reference:
            self._unstored.append(came)
            self._again_at_s = time.monotonic() + AGAIN_S

    def close(self, until_s: float) -> list[Event]:
        """No more questions; what the last one brings, if it does in time."""
        self._is_closing = True
        if self._round is not None:
            self._round.join(max(0.0, until_s - time.monotonic()))
        # Nobody is here to tell these again: without a reference they are kept there.
        return [
            replace(one, reference=0) if isinstance(one, InboundCame) else one
            for one in self.take()
        ]

    @property
    def _is_asking(self) -> bool:
        return self._round is not None and self._round.is_alive()

    def _due_s(self, taken_at_s: float, now_s: float) -> float:
        """When to ask next: a young message often, an old one seldom."""
        age_s = now_s - taken_at_s
        return now_s + max(self._questions.every_s * 0.9, min(age_s / 4, SLOWEST_S))

    def _due_ids(self, now_s: float) -> list[str]:
        """The messages to ask for now, those that wait longest first."""
        late = [
            i for i, w in self._awaited.items() if now_s - w.taken_at_s > GIVEN_UP_S
        ]
        for their_id in late:
            del self._awaited[their_id]
        due = [i for i, w in self._awaited.items() if w.due_at_s <= now_s]
        due = due[: self._questions.most_ids * QUESTIONS_AT_ONCE]
        for their_id in due:
            # To the end: those that were not asked for this time come first.
            waiting = self._awaited.pop(their_id)
            waiting.due_at_s = self._due_s(waiting.taken_at_s, now_s)
            self._awaited[their_id] = waiting
        return due

    # --- the round, in its own thread --------------------------------------

    def _ask_all(self, ids: Sequence[str]) -> None:
        step = self._questions.most_ids
        for at in range(0, len(ids), step):
            if self._is_closing or not self._ask_receipts(ids[at : at + step]):
                break
        for _ in range(QUESTIONS_AT_ONCE if self._questions.inbox_url else 0):
            if self._is_closing or not self._ask_inbox():
                break

    def _ask_receipts(self, ids: Sequence[str]) -> bool:
        request = receipts_request(self._provider, self._questions, self._access, ids)
        return self._ask(request, "receipt", find_receipts)

    def _ask_inbox(self) -> bool:
        """Whether something came: then there may be more."""
        request = inbox_request(self._provider, self._questions, self._access)
        return self._ask(request, "message", find_messages)

    def _ask(self, request: Request, kind: str, find: Callable[..., Found]) -> bool:
        """Asks once; whether anything was found."""
        answer = self._line.ask(request, self._access, most=MOST_ANSWER)
        if not isinstance(answer, Answer):
            self._tell(Told(kind, trouble=results.text(answer.code, answer.reason)))
            return False
        if answer.retry_after_s:
            wait_s = min(answer.retry_after_s, LONGEST_WAIT_S)
            self._next_s = max(self._next_s, time.monotonic() + wait_s)
        body = read_body(answer.body)
        code_at = self._provider.code_at
        code = code_at.find(body) if code_at is not None else None
        if not 200 <= answer.status < 300 or code in self._provider.errors:
            self._tell(Told(kind, trouble=shown(answer, self._access)))
            return False
        found = find(self._places, read_told(answer.body))
        trouble = shown(answer, self._access) if found.unknown else ""
        self._tell(Told(kind, found, trouble))
        return bool(found.receipts or found.messages)

    def _tell(self, told: Told) -> None:
        self._told.put(told)
        self._ring()

    # --- what it brought ----------------------------------------------------

    def _events(self, told: Told) -> list[Event]:
        events: list[Event] = []
        for one in told.found.receipts:
            waiting = self._awaited.get(one.their_id)
            if waiting is None or not _is_same(waiting.number, one.number):
                continue  # of another one, when ids of ours began again
            if one.state != "submitted":
                has_own = self._provider.has_own_ids
                ours = own_id(one.their_id) if has_own else None
                said = (one.their_id, one.state, one.error, 0, one.number)
                events.append(ReceiptCame(*said, message_id=ours))
        for written in told.found.messages:
            is_known = bool(written.their_id)
            self._came += 1
            events.append(
                InboundCame(
                    *(self._came, written.sender, written.recipient, written.text),
                    digest=digest_of(written) or b"",
                    mark=mark_of(written) if is_known else b"",
                )
            )
        if told.trouble and self._is_news(told.trouble):
            events.append(UnreadableCame(told.kind, told.trouble.encode()))
        return events

    def _is_news(self, trouble: str) -> bool:
        now_s = time.monotonic()
        self._said = {k: s for k, s in self._said.items() if now_s - s < SAID_AGAIN_S}
        is_news = trouble not in self._said and len(self._said) < MOST_AWAITED
        self._said.setdefault(trouble, now_s)
        return is_news
