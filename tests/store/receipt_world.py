"""Owns messages that an operator has taken, under ids of the test's choice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from massivesms.domain.number_plan import NumberPlan
from massivesms.domain.settings import read
from massivesms.store import counts, receipts, settlements
from massivesms.store.db import Database
from massivesms.store.messages import NewMessage, enqueue
from massivesms.store.receipts import Receipt
from massivesms.store.settlements import Settlement
from tests.store import examples

PLAN: NumberPlan = read(
    {
        "country_code": "34",
        "mobile_prefixes": "6,7",
        "min_mobile_length": "9",
        "max_mobile_length": "9",
    }
).number_plan


class Sent:
    """One campaign over one trunk; numbers are +34600000000 and so on, in order."""

    def __init__(self, db: Database, name: str = "Sent") -> None:
        self.db = db
        with db.transaction() as tx:
            self.campaign_id = examples.campaign(tx, name)
            self.trunk_id = examples.trunk(tx, name)
        self.ids: list[int] = []

    def claim(self, *numbers: str, segments: int = 1) -> list[int]:
        """Messages on their way; their ids."""
        new = [NewMessage(number, True, segments) for number in numbers]
        with self.db.transaction() as tx:
            enqueue(tx, self.campaign_id, new)
            found = examples.claim(tx, self.campaign_id, self.trunk_id, len(new))
        ids = [one.message_id for one in found]
        self.ids += ids
        return ids

    def settle(
        self,
        message_id: int,
        smsc_ids: Sequence[str] = (),
        *,
        state: str = "submitted",
        finds_form: bool = False,
    ) -> None:
        """As the settler does it."""
        one = Settlement(
            *(message_id, self.campaign_id, max(1, len(smsc_ids)), state),
            ids=list(smsc_ids),
        )
        changes = counts.Changes()
        with self.db.transaction() as tx:
            settled = (tx, [one], self.trunk_id, examples.TOKEN, changes)
            settlements.settle(*settled)
            receipts.match_waiting(
                tx, self.trunk_id, smsc_ids, changes, finds_form=finds_form
            )
            if state == "in_doubt":
                receipts.match_doubts(tx, self.trunk_id, [message_id], changes)
            changes.write(tx)

    def send(self, *smsc_ids: str, first: int = 0) -> list[int]:
        """One message for each id, taken by the operator."""
        numbers = [examples.number(n).e164 for n in range(first, first + len(smsc_ids))]
        ids = self.claim(*numbers)
        for message_id, smsc_id in zip(ids, smsc_ids, strict=True):
            self.settle(message_id, [smsc_id])
        return ids

    def send_long(self, *smsc_ids: str, number: str = "+34600000999") -> int:
        """One message of so many segments."""
        (message_id,) = self.claim(number, segments=len(smsc_ids))
        self.settle(message_id, smsc_ids)
        return message_id

    def receive(self, *came: Receipt, finds_form: bool = False) -> int:
        """One batch; how many were kept."""
        with self.db.transaction() as tx:
            return receipts.record(tx, self.trunk_id, came, PLAN, finds_form=finds_form)

    def again(self, *, finds_form: bool = False) -> int:
        """What the service does a little later with those that were kept."""
        finding = {self.trunk_id} if finds_form else set()
        with self.db.transaction() as tx:
            tx.execute("UPDATE receipt SET retry_at = '2000-01-01'")
            return receipts.match_again(tx, finding)

    def states(self) -> list[str]:
        """Of all messages, in the order in which they were claimed."""
        with self.db.transaction() as tx:
            sql = "SELECT id, state FROM message WHERE id IN %(ids)s"
            found = dict(tx.tuples(sql, {"ids": self.ids}))
        return [found[i] for i in self.ids]

    def ask(self, sql: str, *values: object) -> Any:
        with self.db.transaction() as tx:
            return tx.value(sql, values)

    @property
    def kept(self) -> int:
        return int(self.ask("SELECT COUNT(*) FROM receipt"))

    def counts(self) -> dict[str, int]:
        """As the pages show them."""
        with self.db.transaction() as tx:
            found = counts.by_state(tx, self.campaign_id)
        return {state: n for state, (n, _) in found.items()}


def of(n: int, smsc_id: str, state: str = "delivered", **more: Any) -> Receipt:
    """A receipt that names the n-th number."""
    digits = examples.number(n).e164[1:]
    return Receipt(smsc_id, state, number=digits, **more)
