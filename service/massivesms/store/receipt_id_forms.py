"""How each trunk's receipts write their ids: found out by itself, and remembered.

A receipt shows it when it names the recipient of a young message and its id, read
in that way, is that message's. One that shows another form than the known one is
counted apart: some of them, and the operator has changed it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from ..domain.receipt_ids import (
    RAW,
    IdForm,
    answered_ids,
    form_of,
    guesses,
    read_form,
    written_ids,
)
from .db import Row, Transaction
from .receipt_matches import TAIL, ByKey, Found, Receipt

T = TypeVar("T")

ENOUGH = 1000  # receipts; more make it no more certain, and are not counted
RIVALS = 3  # receipts that show another form: it has changed
GUESSED_AT_ONCE = 100  # receipts; the others have the form that these show

READ = """
SELECT trunk_id, form, receipts, rival, found_at FROM receipt_id_form
WHERE trunk_id = %(trunk_id)s"""


def of_trunk(tx: Transaction, trunk_id: int) -> Row | None:
    """`form` (an IdForm) and from how many `receipts`; None = not known yet."""
    row = tx.row(READ, {"trunk_id": trunk_id})
    if row is not None:
        row["form"] = read_form(row["form"])
    return row


ALL = "SELECT trunk_id, form, receipts, rival, found_at FROM receipt_id_form"


def of_all(tx: Transaction) -> dict[int, Row]:
    """The same of every trunk of which it is known."""
    return {r["trunk_id"]: {**r, "form": read_form(r["form"])} for r in tx.rows(ALL)}


class Ids:
    """The ids of one trunk in one transaction: which are looked up for a receipt.

    `finds` says whether the trunk's form is to be found out; if not, ids are stored
    as receipts write them.
    """

    def __init__(self, tx: Transaction, trunk_id: int, *, finds: bool) -> None:
        self._tx = tx
        self._trunk_id = trunk_id
        self._finds = finds
        row = of_trunk(tx, trunk_id) if finds else None
        self._receipts = int(row["receipts"]) if row else 0
        self.form: IdForm | None = RAW
        if finds:
            self.form = row["form"] if row else None

    def answered(self, receipts: Sequence[Receipt]) -> list[list[str]]:
        """What the answers may have said, for each receipt."""
        form = self.form or RAW
        return [answered_ids(form, r.smsc_message_id) for r in receipts]

    def written(self, answered: Sequence[str]) -> list[str]:
        """What waiting receipts may write, for ids that were just answered."""
        if self.form is not None:
            return [w for a in answered for w in written_ids(self.form, a)]
        guessed = spread(answered, GUESSED_AT_ONCE)
        return [*answered, *(g for a in guessed for g in guesses(a))]

    def every(self, receipts: Sequence[Receipt]) -> list[list[str]]:
        """All that the answers can have said, by any form."""
        known = self.answered(receipts)
        if not self._finds:
            return known
        raw = [r.smsc_message_id for r in receipts]
        return [
            list(dict.fromkeys((*own, one, *guesses(one))))
            for own, one in zip(known, raw, strict=True)
        ]

    def learn(
        self, receipts: Sequence[Receipt], keys: Sequence[Sequence[str]], found: ByKey
    ) -> None:
        """Finds the form in what many spellings have found, if it is not known."""
        named: list[IdForm] = []
        weak: list[IdForm] = []
        for receipt, own in zip(receipts, keys, strict=True):
            rows = [row for key in own for row in found.get(key, ())]
            forms = _shown(receipt, rows)
            if self.form is None or not self._explains(receipt, rows):
                (named if len(receipt.number) >= TAIL else weak).extend(forms)
        # Of those that name nobody, only what is written alike says anything.
        shown = named or [form for form in weak if form == RAW]
        if not shown:
            return
        form, times = _most(shown)
        if self.form is None:
            self.form = form
            self._write(form, 0)  # confirm() counts them
        else:
            self._rival(form, times)

    def _explains(self, receipt: Receipt, rows: Sequence[Found]) -> bool:
        """Whether the known form finds it too: it came before its answer."""
        own = answered_ids(self.form or RAW, receipt.smsc_message_id)
        return any(row.smsc_message_id in own for row in rows)

    def confirm(self, met: Sequence[Found | None]) -> None:
        """Counts receipts that were matched by the known form."""
        times = sum(one is not None for one in met)
        if self._finds and self.form and times and self._receipts < ENOUGH:
            self._write(self.form, times)

    def _write(self, form: IdForm, times: int) -> None:
        values = {"trunk_id": self._trunk_id, "form": str(form), "times": times}
        self._tx.execute(LEARN, {**values, "enough": ENOUGH})
        self._receipts += times

    def _rival(self, form: IdForm, times: int) -> None:
        values = {"trunk_id": self._trunk_id, "form": str(form), "times": times}
        self._tx.execute(NOTE_RIVAL, values)
        if self._tx.execute(CHANGE, {**values, "enough": RIVALS}):
            self.form = form


# Who learns at the same moment adds to what the first one has written.
LEARN = """
INSERT INTO receipt_id_form (trunk_id, form, receipts, found_at)
VALUES (%(trunk_id)s, %(form)s, LEAST(%(times)s, %(enough)s), UTC_TIMESTAMP(3))
ON DUPLICATE KEY UPDATE receipts = IF(form = VALUES(form),
  LEAST(receipts + VALUES(receipts), %(enough)s), receipts)"""
NOTE_RIVAL = """
UPDATE receipt_id_form SET
  rival_receipts = IF(rival = %(form)s, rival_receipts, 0) + %(times)s,
  rival = %(form)s
WHERE trunk_id = %(trunk_id)s AND form <> %(form)s"""
CHANGE = """
UPDATE receipt_id_form SET form = rival, receipts = rival_receipts, rival = '',
  rival_receipts = 0, found_at = UTC_TIMESTAMP(3)
WHERE trunk_id = %(trunk_id)s AND rival = %(form)s AND rival_receipts >= %(enough)s"""


def _shown(receipt: Receipt, rows: Sequence[Found]) -> set[IdForm]:
    """The forms by which a receipt is of a young message to its recipient."""
    forms = {
        form_of(receipt.smsc_message_id, row.smsc_message_id)
        for row in rows
        if row.is_recent and receipt.is_to(row.number) is not False
    }
    return {form for form in forms if form is not None}


def _most(shown: Sequence[IdForm]) -> tuple[IdForm, int]:
    """The form with most receipts, as wide as the widest of them, and how many."""
    notations = Counter(form[:2] for form in shown)
    # Among equals the plainest.
    notation, times = max(notations.items(), key=lambda one: (one[1], one[0] == (0, 0)))
    alike = [form for form in shown if form[:2] == notation]
    written = max(form.written_width for form in alike)
    answered = max(form.answered_width for form in alike)
    return IdForm(*notation, written, answered), times


def spread(several: Sequence[T], most: int) -> Sequence[T]:
    """At most so many, taken from everywhere."""
    step = -(-len(several) // most)
    return several[::step] if step > 1 else several
