"""What one session holds: claimed and not settled, and what came of it so far.

The claimer adds to it, all else is the settler's. Turns outcomes into settlements
by the verdicts, and notices when refusals are the trunk's fault.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from ..domain.outcomes import Accepted, Decision, Deferred, InDoubt, Outcome, Rejected
from ..domain.routing import Candidate
from ..store.claims import Claimed
from ..store.settlements import Settlement
from ..trunks.base import Settled, TrunkUnavailable
from .claiming import Claim
from .tally import Tally
from .throttle import Throttle
from .verdicts import Route, decide

NO_ANSWERS_WAIT_S = 10.0  # until the next message shows whether answers come
REFUSALS_IN_A_ROW = 10  # over different numbers: the trunk is at fault
DOUBTS_KEPT = 10_000  # settled as in doubt, whose late answer is still welcome
#: The text's fault, and never on the wire.
OWN_REFUSALS = {"text_not_encodable", "asterisk_too_long", "asterisk_lines"}


class Ledger:
    """The messages of one session."""

    def __init__(
        self,
        trunk_id: int,
        throttle: Throttle,
        slots_of: Callable[[int], int],
        *,
        cautious: bool = False,
    ) -> None:
        self._trunk_id = trunk_id
        self._throttle = throttle
        self._slots_of = slots_of
        self._cautious = cautious  # the last session got no answers
        self._held: dict[int, Claimed] = {}
        self._held_at_s: dict[int, float] = {}  # until the answer
        self._fixed: dict[int, bool] = {}  # campaign -> a person named its trunk
        self._doubtful: OrderedDict[int, Claimed] = OrderedDict()
        self._refused: set[str] = set()
        self._slots_lock = threading.Lock()
        self._used_slots = 0
        self.outcomes: dict[int, Settlement] = {}  # the last word on each message
        self.tally = Tally(trunk_id)  # the settler's
        self.has_sent = False  # the operator took at least one message
        self.was_answered = False  # it said anything to at least one

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be written back."""
        return not self.outcomes

    @property
    def used_slots(self) -> int:
        """Slots of the window whose rows are not settled."""
        return self._used_slots

    def hold(self, claim: Claim) -> None:
        """A claim was committed: these are ours."""
        for campaign_id, campaign in claim.campaigns.items():
            self._fixed[campaign_id] = campaign["trunk_id"] is not None
        for c in claim.messages:
            self._held[c.message_id] = c
        ids = [c.message_id for c in claim.messages]
        self._held_at_s.update(dict.fromkeys(ids, time.monotonic()))
        self._use(claim.messages, 1)

    def book(
        self, events: Sequence[Settled], candidates: Sequence[Candidate]
    ) -> TrunkUnavailable | None:
        """Turns what came of messages into settlements; why to stop, if at all."""
        stop: TrunkUnavailable | None = None
        route = Route(self._trunk_id, False, candidates)
        fixed_route = Route(self._trunk_id, True, candidates)
        now_s = time.monotonic()
        taken = 0
        waited_s: list[float] = []
        for message_id, outcome in events:
            held_at_s = self._held_at_s.pop(message_id, None)
            claimed = self._held.get(message_id) or self._late(message_id)
            if claimed is None:
                continue
            fixed = claimed.pinned or self._fixed[claimed.campaign_id]
            if held_at_s is not None and isinstance(outcome, Accepted | Rejected):
                waited_s.append(now_s - held_at_s)
            one_route = fixed_route if fixed else route
            self.outcomes[message_id] = decide(claimed, outcome, one_route)
            if isinstance(outcome, Accepted):
                taken += claimed.segments
                if self._refused:
                    self._refused.clear()
            else:
                self.was_answered |= isinstance(outcome, Rejected | Deferred)
                stop = self._book_refusal(claimed, outcome, now_s) or stop
        self.tally.answered(waited_s)
        if taken:
            self.has_sent = self.was_answered = True
            self._throttle.accepted(taken, now_s)
        return stop

    def settled(self, outcomes: Sequence[Settlement]) -> None:
        """These are written back: their slots are free."""
        ids = [settlement.message_id for settlement in outcomes]
        self._use([self._held.pop(message_id) for message_id in ids], -1)
        self.outcomes = {}

    def _use(self, messages: Sequence[Claimed], sign: int) -> None:
        slots = sum(self._slots_of(c.segments) for c in messages)
        with self._slots_lock:
            self._used_slots += sign * slots

    def _late(self, message_id: int) -> Claimed | None:
        """A message that was in doubt and is answered after all."""
        claimed = self._doubtful.pop(message_id, None)
        if claimed is not None:
            self._held[message_id] = claimed  # until it is settled again
            self._use([claimed], 1)
        return claimed

    def _book_refusal(
        self, claimed: Claimed, outcome: Outcome, now_s: float
    ) -> TrunkUnavailable | None:
        if isinstance(outcome, InDoubt):
            self._doubtful[claimed.message_id] = claimed
            if len(self._doubtful) > DOUBTS_KEPT:
                self._doubtful.popitem(last=False)
            if self._cautious and not self.was_answered:
                wait_s = NO_ANSWERS_WAIT_S
                return TrunkUnavailable("no_answers", outcome.reason, wait_s=wait_s)
        elif isinstance(outcome, Deferred) and outcome.seconds > 0:
            self._throttle.complain(outcome.seconds, now_s)
        elif isinstance(outcome, Rejected):
            return self._streak(claimed, outcome)
        return None

    def _streak(self, claimed: Claimed, outcome: Rejected) -> TrunkUnavailable | None:
        """Many refusals in a row over different numbers are the trunk's fault."""
        if outcome.decision is Decision.STOP_TRUNK:
            return TrunkUnavailable(outcome.code, outcome.reason, needs_person=True)
        if outcome.decision is Decision.NEXT_TRUNK and outcome.code not in OWN_REFUSALS:
            self._refused.add(claimed.number)
        if len(self._refused) < REFUSALS_IN_A_ROW:
            return None
        return TrunkUnavailable("refused_in_a_row", outcome.reason, needs_person=True)
