"""Receipts without a message and what nobody understood, on their pages."""

from __future__ import annotations

import pytest

from massivesms.config import Config
from massivesms.domain.receipt_ids import IdForm
from massivesms.store import receipts, trunks, unreadable
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from massivesms_web.pages import receipts as pages_receipts
from tests.store.receipt_world import PLAN
from tests.web.browser import Browser
from tests.web.test_trunks import SMPP

ORPHANS, UNREAD = "/trunks/receipts/", "/trunks/receipts/not-understood"


@pytest.fixture
def trunk_id(client: Browser, db: Database) -> int:
    client.send("/trunks/new/smpp", SMPP)
    with db.transaction() as tx:
        return int(trunks.by_name(tx, "Operador")["id"])


def orphan(db: Database, trunk_id: int, *came: Receipt, age_s: int = 3600) -> None:
    with db.transaction() as tx:
        assert receipts.record(tx, trunk_id, came, PLAN) == len(came)
        tx.execute(
            "UPDATE receipt SET received_at = UTC_TIMESTAMP(3) - INTERVAL %s SECOND"
            " WHERE received_at > UTC_TIMESTAMP(3) - INTERVAL 1 MINUTE",
            (age_s,),
        )


def learn(db: Database, trunk_id: int, form: IdForm, n: int) -> None:
    with db.transaction() as tx:
        tx.execute(
            "INSERT INTO receipt_id_form (trunk_id, form, receipts, found_at)"
            " VALUES (%s, %s, %s, UTC_TIMESTAMP(3))",
            (trunk_id, str(form), n),
        )


def test_without_any_both_pages_say_what_they_are_for(client: Browser) -> None:
    assert "Every receipt has met its message" in client.page(ORPHANS).text
    assert "Everything was understood" in client.page(UNREAD).text
    assert "No receipt of this trunk" in client.page(f"{ORPHANS}?trunk=7").text
    assert "Everything of this trunk" in client.page(f"{UNREAD}?trunk=7").text


def test_a_receipt_without_a_message_is_listed_in_words(
    client: Browser, db: Database, trunk_id: int
) -> None:
    came = Receipt("id-77", "undelivered", "027", "34600111222")
    orphan(db, trunk_id, came, Receipt("<b>x</b>", "delivered", "Z9"))
    page = client.page(ORPHANS)
    for words in (
        *("+34600111222", "id-77", "Not delivered", "Operador", "no number"),
        "Error 027, in most networks: the phone is off or out of reach.",
        *("Error Z9.", "2 receipts", "<b>x</b>"),
    ):
        assert words in page.text, words
    assert "&lt;b&gt;x&lt;/b&gt;" in page.html


def test_one_that_may_still_meet_its_answer_is_not_called_so(
    client: Browser, db: Database, trunk_id: int
) -> None:
    orphan(db, trunk_id, Receipt("young", "delivered"), age_s=30)
    assert "Every receipt has met its message" in client.page(ORPHANS).text


def test_they_are_filtered_by_trunk_and_paged(
    client: Browser, db: Database, trunk_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_receipts, "PAGE", 1)
    orphan(db, trunk_id, Receipt("first", "delivered"), Receipt("second", "expired"))
    orphan(db, trunk_id + 1, Receipt("elsewhere", "delivered"))
    page = client.page(f"{ORPHANS}?trunk={trunk_id}")
    assert "second" in page.text and "elsewhere" not in page.text
    (link,) = [link for link in page.links if "before=" in link]
    assert f"trunk={trunk_id}" in link
    later = client.page(link)
    assert "first" in later.text and "Back to the beginning" in later.text
    assert "elsewhere" in client.page(ORPHANS).text
    assert "elsewhere" in client.page(f"{ORPHANS}?trunk=x&before=-1").text


def test_more_than_are_counted_are_said_to_be_more(
    client: Browser, db: Database, trunk_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipts, "COUNTED_MOST", 2)
    total = receipts.TOTAL.replace("LIMIT 10000", "LIMIT 2")
    monkeypatch.setattr(receipts, "TOTAL", total)
    orphan(db, trunk_id, *(Receipt(f"i{n}", "delivered") for n in range(3)))
    assert "2 or more receipts" in client.page(ORPHANS).text


def test_what_nobody_understood_is_shown_as_it_came(
    client: Browser, db: Database, trunk_id: int
) -> None:
    with db.transaction() as tx:
        unreadable.add(tx, trunk_id, "pdu", b"\x00\xffid:7\x10")
        unreadable.add(tx, trunk_id, "receipt", b"x" * 2000)
        unreadable.add(tx, trunk_id, "message", b"")
    page = client.page(UNREAD)
    for words in (
        *("00 ff 69 64", "Not readable at all", "Delivery receipt", "Incoming message"),
        *("512 of 2,000 octets", "··id:7·"),
    ):
        assert words in page.text, words
    assert "00 ff 69 64" in client.page(f"{UNREAD}?trunk={trunk_id}").text
    assert "00 ff 69 64" not in client.page(f"{UNREAD}?trunk={trunk_id + 1}").text


class TestOfATrunk:
    """What the trunk's own page says."""

    def test_before_anything_came(self, client: Browser, trunk_id: int) -> None:
        page = client.page(f"/trunks/{trunk_id}")
        assert "not known yet" in page.text
        assert f"{ORPHANS}?trunk={trunk_id}" not in page.links

    @pytest.mark.parametrize(
        ("form", "n", "words"),
        [
            (
                IdForm(10, 16),
                128,
                "decimal, answers hexadecimal; found from 128 receipts",
            ),
            (
                IdForm(16, 10, 8),
                1,
                "hexadecimal, answers decimal; found from 1 receipt",
            ),
            (IdForm(), 1000, "as in the answers; found from 1,000 receipts"),
            (IdForm(16, 16), 2, "as in the answers but for zeros or small letters;"),
        ],
        ids=str,
    )
    def test_the_form_of_its_ids_in_words(
        self, client: Browser, db: Database, trunk_id: int, form: IdForm, n: int,
        words: str,
    ) -> None:  # fmt: skip
        learn(db, trunk_id, form, n)
        assert words in client.page(f"/trunks/{trunk_id}").text

    def test_one_that_was_set_by_hand(
        self, client: Browser, db: Database, trunk_id: int
    ) -> None:
        fixed = {**SMPP, "receipt_ids": "hex_to_decimal"}
        client.send(f"/trunks/{trunk_id}/edit", fixed)
        text = client.page(f"/trunks/{trunk_id}").text
        assert "set: Answer hexadecimal, receipt decimal" in text

    def test_what_is_without_a_message_or_not_understood_is_one_click_away(
        self, client: Browser, db: Database, trunk_id: int
    ) -> None:
        orphan(db, trunk_id, Receipt("a", "delivered"))
        with db.transaction() as tx:
            unreadable.add(tx, trunk_id, "pdu", b"x")
        links = client.page(f"/trunks/{trunk_id}").links
        assert f"{ORPHANS}?trunk={trunk_id}" in links
        assert f"{UNREAD}?trunk={trunk_id}" in links

    def test_with_its_trunk_the_form_is_forgotten(
        self, client: Browser, db: Database, trunk_id: int
    ) -> None:
        learn(db, trunk_id, IdForm(), 3)
        client.send(f"/trunks/{trunk_id}/remove")
        with db.transaction() as tx:
            assert tx.value("SELECT COUNT(*) FROM receipt_id_form") == 0


def test_a_script_has_no_receipts(
    client: Browser, db: Database, config: Config
) -> None:
    (config.scripts_dir / "good.sh").write_text("#!/bin/sh\n")
    (config.scripts_dir / "good.sh").chmod(0o755)
    client.send("/trunks/new/script", {"name": "Guion", "script": "good.sh"})
    with db.transaction() as tx:
        trunk_id = trunks.by_name(tx, "Guion")["id"]
    assert "Receipt ids" not in client.page(f"/trunks/{trunk_id}").text
