"""How a trunk's receipts write ids is found out, remembered, and noticed anew."""

from __future__ import annotations

import pytest

from massivesms.domain.receipt_ids import RAW, IdForm
from massivesms.store import receipt_id_forms
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from tests.store import examples
from tests.store.receipt_world import Sent, of

BASE = 0xA0B0C0
FORMS = {
    "raw": (lambda n: f"{n:x}", lambda n: f"{n:x}", RAW),
    "hex, decimal": (lambda n: f"{n:x}", str, IdForm(10, 16)),
    "HEX, decimal": (lambda n: f"{n:X}", str, IdForm(10, 16)),
    "hex of 8, decimal": (lambda n: f"{n:08x}", str, IdForm(10, 16, 0, 8)),
    "hex, decimal of 10": (
        lambda n: f"{n:x}",
        lambda n: f"{n:010}",
        IdForm(10, 16, 10),
    ),
    "decimal, hex": (str, lambda n: f"{n:X}", IdForm(16, 10)),
    "decimal of 12, hex of 8": (
        lambda n: f"{n:012}",
        lambda n: f"{n:08x}",
        IdForm(16, 10, 8, 12),
    ),
    "other letters": (lambda n: f"{n:x}", lambda n: f"{n:X}", IdForm(16, 16)),
    "other zeros": (lambda n: f"{n:010}", str, IdForm(16, 16, 0, 10)),
    "32 digits": (
        lambda n: f"{n + 16**31:x}",
        lambda n: str(n + 16**31),
        IdForm(10, 16),
    ),
    "no number": (lambda n: f"a-{n}", lambda n: f"a-{n}", RAW),
}


@pytest.fixture
def sent(db: Database) -> Sent:
    return Sent(db)


def learnt(sent: Sent) -> tuple[IdForm, int] | None:
    with sent.db.transaction() as tx:
        row = receipt_id_forms.of_trunk(tx, sent.trunk_id)
    return (row["form"], row["receipts"]) if row else None


@pytest.mark.parametrize("early", [False, True], ids=["after", "before the answer"])
@pytest.mark.parametrize("name", FORMS)
def test_the_form_is_found_from_the_first_receipts(
    sent: Sent, name: str, early: bool
) -> None:
    answered, written, form = FORMS[name]
    numbers = range(BASE, BASE + 12)
    came = [of(n, written(number)) for n, number in enumerate(numbers)]
    ids = sent.claim(*(examples.number(n).e164 for n in range(12)))
    if early:
        assert sent.receive(*came, finds_form=True) == 12
    for message_id, number in zip(ids, numbers, strict=True):
        sent.settle(message_id, [answered(number)], finds_form=True)
    if not early:
        assert sent.receive(*came, finds_form=True) == 0
    assert set(sent.states()) == {"delivered"}
    assert sent.kept == 0
    known = learnt(sent)
    assert known is not None
    assert known[0] == form


def test_nothing_is_known_before_the_first_receipt(sent: Sent) -> None:
    sent.send("ff")
    assert learnt(sent) is None
    sent.receive(of(9, "unknown"), finds_form=True)
    assert learnt(sent) is None


def test_it_is_told_from_how_many_receipts_it_was_found(sent: Sent) -> None:
    sent.send(*(f"{n:x}" for n in range(BASE, BASE + 30)))
    for n in range(0, 30, 10):
        batch = [of(n + i, str(BASE + n + i)) for i in range(10)]
        assert sent.receive(*batch, finds_form=True) == 0
    known = learnt(sent)
    assert known is not None and known[0] == IdForm(10, 16)
    assert known[1] == 30


def test_an_id_that_fits_another_message_by_chance_shows_nothing(sent: Sent) -> None:
    """Answers 0 to 2f in hexadecimal: the receipt "10" is of "a", never of "10"."""
    sent.send(*(f"{n:x}" for n in range(48)))
    batch = [of(n, str(n)) for n in range(10, 40)]
    assert sent.receive(*batch, finds_form=True) == 0
    states = sent.states()
    assert set(states[10:40]) == {"delivered"}
    assert set(states[:10] + states[40:]) == {"submitted"}
    known = learnt(sent)
    assert known is not None and known[0] == IdForm(10, 16)


def test_among_messages_to_one_number_most_receipts_decide(sent: Sent) -> None:
    ids = sent.claim(*["+34600000000"] * 48)
    for n, message_id in enumerate(ids):
        sent.settle(message_id, [f"{n:x}"])
    batch = [of(0, str(n)) for n in range(48)]
    assert sent.receive(*batch, finds_form=True) == 0
    assert set(sent.states()) == {"delivered"}


def test_a_message_that_is_old_shows_nothing(sent: Sent) -> None:
    sent.send("ff")
    with sent.db.transaction() as tx:
        tx.execute("UPDATE message SET settled_at = UTC_TIMESTAMP() - INTERVAL 4 DAY")
    sent.receive(of(0, "255"), finds_form=True)
    assert learnt(sent) is None


def test_receipts_that_name_nobody_show_only_that_ids_are_alike(sent: Sent) -> None:
    sent.send("ff", "b")
    sent.receive(Receipt("11", "delivered"), finds_form=True)
    assert (learnt(sent), sent.states()) == (None, ["submitted", "submitted"])
    sent.receive(Receipt("ff", "delivered"), finds_form=True)
    assert learnt(sent) == (RAW, 1)
    assert sent.states() == ["delivered", "submitted"]


def test_a_change_of_the_operator_s_is_noticed(sent: Sent) -> None:
    sent.send(*(f"{n:x}" for n in range(BASE, BASE + 10)))
    batch = [of(n, f"{BASE + n:x}") for n in range(5)]
    sent.receive(*batch, finds_form=True)
    known = learnt(sent)
    assert known is not None and known[0] == RAW
    later = [of(n, str(BASE + n)) for n in range(5, 10)]
    assert sent.receive(*later[:4], finds_form=True) == 4  # not yet
    assert sent.again(finds_form=True) == 4
    assert learnt(sent) == (IdForm(10, 16), 4)
    assert sent.receive(later[4], finds_form=True) == 0
    assert set(sent.states()) == {"delivered"}


def test_one_odd_receipt_changes_nothing(sent: Sent) -> None:
    sent.send(*(f"{n:x}" for n in range(BASE, BASE + 4)))
    sent.receive(*(of(n, f"{BASE + n:x}") for n in range(3)), finds_form=True)
    before = learnt(sent)
    sent.receive(of(3, str(BASE + 3)), finds_form=True)
    assert sent.again(finds_form=True) == 1  # met all the same
    assert learnt(sent) == before
    assert set(sent.states()) == {"delivered"}


def test_a_wider_id_of_the_known_form_is_no_other_form(sent: Sent) -> None:
    sent.send("0000ffff", "12345678")
    sent.receive(of(0, str(0xFFFF)), finds_form=True)
    assert sent.receive(of(1, str(0x12345678)), finds_form=True) == 0
    known = learnt(sent)
    assert known is not None and known[0] == IdForm(10, 16, 0, 8)


def test_a_trunk_of_a_fixed_form_looks_for_no_other(sent: Sent) -> None:
    sent.send("ff")
    assert sent.receive(of(0, "255")) == 1
    assert sent.again() == 0
    assert learnt(sent) is None


def test_beside_the_matching_the_known_form_costs_one_look(sent: Sent) -> None:
    sent.send("ff", "1ff")
    sent.receive(of(0, "255"), finds_form=True)
    with sent.db.transaction() as tx:
        ids = receipt_id_forms.Ids(tx, sent.trunk_id, finds=True)
        assert ids.answered([of(1, "511")]) == [["1ff", "1FF"]]
        assert ids.written(["1ff"]) == ["511"]
