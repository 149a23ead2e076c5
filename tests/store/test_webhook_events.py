"""Every change of a message's state is told once to each webhook that wants it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from massivesms.domain.numbers import NumberPlan
from massivesms.domain.states import TRANSITIONS, MessageState
from massivesms.domain.webhooks import EVENT_LABELS, STATES, Happened
from massivesms.store import (
    blocked_numbers,
    campaigns,
    doubts,
    finished_campaigns,
    inbound,
    messages,
    receipts,
    recovery,
    trunks,
    webhook_deliveries,
    webhook_facts,
    webhook_outbox,
    webhooks,
)
from massivesms.store.db import Database, Transaction
from massivesms.store.doubts import DoubtDecision
from massivesms.store.inbound import NewInbound
from massivesms.store.webhooks import Stored
from massivesms.webhooks import bodies
from tests.store import examples
from tests.store.examples import ANA, TOKEN, one

ALL = list(EVENT_LABELS)
SECOND = 88  # another session's token


def webhook(
    db: Database, name: str = "CRM", events: Sequence[str] = ALL, active: bool = True
) -> int:
    new = Stored(name, "https://crm.example/", events, False, active, b"sealed")
    return db.atomically(lambda tx: webhooks.create(tx, new, ANA))


def told(db: Database, webhook_id: int) -> list[Happened]:
    """Every event that waits for a webhook, in the order of the deliveries."""
    found: list[Happened] = []
    with db.transaction() as tx:
        row = webhooks.by_id(tx, webhook_id)
        assert row is not None
        while delivery := webhook_deliveries.next_one(tx, row):
            found += webhook_outbox.of_delivery(tx, webhook_id, delivery["id"])
            tried = webhook_deliveries.Try(200, "taken", "", 1)
            webhook_deliveries.delivered(tx, delivery, tried)
    return found


class Case:
    """One message of a campaign, and what is done to it."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.trunk_id = examples.trunk(tx)
        self.campaign_id = examples.campaign(tx, count=1)
        sql = "SELECT id FROM message WHERE campaign_id = %s"
        self.id: int = tx.value(sql, (self.campaign_id,))
        self.ours: list[examples.claims.Claimed] = []

    def claim(self) -> None:
        self.ours = examples.claim(self.tx, self.campaign_id, self.trunk_id)

    def settle(self, state: str, **more: object) -> None:
        examples.settle(self.tx, self.ours, self.trunk_id, state, **more)

    def settle_late(self, state: str, **more: object) -> None:
        settled = [
            examples.Settlement(c.message_id, c.campaign_id, 1, state, **more)  # type: ignore[arg-type]
            for c in self.ours
        ]
        examples.settlements.settle(
            self.tx, settled, self.trunk_id, TOKEN, checked=True
        )

    def receipt(self, state: str) -> None:
        came = receipts.Receipt("id-1", state, "007", "34600000000", "Hola")
        receipts.record(self.tx, self.trunk_id, [came], NumberPlan("34"))

    def bring_to(self, state: str) -> None:
        """Into the state from which the case begins."""
        if state in ("submitting", "submitted", "in_doubt"):
            self.claim()
        if state == "submitted":
            self.settle("submitted", ids=("id-1",))
        if state == "in_doubt":
            self.settle("in_doubt", code="answer_timeout")

    def decide(self, decision: DoubtDecision) -> None:
        campaign = campaigns.by_id(self.tx, self.campaign_id)
        assert campaign is not None
        doubts.decide(self.tx, campaign, decision, ANA)

    def skip(self) -> None:
        changes = examples.claims.counts.Changes()
        found = examples.claims.candidates(self.tx, self.campaign_id, 0, 9)
        blocked_numbers.skip(self.tx, found, changes)
        changes.write(self.tx)

    def cancel(self) -> None:
        row = messages.by_id(self.tx, self.id)
        assert row is not None and messages.cancel(self.tx, row, "ana")


Way = Callable[[Case], object]
S = MessageState
WAYS: dict[tuple[MessageState, MessageState], list[Way]] = {
    (S.QUEUED, S.SKIPPED): [Case.skip],
    (S.QUEUED, S.CANCELLED): [Case.cancel],
    (S.QUEUED, S.FAILED): [
        lambda c: recovery.fail_waiting(c.tx, c.campaign_id, c.id, "no_trunk_left")
    ],
    (S.SUBMITTING, S.SUBMITTED): [
        lambda c: c.settle("submitted", ids=("id-1",)),
        lambda c: c.settle("submitted", code="script_sent"),
    ],
    (S.SUBMITTING, S.REJECTED): [lambda c: c.settle("rejected", code="smpp_0000000B")],
    (S.SUBMITTING, S.FAILED): [lambda c: c.settle("failed", code="no_trunk_left")],
    (S.SUBMITTING, S.IN_DOUBT): [
        lambda c: c.settle("in_doubt", code="answer_timeout"),
        lambda c: recovery.recover(c.tx, c.trunk_id, TOKEN, "service_died"),
    ],
    **{
        (S.SUBMITTED, state): [lambda c, to=state: c.receipt(to)]  # type: ignore[misc]
        for state in (S.DELIVERED, S.UNDELIVERED, S.EXPIRED, S.REJECTED)
    },
    **{
        (S.IN_DOUBT, state): [lambda c, to=state: c.receipt(to)]  # type: ignore[misc]
        for state in (S.DELIVERED, S.UNDELIVERED, S.EXPIRED, S.REJECTED)
    },
    (S.IN_DOUBT, S.SUBMITTED): [
        lambda c: c.settle_late("submitted", ids=("id-1",)),
        lambda c: c.decide(DoubtDecision.ASSUME_SENT),
    ],
    (S.IN_DOUBT, S.FAILED): [lambda c: c.settle_late("failed", code="x")],
}
WAYS[S.IN_DOUBT, S.REJECTED].append(lambda c: c.settle_late("rejected", code="x"))
EVERY = [
    pytest.param(old, new, way, id=f"{old}-{new}-{n}")
    for (old, new), ways in WAYS.items()
    for n, way in enumerate(ways)
]


def test_every_transition_that_is_told_is_looked_at() -> None:
    wanted = {(old, new) for old, made in TRANSITIONS.items() for new in made}
    assert set(WAYS) == {(old, new) for old, new in wanted if new in STATES}


@pytest.mark.parametrize(("old", "new", "way"), EVERY)
def test_a_transition_is_told_exactly_once(
    db: Database, old: MessageState, new: MessageState, way: Way
) -> None:
    with db.transaction() as tx:
        case = Case(tx)
        case.bring_to(old)
    first, second = webhook(db), webhook(db, "Otro")
    with db.transaction() as tx:
        case.tx = tx
        way(case)
    assert one(db, "SELECT state FROM message WHERE id = %(id)s", id=case.id) == new
    for webhook_id in (first, second):
        (event,) = told(db, webhook_id)
        assert (event.kind, event.subject) == (f"message.{new}", case.id)
        assert event.code or new in ("submitted", "delivered")


def test_what_goes_back_into_the_queue_is_not_told(db: Database) -> None:
    with db.transaction() as tx:
        case = Case(tx)
        case.bring_to("in_doubt")
    webhook_id = webhook(db)
    with db.transaction() as tx:
        case.tx = tx
        case.decide(DoubtDecision.RESEND)
        case.claim()
        case.settle("queued", code="trunk_down")
    assert told(db, webhook_id) == []


def test_a_rolled_back_change_is_told_to_nobody(db: Database) -> None:
    with db.transaction() as tx:
        case = Case(tx)
    webhook_id = webhook(db)
    with pytest.raises(KeyError), db.transaction() as tx:
        case.tx = tx
        case.cancel()
        raise KeyError
    assert told(db, webhook_id) == []


def test_a_receipt_that_came_before_the_answer_is_told_after_it(db: Database) -> None:
    """Both become known in one transaction, the receipt's part is written first."""
    webhook_id = webhook(db)
    with db.transaction() as tx:
        case = Case(tx)
        case.bring_to("submitting")
    with db.transaction() as tx:
        case.tx = tx
        changes = examples.claims.counts.Changes()
        settled = [examples.Settlement(case.id, case.campaign_id, 1, "submitted",
                                       ids=("id-1",))]  # fmt: skip
        examples.settlements.settle(tx, settled, case.trunk_id, TOKEN, changes)
        case.receipt("delivered")
        changes.write(tx)
    kinds = [event.kind for event in told(db, webhook_id)]
    assert kinds == ["message.submitted", "message.delivered"]


@pytest.mark.parametrize("events", [["message.delivered"], [], ["incoming"]])
def test_only_what_a_webhook_wants_is_kept_for_it(
    db: Database, events: list[str]
) -> None:
    webhook(db, events=events)
    webhook(db, "Apagado", active=False)
    with db.transaction() as tx:
        Case(tx).bring_to("submitted")
    assert one(db, "SELECT COUNT(*) FROM webhook_event") == 0


def test_who_wants_what_is_asked_once_a_second(db: Database) -> None:
    with db.transaction() as tx:
        assert webhook_outbox.wanted(tx) == {}
        new = Stored("x", "https://x/", ["incoming"], False, True, b"")
        webhooks.create(tx, new, ANA)
        assert webhook_outbox.wanted(tx) == {}, "as of a second ago"
    with db.transaction() as tx:
        assert list(webhook_outbox.wanted(tx)) == ["incoming"], "a change is known"


def test_many_messages_are_few_rows_and_each_has_its_own_id(db: Database) -> None:
    webhook_id = webhook(db)
    with db.transaction() as tx:
        trunk_id = examples.trunk(tx)
        made = examples.campaign(tx, count=250)
        ours = examples.claim(tx, made, trunk_id, 250)
        examples.settle(tx, ours, trunk_id, "submitted")
    assert one(db, "SELECT COUNT(*) FROM webhook_event") == 3
    found = told(db, webhook_id)
    assert [event.subject for event in found] == [c.message_id for c in ours]
    assert len({event.event_id for event in found}) == 250
    assert one(db, "SELECT GROUP_CONCAT(events) FROM webhook_delivery") == "100,100,50"


def test_a_call_is_told_as_such(db: Database) -> None:
    webhook_id = webhook(db)
    with db.transaction() as tx:
        case = Case(tx)
        for kind in ("call", "message"):
            new = NewInbound(case.trunk_id, "+34600000000", "", "", "", kind=kind)
            webhook_outbox.add_inbound(tx, inbound.add(tx, new))
    found = told(db, webhook_id)
    with db.transaction() as tx:
        known = webhook_facts.facts(tx, found)
    bodied = [
        bodies.event(one, known[one.kind, one.subject], with_texts=False)
        for one in found
    ]
    assert [one["incoming"]["kind"] for one in bodied] == ["call", "message"]


def test_an_incoming_message_a_finished_campaign_and_a_stopped_trunk_are_told(
    db: Database,
) -> None:
    webhook_id = webhook(db)
    with db.transaction() as tx:
        case = Case(tx)
        case.bring_to("submitted")
        new = NewInbound(case.trunk_id, "+34600000000", "34600000000", "555", "BAJA")
        inbound_id = inbound.add(tx, new)
        webhook_outbox.add_inbound(tx, inbound_id)
        assert finished_campaigns.close_finished(tx) == {case.campaign_id: "Offer"}
        assert trunks.stop(tx, case.trunk_id, 1, "bind_password", "0x0E")
        assert not trunks.stop(tx, case.trunk_id, 1, "bind_password", "0x0E")
    found = told(db, webhook_id)
    assert sorted((event.kind, event.subject) for event in found) == [
        ("campaign.finished", case.campaign_id),
        ("incoming", inbound_id),
        ("message.submitted", case.id),
        ("trunk.stopped", case.trunk_id),
    ]
    with db.transaction() as tx:
        known = webhook_facts.facts(tx, found)
    assert known["incoming", inbound_id]["message_id"] == case.id
    assert known["campaign.finished", case.campaign_id]["counts"] == {"submitted": 1}
    assert known["trunk.stopped", case.trunk_id]["name"] == "Exit"
    assert known["message.submitted", case.id]["text"] == "Hola"
