"""Settling for one session: what was heard goes into the database, in batches.

A thread of its own, so that the wire and the claims go on meanwhile. Nothing is
lost while the database is away: outcomes are kept until they are written, and when
a COMMIT was not answered the rows are looked at before they are written again.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from ..domain.modem_live import ModemSeen
from ..domain.smpp_kind import finds_receipt_ids
from ..errors import StoreError
from ..event_log.writing import SENDING
from ..store import call_record_outbox, receipts, settlements, unreadable
from ..store.counts import Changes
from ..store.db import Transaction
from ..store.failures import CommitUnknown, StoreUnavailable, is_of_the_data
from ..store.settlements import NotAsClaimed, Settlement
from ..trunks.base import (
    BalanceCame,
    Came,
    Event,
    InboundCame,
    ReceiptCame,
    Settled,
    StopWanted,
    TrunkUnavailable,
    UnreadableCame,
)
from . import incoming, modem_news
from .caps import CapBooks
from .ledger import Ledger
from .modem_news import News
from .post import DATABASE_WAIT_S, Post
from .tray import ThreadFailed, Tray

log = logging.getLogger(__name__)

CAME_AT_ONCE = 500
UNANSWERED_KEPT = 100  # that nobody waits for, while the database is away
WENT_OUT = frozenset({"submitted", "in_doubt"})  # counts against the caps


class Settler(threading.Thread):
    """Books outcomes and receipts until its tray is closed and all is written."""

    def __init__(self, post: Post, tray: Tray, ledger: Ledger) -> None:
        name = f"{threading.current_thread().name} settler"
        super().__init__(name=name, daemon=True)
        self._db = post.db
        self._board = post.board
        self._trunk_id = post.lease.trunk_id
        self._token = post.lease.token
        self._now = post.now
        self._tray = tray
        self._ledger = ledger
        self._books = CapBooks(post)
        self._finds_form = finds_receipt_ids(post.trunk["kind"], post.trunk["settings"])
        self._unanswered: list[Came] = []  # to be kept yet; nobody repeats it
        self._news: list[News] = []  # of a modem, to be kept yet
        self._look_first = False  # the last COMMIT was not answered
        self._is_away = False

    def run(self) -> None:
        """Works until nothing more will be heard and all is settled."""
        has_ended = False
        try:
            while not (self._tray.is_closing and self._ledger.is_settled):
                self._round()
            has_ended = True
            self._ledger.tally.write(self._db, at_once=True)
        finally:
            if not has_ended:
                self._tray.fail(ThreadFailed(self.name))
            self._db.close()

    def _round(self) -> None:
        is_settled, tally = self._ledger.is_settled, self._ledger.tally
        has_kept = bool(self._unanswered or self._news)
        timeout_s = tally.WRITE_S if has_kept or not tally.is_empty else None
        if not is_settled:
            timeout_s = DATABASE_WAIT_S
        events = self._tray.take_heard(timeout_s, is_settled=is_settled)
        settled = [event for event in events if isinstance(event, Settled)]
        stop: TrunkUnavailable | None = None
        if settled:
            stop = self._ledger.book(settled, self._board.picture.candidates)
        stop = _wanted_stop(events) or stop
        if stop is not None:
            self._tray.stop_claiming()
        self._write()
        # Afterwards: a receipt often comes right behind the answer that it needs.
        self._take_others(events)
        tally.write(self._db)
        if stop is not None:
            self._tray.fail(stop)

    def _take_others(self, events: Sequence[Event]) -> None:
        self._take_news([e for e in events if isinstance(e, ModemSeen | BalanceCame)])
        came = [*self._unanswered, *(e for e in events if isinstance(e, Came))]
        self._unanswered = []
        for at in range(0, len(came), CAME_AT_ONCE):
            self._store(came[at : at + CAME_AT_ONCE])

    def _take_news(self, news: Sequence[News]) -> None:
        """Stores what a modem says of itself, now or when the database is back."""
        self._news = (self._news + list(news))[-UNANSWERED_KEPT:]
        if not self._news:
            return
        settings, kept = self._board.picture.settings, self._news
        try:
            self._db.atomically(
                lambda tx: modem_news.record(tx, self._trunk_id, kept, settings)
            )
            self._news = []
        except StoreError as error:
            self._warn("what the modem says waits for the database: %s", error)

    def _store(self, came: Sequence[Came]) -> None:
        """Stores what came at the trunk; it is answered afterwards.

        One that the database refuses keeps none of the others from being stored.
        """
        try:
            self._db.atomically(lambda tx: self._record(tx, came))
            stored = True
            incoming_n = sum(isinstance(one, InboundCame) for one in came)
            self._ledger.tally.came(len(came) - incoming_n, incoming_n)
        except StoreError as error:
            if len(came) > 1 and not isinstance(error, StoreUnavailable):
                for one in came:
                    self._store([one])
                return
            if is_of_the_data(error) and isinstance(came[0], InboundCame):
                self._keep_unreadable(came[0])
                return
            log.warning("what came is left at the operator: %s", error)
            stored = False
            again = [e for e in came if not e.reference]
            self._unanswered = (self._unanswered + again)[-UNANSWERED_KEPT:]
        self._tray.put_acknowledgements([(one, stored) for one in came])

    def _keep_unreadable(self, came: InboundCame) -> None:
        """What the database will never take: its beginning, for people to see."""
        octets = f"{came.sender}: {came.text}".encode("utf-8", "replace")
        instead = UnreadableCame("message", octets)
        try:
            self._db.atomically(lambda tx: self._record(tx, [instead]))
            stored = True
        except StoreError as error:
            log.warning("what came cannot be kept: %s", error)
            stored = False
            if not came.reference:
                self._unanswered = [*self._unanswered, came][-UNANSWERED_KEPT:]
        self._tray.put_acknowledgements([(came, stored)])

    def _record(self, tx: Transaction, came: Sequence[Came]) -> None:
        settings = self._board.picture.settings
        trunk_id, plan = self._trunk_id, settings.number_plan
        said = [_receipt(one) for one in came if isinstance(one, ReceiptCame)]
        receipts.record(tx, trunk_id, said, plan, finds_form=self._finds_form)
        for one in came:
            if isinstance(one, UnreadableCame):
                unreadable.add(tx, trunk_id, one.kind, one.octets)
        from_people = [one for one in came if isinstance(one, InboundCame)]
        if from_people:
            incoming.take_all(tx, trunk_id, from_people, settings, self._now())

    def _write(self) -> None:
        """Writes all outcomes back; they stay for the next round when it cannot."""
        outcomes = list(self._ledger.outcomes.values())
        if not outcomes:
            return
        try:
            try:
                self._db.atomically(lambda tx: self._settle(tx, outcomes))
            except NotAsClaimed:
                self._look_first = True
                self._db.atomically(lambda tx: self._settle(tx, outcomes))
        except CommitUnknown as error:
            self._look_first = True
            self._warn("it will be looked at again: %s", error)
            return
        except StoreError as error:
            self._warn("outcomes wait for the database: %s", error)
            return
        if self._is_away:
            log.info("the database is back")
        self._is_away = self._look_first = False
        self._ledger.settled(outcomes)
        self._tray.look()
        if SENDING.isEnabledFor(logging.INFO):
            self._tell(outcomes)

    def _settle(self, tx: Transaction, outcomes: Sequence[Settlement]) -> None:
        changes = Changes()
        settlements.settle(
            tx,
            outcomes,
            self._trunk_id,
            self._token,
            changes,
            checked=self._look_first,
        )
        if self._board.picture.settings.write_call_records:
            sent = [s.message_id for s in outcomes if s.state == "submitted"]
            call_record_outbox.add(tx, sent)
        ids = [i for settlement in outcomes for i in settlement.ids]
        finds = self._finds_form
        receipts.match_waiting(tx, self._trunk_id, ids, changes, finds_form=finds)
        doubts = [s.message_id for s in outcomes if s.state == "in_doubt"]
        receipts.match_doubts(tx, self._trunk_id, doubts, changes)
        back = sum(s.segments for s in outcomes if s.state not in WENT_OUT)
        self._books.give_back(tx, self._board.picture.settings, back)
        changes.write(tx)

    def _tell(self, outcomes: Sequence[Settlement]) -> None:
        """Each message's outcome for the event log: neither number nor text."""
        trunk = self.name.removesuffix(" settler")
        for s in outcomes:
            said = f" ({s.code})" if s.code else ""
            words = "message %d of campaign %d: %s%s, %s"
            SENDING.info(words, s.message_id, s.campaign_id, s.state, said, trunk)

    def _warn(self, words: str, error: StoreError) -> None:
        log.log(logging.DEBUG if self._is_away else logging.WARNING, words, error)
        self._is_away = True


def _wanted_stop(events: Sequence[Event]) -> TrunkUnavailable | None:
    """The trunk says that it must not be used until a person has helped."""
    for event in events:
        if isinstance(event, StopWanted):
            return TrunkUnavailable(event.code, event.detail, needs_person=True)
    return None


def _receipt(came: ReceiptCame) -> receipts.Receipt:
    return receipts.Receipt(
        *(came.smsc_message_id, came.state, came.error, came.number),
        *(came.text_start, came.other_number, came.message_id),
    )
