"""Incoming messages: stored, and what follows from each, in one transaction.

Those of several parts are put together here, once the last part is there or is
waited for no longer. The operator's deliver_sm is answered only after the COMMIT.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from ..domain import incoming_text
from ..domain.incoming_text import Octets
from ..domain.numbers import masked
from ..domain.senders import number_of
from ..domain.settings import Settings
from ..errors import StoreError
from ..store import (
    erased,
    inbound,
    inbound_parts,
    inbound_seen,
    provider_messages,
    webhook_outbox,
)
from ..store.db import Database, Transaction
from ..store.failures import StoreUnavailable
from ..store.inbound import MOST_ADDRESS, NewInbound
from ..store.inbound_parts import Long
from ..trunks.base import InboundCame, InboundPart
from . import answers
from .forwarding import forward

log = logging.getLogger(__name__)

TOLD_AT_ONCE_S = 0.5


def take(
    tx: Transaction,
    trunk_id: int,
    came: InboundCame,
    settings: Settings,
    now: datetime,
) -> int:
    """Stores one whole message from a person that came at a moment (UTC); its id."""
    return _store(tx, trunk_id, [came], settings, now)[0]


def take_all(
    tx: Transaction,
    trunk_id: int,
    came: Sequence[InboundCame],
    settings: Settings,
    now: datetime,
) -> list[int]:
    """Stores what came from people, parts too; the ids of messages that are whole.

    What the operator delivers again is recognised and left.
    """
    came = [
        one
        for one in came
        if not one.mark or provider_messages.remember(tx, trunk_id, one.mark)
    ]
    fresh = inbound_seen.fresh(tx, [one.digest for one in came if one.digest])
    wanted = list(_first_of_each(came, fresh))
    held = _hold(tx, {_long(trunk_id, one, settings) for one in wanted if one.part})
    whole: list[InboundCame] = []
    for one in wanted:
        if one.part is None:
            whole.append(one)
        else:
            whole += _join(tx, held, _long(trunk_id, one, settings), one.part)
    return _store(tx, trunk_id, whole, settings, now)


def _store(
    tx: Transaction,
    trunk_id: int,
    came: Sequence[InboundCame],
    settings: Settings,
    now: datetime,
) -> list[int]:
    """Stores whole messages, and does what follows from each; their ids."""
    plan = settings.number_plan
    numbers = [number_of(one.sender, plan) for one in came]
    gone = erased.among(tx, [number for number in numbers if number])
    new = [
        _new(trunk_id, one, number, is_erased=number in gone)
        for one, number in zip(came, numbers, strict=True)
    ]
    ids = inbound.add_all(tx, new, inbound.last_sent(tx, numbers))
    for inbound_id, one in zip(ids, new, strict=True):
        _follow_up(tx, inbound_id, one, settings, now)
    return ids


def _new(
    trunk_id: int, came: InboundCame, number: str, *, is_erased: bool
) -> NewInbound:
    """An erased number is never taken again; what was written is."""
    return NewInbound(
        *(trunk_id, "" if is_erased else number, "" if is_erased else came.sender),
        *(came.recipient, came.text, came.parts),
        incomplete=came.incomplete,
        unreadable=came.unreadable,
        kind="call" if came.is_call else "message",
        received_at=came.came_at,
    )


def _follow_up(
    tx: Transaction,
    inbound_id: int,
    new: NewInbound,
    settings: Settings,
    now: datetime,
) -> None:
    """What the service does of itself about a message, in the same transaction."""
    who = masked(new.number) if new.number else "no number"
    words = "incoming %s %d from %s, trunk %d, parts %d%s"
    more = ", incomplete" if new.incomplete else ""
    log.info(words, new.kind, inbound_id, who, new.trunk_id, new.parts, more)
    row = inbound.by_id(tx, inbound_id)
    if row is not None:
        if new.kind == "message":
            answers.react(tx, row, settings, now)
        forward(tx, inbound.by_id(tx, inbound_id) or row, settings)
    webhook_outbox.add_inbound(tx, inbound_id)


def _first_of_each(
    came: Sequence[InboundCame], fresh: set[bytes]
) -> Iterator[InboundCame]:
    """What did not come before; each once."""
    left = set(fresh)
    for one in came:
        if not one.digest:
            yield one
        elif one.digest in left:
            left.remove(one.digest)
            yield one
        else:
            log.info("an incoming message came again: it is stored already")


def _long(trunk_id: int, came: InboundCame, settings: Settings) -> Long:
    """The long message to which a part belongs."""
    assert came.part is not None  # noqa: S101 - asked of parts only
    place = came.part.place
    return Long(
        *(trunk_id, came.sender[:MOST_ADDRESS], came.recipient[:MOST_ADDRESS]),
        *(place.reference, place.total),
        number_of(came.sender, settings.number_plan),
    )


def _hold(tx: Transaction, wanted: Iterable[Long]) -> dict[Long, int]:
    """Holds long messages, always in the same order; their ids."""
    return {long: inbound_parts.hold(tx, long) for long in sorted(wanted)}


def _join(
    tx: Transaction, held: dict[Long, int], long: Long, part: InboundPart
) -> Iterator[InboundCame]:
    """Keeps a part; the message, when it is the last one.

    A place that is taken by other octets belongs to an earlier message with the same
    reference: that one will not be whole any more.
    """
    ordinal, octets = part.place.ordinal, tuple(part.octets)
    long_id = held.pop(long, 0) or inbound_parts.hold(tx, long)
    present = inbound_parts.parts(tx, long_id)
    if present.get(ordinal, octets) != octets:
        inbound_parts.forget(tx, [long_id])
        yield _whole(long, present)
        long_id, present = inbound_parts.hold(tx, long), {}
    if ordinal not in present:
        inbound_parts.add(tx, long_id, ordinal, *part.octets)
        present[ordinal] = part.octets
    if len(present) == long.total:
        inbound_parts.forget(tx, [long_id])
        yield _whole(long, present)
    else:
        held[long] = long_id


def _whole(long: Long, present: dict[int, tuple[str, bytes]]) -> InboundCame:
    """The message that its parts make, with a mark where some are missing."""
    parts = [
        Octets(*present[n]) if n in present else None for n in range(1, long.total + 1)
    ]
    text, unreadable = incoming_text.read(parts)
    return InboundCame(
        *(0, long.sender, long.recipient, text, long.total),
        incomplete=len(present) < long.total,
        unreadable=unreadable,
    )


def give_up_parts(db: Database, settings: Settings, now: datetime) -> int:
    """Stores long messages whose missing parts are waited for no longer; how many."""

    def work(tx: Transaction, long_id: int) -> int:
        long = inbound_parts.hold_overdue(tx, long_id)
        if long is None:
            return 0
        message = _whole(long, inbound_parts.parts(tx, long_id))
        inbound_parts.forget(tx, [long_id])
        take(tx, long.trunk_id, message, settings, now)
        return 1

    return sum(
        db.atomically(lambda tx, one=long_id: work(tx, one))  # type: ignore[misc]
        for long_id in db.atomically(inbound_parts.overdue)
    )


def take_told(db: Database, settings: Settings, now: datetime) -> int:
    """Stores messages that providers told the pages by a call; how many.

    For a moment only: the dispatcher has other things to do. One that the database
    refuses keeps none of the others from being stored.
    """

    def work(tx: Transaction, message_id: int) -> int:
        row = provider_messages.take(tx, message_id)
        if row is None:
            return 0
        digest = row["seen_digest"] or b""
        came = InboundCame(
            *(0, row["sender"], row["recipient"], row["text"]),
            digest=bytes(digest),
            came_at=row["came_at"],
        )
        return len(take_all(tx, row["trunk_id"], [came], settings, now))

    taken, until_s = 0, time.monotonic() + TOLD_AT_ONCE_S
    for message_id in db.atomically(provider_messages.waiting):
        if time.monotonic() > until_s:
            break
        try:
            taken += db.atomically(lambda tx, one=message_id: work(tx, one))  # type: ignore[misc]
        except StoreUnavailable:
            raise
        except StoreError as error:
            log.warning("an incoming message is tried again later: %s", error)
            db.atomically(lambda tx, one=message_id: provider_messages.put_off(tx, one))  # type: ignore[misc]
    return taken
