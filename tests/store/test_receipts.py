"""Receipts of a batch are booked as if each had come by itself."""

from __future__ import annotations

import threading

import pytest

from massivesms.store import receipts
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from tests.store import examples
from tests.store.receipt_world import PLAN, Sent, of

QUERIES = "SHOW SESSION STATUS LIKE 'Questions'"


@pytest.fixture
def sent(db: Database) -> Sent:
    return Sent(db)


@pytest.mark.parametrize(
    ("batch", "states", "kept"),
    [
        ([of(0, "a"), of(1, "b")], ["delivered", "delivered"], 0),
        ([of(0, "a", "submitted"), of(0, "a")], ["delivered", "submitted"], 0),
        ([of(0, "a"), of(0, "a", "submitted")], ["delivered", "submitted"], 0),
        ([of(0, "a"), of(0, "a")], ["delivered", "submitted"], 0),
        ([of(0, "a"), of(0, "a", "expired")], ["delivered", "submitted"], 0),
        ([of(0, "a", "expired"), of(0, "a")], ["expired", "submitted"], 0),
        ([of(0, "a"), of(9, "z")], ["delivered", "submitted"], 1),
        ([of(1, "a")], ["submitted", "submitted"], 1),
        ([Receipt("a", "rejected")], ["rejected", "submitted"], 0),
        ([Receipt("", "delivered")], ["submitted", "submitted"], 0),
        ([Receipt("A", "delivered")], ["submitted", "submitted"], 1),
        ([Receipt("a", "delivered", number="123")], ["delivered", "submitted"], 0),
        (
            [Receipt("a", "delivered", number="0600000000")],
            ["delivered", "submitted"],
            0,
        ),
        (
            [Receipt("a", "delivered", number="34911111111", other="34600000000")],
            ["delivered", "submitted"],
            0,
        ),
        ([Receipt("a" * 90, "delivered")], ["submitted", "submitted"], 1),
        ([of(0, "a", "undelivered", error="ñ" * 30)], ["undelivered", "submitted"], 0),
    ],
    ids=[
        "two",
        "intermediate, then final",
        "final, then intermediate",
        "doubled",
        "contradictory",
        "contradictory, the failure first",
        "one known, one not",
        "an id that is another recipient's",
        "no number in it",
        "no id",
        "letters of another size",
        "a short number is no recipient",
        "a number in the operator's own way",
        "sender and recipient not turned round",
        "an id longer than any",
        "an error that is no code",
    ],
)
def test_a_batch_of_receipts(
    sent: Sent, batch: list[Receipt], states: list[str], kept: int
) -> None:
    sent.send("a", "b")
    assert sent.receive(*batch) == kept == sent.kept
    assert sent.states() == states
    expected = {state: states.count(state) for state in set(states)}
    assert sent.counts() == expected


def test_one_by_one_or_in_one_batch_is_the_same(sent: Sent) -> None:
    ids = [f"x{n}" for n in range(12)]
    sent.send(*ids)
    came = [
        of(n, f"x{n}", ["delivered", "expired", "rejected"][n % 3]) for n in range(9)
    ]
    came += [of(3, "x3", "undelivered"), of(20, "unknown"), of(4, "x4", "submitted")]
    assert sum(sent.receive(one) for one in came) == 1
    one_by_one = sent.states()
    again = Sent(sent.db, "Again")
    again.send(*ids)
    assert again.receive(*came) == 1
    assert again.states() == one_by_one


def test_a_doubled_receipt_of_an_earlier_batch_is_not_kept(sent: Sent) -> None:
    sent.send("a")
    sent.receive(of(0, "a"))
    assert (
        sent.receive(of(0, "a"), of(0, "a", "expired"), Receipt("a", "delivered")) == 0
    )
    assert sent.states() == ["delivered"]


def test_an_id_that_is_used_again_is_of_the_message_to_that_number(sent: Sent) -> None:
    sent.send("same", first=0)
    sent.send("same", first=1)
    sent.receive(of(0, "same", "expired"))
    assert sent.states() == ["expired", "submitted"]
    sent.receive(of(1, "same"))
    assert sent.states() == ["expired", "delivered"]


def test_of_an_id_used_again_the_newest_is_meant_when_nobody_is_named(
    sent: Sent,
) -> None:
    sent.send("same", first=0)
    sent.send("same", first=1)
    sent.receive(Receipt("same", "delivered"))
    assert sent.states() == ["submitted", "delivered"]


def test_one_id_for_every_message_is_told_apart_by_the_recipient(
    sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent.send(*["0"] * 30)
    monkeypatch.setattr(receipts.receipt_matches, "MOST_FOUND", 10)
    assert sent.receive(of(29, "0")) == 0
    assert sent.states()[-2:] == ["submitted", "delivered"]


@pytest.mark.parametrize(
    ("receipt", "kept"), [(of(0, "old"), 0), (Receipt("old", "delivered"), 1)]
)
def test_a_message_that_is_old_must_be_named_by_its_recipient(
    sent: Sent, receipt: Receipt, kept: int
) -> None:
    sent.send("old")
    with sent.db.transaction() as tx:
        tx.execute("UPDATE message SET settled_at = UTC_TIMESTAMP() - INTERVAL 4 DAY")
    assert sent.receive(receipt) == kept


def test_of_another_trunk_nothing_is_met(sent: Sent) -> None:
    sent.send("a")
    with sent.db.transaction() as tx:
        other = examples.trunk(tx, "Other")
        assert receipts.record(tx, other, [of(0, "a")], PLAN) == 1
    assert sent.states() == ["submitted"]


@pytest.mark.parametrize(
    ("batch", "state"),
    [
        ([("s1", "delivered")], "submitted"),
        ([("s1", "delivered"), ("s2", "delivered"), ("s3", "delivered")], "delivered"),
        ([("s1", "delivered"), ("s1", "delivered"), ("s2", "delivered")], "submitted"),
        ([("s1", "delivered"), ("s2", "expired")], "expired"),
        ([("s1", "expired"), ("s2", "delivered"), ("s3", "rejected")], "expired"),
        ([("s3", "submitted"), ("s3", "undelivered")], "undelivered"),
    ],
    ids=["one", "all", "one twice", "one failed", "the first failure", "intermediate"],
)
@pytest.mark.parametrize("at_once", [True, False], ids=["one batch", "one by one"])
def test_a_long_message_is_delivered_when_all_its_segments_are(
    sent: Sent, batch: list[tuple[str, str]], state: str, at_once: bool
) -> None:
    sent.send_long("s1", "s2", "s3")
    came = [of(999, smsc_id, said) for smsc_id, said in batch]
    for some in [came] if at_once else [[one] for one in came]:
        assert sent.receive(*some) == 0
    assert sent.states() == [state]


def test_long_and_short_ones_in_one_batch(sent: Sent) -> None:
    sent.send("a", "b")
    sent.send_long("s1", "s2")
    sent.send_long("t1", "t2", number="+34600000998")
    batch = [of(0, "a"), of(999, "s1"), of(998, "t2", "expired"), of(999, "s2")]
    assert sent.receive(*batch) == 0
    assert sent.states() == ["delivered", "submitted", "delivered", "expired"]


class TestDoubts:
    """A receipt tells of a message whose answer never came."""

    @pytest.mark.parametrize(
        ("start", "met"), [("Hola", True), ("", True), ("Otra cosa", False)]
    )
    def test_by_number_and_text(self, sent: Sent, start: str, met: bool) -> None:
        (one,) = sent.claim("+34600000000")
        sent.settle(one, state="in_doubt")
        kept = sent.receive(of(0, "never-told", text_start=start))
        assert (kept, sent.states()) == (
            (0, ["delivered"]) if met else (1, ["in_doubt"])
        )

    def test_each_receipt_of_a_batch_settles_one_the_oldest_first(
        self, sent: Sent
    ) -> None:
        for one in sent.claim(*["+34600000000"] * 3):
            sent.settle(one, state="in_doubt")
        batch = [of(0, "u1"), of(0, "u2", "expired"), of(1, "u3")]
        assert sent.receive(*batch) == 1
        assert sent.states() == ["delivered", "expired", "in_doubt"]
        expected = {"delivered": 1, "expired": 1, "in_doubt": 1}
        assert sent.counts() == expected

    def test_one_that_came_before_the_doubt_settles_it(self, sent: Sent) -> None:
        (one,) = sent.claim("+34600000000")
        sent.receive(of(0, "u1", text_start="Hola"))
        sent.settle(one, state="in_doubt")
        assert (sent.states(), sent.kept) == (["delivered"], 0)

    def test_of_a_long_message_only_its_ids_tell(self, sent: Sent) -> None:
        (one,) = sent.claim("+34600000000", segments=2)
        sent.settle(one, state="in_doubt")
        assert sent.receive(of(0, "u1")) == 1
        assert sent.states() == ["in_doubt"]

    @pytest.mark.parametrize("segments", [1, 3])
    def test_one_that_names_it_settles_that_one_and_not_the_oldest(
        self, sent: Sent, segments: int
    ) -> None:
        for one in sent.claim(*["+34600000000"] * 3, segments=segments):
            sent.settle(one, state="in_doubt")
        second = of(0, "ami-2", message_id=sent.ids[1])
        assert sent.receive(second) == 0
        assert sent.states() == ["in_doubt", "delivered", "in_doubt"]
        assert sent.receive(second) == 0  # told again
        assert sent.states() == ["in_doubt", "delivered", "in_doubt"]
        assert sent.counts() == {"in_doubt": 2, "delivered": 1}

    def test_one_that_names_another_message_settles_none(self, sent: Sent) -> None:
        first, second = sent.claim("+34600000000", "+34600000000")
        sent.settle(first, state="in_doubt")
        waits = of(0, "ami-2", message_id=second)  # it has no outcome yet
        unknown = of(0, "ami-9", message_id=second + 1000)
        to_other = of(1, "ami-1", message_id=first)
        assert sent.receive(waits, unknown, to_other) == 3
        assert sent.states() == ["in_doubt", "submitting"]

    def test_one_that_names_a_message_of_another_trunk_settles_none(
        self, db: Database, sent: Sent
    ) -> None:
        other = Sent(db, "Other")
        (one,) = other.claim("+34600000000")
        other.settle(one, state="in_doubt")
        assert sent.receive(of(0, "ami-1", message_id=one)) == 1
        assert other.states() == ["in_doubt"]


def test_errors_and_reasons_are_counted_with_the_messages(sent: Sent) -> None:
    sent.send("a", "b", "c")
    errors = [of(0, "a", "undelivered", error="027"), of(1, "b", "expired")]
    sent.receive(*errors, of(2, "c", "undelivered", error="027"))
    with sent.db.transaction() as tx:
        why = tx.tuples(
            "SELECT state, result_code, detail, messages FROM campaign_result"
            " ORDER BY state"
        )
        shown = tx.tuples("SELECT result_code, result_detail FROM message ORDER BY id")
    assert why == (
        ("undelivered", "receipt_undelivered", "027", 2),
        ("expired", "receipt_expired", "", 1),
    )
    assert shown[0] == ("receipt_undelivered", "027")


def test_a_full_batch_costs_a_handful_of_queries(sent: Sent) -> None:
    many = 500
    sent.send(*(f"id{n}" for n in range(many)), "earlier")
    batch = [of(n, f"id{n}") for n in range(many)]
    sent.receive(of(many, "earlier"))  # from now on the open probes are remembered
    with sent.db.transaction() as tx:
        (_, before), *_ = tx.tuples(QUERIES)
        receipts.record(tx, sent.trunk_id, batch, PLAN, finds_form=True)
        (_, after), *_ = tx.tuples(QUERIES)
    assert set(sent.states()) == {"delivered"}
    assert int(after) - int(before) <= 10


def test_two_binds_that_book_the_same_messages_book_each_once(
    sent: Sent,
) -> None:
    many = 60
    sent.send(*(f"id{n}" for n in range(many)))
    sent.send_long(*(f"s{n}" for n in range(many)))
    batch = [of(n, f"id{n}") for n in range(many)]
    batch += [of(999, f"s{n}") for n in range(many)]
    failed: list[BaseException] = []

    def book(some: list[Receipt]) -> None:
        try:
            for at in range(0, len(some), 10):
                window = some[at : at + 40]
                sent.db.atomically(
                    lambda tx, w=window: receipts.record(  # type: ignore[misc]
                        tx, sent.trunk_id, w, PLAN
                    )
                )
        except BaseException as error:  # noqa: BLE001 - told by the main thread
            failed.append(error)
        finally:
            sent.db.close()

    threads = [
        threading.Thread(target=book, args=(some,)) for some in (batch, batch[::-1])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failed == []
    assert set(sent.states()) == {"delivered"}
    assert sent.counts() == {"delivered": many + 1}
    assert sent.kept == 0
