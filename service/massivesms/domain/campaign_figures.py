"""What came of a campaign: from counts by state to the figures that people know.

Every message is in one figure, so that all of them make the total. What each figure
means is in figure_words.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from .figure_words import GROUPS, LINES, Group, Line
from .states import MessageState

S = MessageState


class Count(NamedTuple):
    """Messages of a campaign in one state; `trunk_id` 0 = none."""

    state: str
    trunk_id: int
    messages: int
    segments: int


class Reason(NamedTuple):
    """Messages of a campaign that ended badly for one reason."""

    state: str
    code: str
    trunk_id: int
    messages: int
    segments: int


#: Why a message was left out, by its result code.
IGNORED_CODES: Mapping[str, str] = {
    "": "blocked",  # before reasons were counted there was no other
    "blocked": "blocked",
    "opted_out": "blocked",
    "schedule_expired": "schedule_expired",
    "deadline": "schedule_expired",
    "invalid_number": "invalid_number",
}
_BY_STATE = {
    str(line.state): name
    for name, line in LINES.items()
    if line.state not in (S.REJECTED, S.SKIPPED)
}
TENTHS = 1000


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `percent` of all, to a tenth. `codes` are its results' codes."""

    name: str
    messages: int
    segments: int
    percent: Decimal
    codes: tuple[str, ...] = ()

    @property
    def line(self) -> Line:
        """Its words and its state."""
        return LINES[self.name]


@dataclass(frozen=True, slots=True)
class Total:
    """Figures that belong together, and their sum."""

    name: str
    messages: int
    segments: int
    percent: Decimal
    figures: tuple[Figure, ...]

    @property
    def group(self) -> Group:
        """Its words, and whether it is billed."""
        return GROUPS[self.name]


@dataclass(frozen=True, slots=True)
class TrunkFigures:
    """What one trunk sent; `cost` None = its price is not known."""

    trunk_id: int
    counts: Mapping[str, int]  # figure -> messages
    sent: int
    billed_segments: int
    price: Decimal | None

    @property
    def cost(self) -> Decimal | None:
        """Segments that are billed, by the trunk's price now."""
        return None if self.price is None else self.price * self.billed_segments

    @property
    def by_state(self) -> Mapping[str, int]:
        """state -> messages, for a bar."""
        found: dict[str, int] = defaultdict(int)
        for name, n in self.counts.items():
            found[str(LINES[name].state)] += n
        return found

    @property
    def messages(self) -> int:
        """All that it had in hand."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one campaign; `total` are its messages and the rows not taken."""

    total: int
    totals: tuple[Total, ...]
    trunks: tuple[TrunkFigures, ...]

    def of(self, name: str) -> int:
        """Messages of a group or, where none is called so, of a figure."""
        for total in self.totals:
            if total.name == name:
                return total.messages
        every = (one for total in self.totals for one in total.figures)
        return sum(one.messages for one in every if one.name == name)

    def billed(self, billed: bool | None) -> tuple[int, int]:
        """(messages, segments) that are billed, are not, or nobody knows (None)."""
        those = [t for t in self.totals if t.group.billed is billed]
        return sum(t.messages for t in those), sum(t.segments for t in those)

    @property
    def cost(self) -> Decimal | None:
        """What is billed by the trunks' prices; None when no price is known."""
        known = [t.cost for t in self.trunks if t.cost is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def unpriced(self) -> tuple[int, ...]:
        """Trunks that sent something and have no price: the cost lacks theirs."""
        return tuple(
            t.trunk_id for t in self.trunks if t.billed_segments and t.price is None
        )


def figures(
    counts: Sequence[Count],
    reasons: Sequence[Reason],
    prices: Mapping[int, Decimal | None],
    not_taken: int = 0,
) -> Figures:
    """The figures of one campaign.

    `prices` are of a segment, by trunk; `not_taken` are rows of its files that never
    became messages.
    """
    sums: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    codes: dict[str, set[str]] = defaultdict(set)
    for name, code, trunk_id, messages, segments in _sorted_out(counts, reasons):
        sums[name, trunk_id][0] += messages
        sums[name, trunk_id][1] += segments
        if code and messages:
            codes[name].add(code)
    sums["invalid_number", 0][0] += not_taken
    by_name = {name: _sum(sums, name) for name in LINES}
    shares = dict(zip(by_name, tenths([n for n, _ in by_name.values()]), strict=True))
    totals = []
    for group_name, group in GROUPS.items():
        found = tuple(
            Figure(
                *(name, *by_name[name], Decimal(shares[name]) / 10),
                tuple(sorted(codes[name])),
            )
            for name in group.names
        )
        totals.append(
            Total(
                group_name,
                sum(one.messages for one in found),
                sum(one.segments for one in found),
                sum((one.percent for one in found), Decimal(0)),
                found,
            )
        )
    total = sum(n for n, _ in by_name.values())
    return Figures(total, tuple(totals), _by_trunk(sums, prices))


def tenths(numbers: Sequence[int]) -> list[int]:
    """Each number's share of their sum in tenths of a percent; all make 1000.

    What rounding leaves over goes to the largest remainders.
    """
    total = sum(numbers)
    if total <= 0:
        return [0] * len(numbers)
    shares = [TENTHS * n // total for n in numbers]
    left = TENTHS - sum(shares)
    by_remainder = sorted(
        range(len(numbers)), key=lambda i: TENTHS * numbers[i] % total, reverse=True
    )
    for i in by_remainder[:left]:
        shares[i] += 1
    return shares


def _sorted_out(
    counts: Sequence[Count], reasons: Sequence[Reason]
) -> Iterable[tuple[str, str, int, int, int]]:
    """(figure, code, trunk, messages, segments): two states take their reasons."""
    told: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    for why in reasons:
        name = _by_reason(why.state, why.code)
        if name:
            told[why.state, why.trunk_id][0] += why.messages
            told[why.state, why.trunk_id][1] += why.segments
            yield (name, why.code, why.trunk_id, why.messages, why.segments)
    for one in counts:
        if one.state in _BY_STATE:
            yield (_BY_STATE[one.state], "", *one[1:])
        else:
            messages, segments = told[one.state, one.trunk_id]
            name = _by_reason(one.state, "")
            yield (
                *(name, "", one.trunk_id),
                *(one.messages - messages, one.segments - segments),
            )


def _by_reason(state: str, code: str) -> str:
    """The figure of what was refused or left out; '' for all other states."""
    if state == S.REJECTED:
        return "rejected" if code.startswith("receipt_") else "refused"
    if state == S.SKIPPED:
        return IGNORED_CODES.get(code, "left_out")
    return ""


def _sum(sums: Mapping[tuple[str, int], list[int]], name: str) -> tuple[int, int]:
    """Over all trunks; one of them may be negative, the sum is right."""
    those = [pair for (of, _), pair in sums.items() if of == name]
    messages, segments = (sum(pair[i] for pair in those) for i in (0, 1))
    return max(0, messages), max(0, segments)


def _by_trunk(
    sums: Mapping[tuple[str, int], list[int]], prices: Mapping[int, Decimal | None]
) -> tuple[TrunkFigures, ...]:
    """Trunks that have had messages in hand, those with the most first.

    0 is among them where messages were sent that nobody knows the trunk of.
    """
    found = []
    had = [*GROUPS["sent"].names, "no_answer", *GROUPS["failed"].names]
    sent = GROUPS["sent"].names
    for trunk_id in sorted({trunk_id for _, trunk_id in sums}):
        of_trunk = {name: sums.get((name, trunk_id), [0, 0]) for name in had}
        found.append(
            TrunkFigures(
                trunk_id,
                {name: n for name, (n, _) in of_trunk.items() if n > 0},
                sum(of_trunk[name][0] for name in sent),
                max(0, sum(of_trunk[name][1] for name in sent)),
                prices.get(trunk_id),
            )
        )
    with_any = [one for one in found if one.counts and (one.trunk_id or one.sent > 0)]
    return tuple(sorted(with_any, key=lambda one: (-one.messages, one.trunk_id)))
