"""The steps of a probe, from what is stored of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from massivesms.domain import probes
from massivesms.domain.probes import DONE, NOW, TOLD, WRONG, Probe
from massivesms.domain.words import Problem

NOON = datetime(2026, 3, 4, 12)
TEXT = "@£$€{}[]ñÇ_ massivesms"
ROW: dict[str, Any] = {
    "message_id": 7,
    "segments": 1,
    "state": "submitted",
    "text": TEXT,
    "alphabet": "gsm7",
    "characters": "@£$€{}[]ñÇ_",
    "seen": "",
    "receipt_id": "",
    "receipt_text": "",
    "claimed_at": NOON,
    "submitted_at": NOON + timedelta(milliseconds=43),
    "settled_at": NOON + timedelta(seconds=3),
    "now": NOON + timedelta(seconds=5),
    "result_code": None,
    "result_detail": None,
    "smsc_message_ids": ["2A"],
    "orphan": "",
    "came_back": "",
}


def probe(kind: str = "smpp", why: Problem | None = None, **row: object) -> Probe:
    settings = row.pop("settings", {})
    assert isinstance(settings, dict)
    return Probe({**ROW, **row}, kind, settings, why)


def said(one: Probe) -> list[tuple[str, str]]:
    return [(step.state, step.words.text.strip()) for step in probes.steps(one)]


@pytest.mark.parametrize(
    ("row", "state", "words"),
    [
        ({"state": None}, TOLD, "was purged"),
        ({"state": "queued"}, NOW, "waits for its turn"),
        ({"state": "submitting"}, NOW, "has not answered yet"),
        ({"state": "cancelled"}, WRONG, "did not leave"),
        ({"state": "skipped"}, WRONG, "did not leave"),
        ({"state": "in_doubt"}, WRONG, "not sent again"),
        ({"state": "failed"}, WRONG, "was not taken"),
        ({"state": "submitted"}, DONE, "after 43 ms, with the id 2A"),
        ({"state": "submitted", "smsc_message_ids": []}, DONE, "without an id"),
        ({"state": "submitted"}, NOW, "awaited, for 5 seconds"),
        (
            {"state": "submitted", "now": NOON + timedelta(hours=1)},
            NOW,
            "No receipt came in 3600 seconds",
        ),
        ({"state": "delivered"}, DONE, "arrived, 3000 ms after"),
        (
            {"state": "undelivered", "settled_at": NOON + timedelta(seconds=75)},
            WRONG,
            "did not arrive, 75 seconds after",
        ),
        (
            {"state": "rejected", "result_code": "receipt_rejected"},
            WRONG,
            "did not arrive",
        ),
        ({"state": "delivered", "receipt_id": "42"}, DONE, "decimal, answers"),
        ({"orphan": "42"}, WRONG, "that of no message"),
        ({"came_back": TEXT}, DONE, "came back"),
        ({"came_back": "Hola"}, TOLD, "came since: Hola"),
        ({"seen": "latin1"}, WRONG, "as Latin-1 (ISO 8859-1), and the trunk writes"),
        ({"seen": "other"}, WRONG, "ASCII is safe"),
        ({"seen": "gsm7"}, DONE, "the alphabet is right"),
    ],
    ids=str,
)
def test_a_step_is_said(row: dict[str, object], state: str, words: str) -> None:
    found = said(probe(**row))
    assert [s for s, text in found if words in text] == [state], found


def test_why_it_waits_is_part_of_it() -> None:
    why = Problem("paused", "The queue is paused.")
    found = said(probe(why=why, state="queued"))
    assert (NOW, "It waits: The queue is paused.") in found


def test_what_was_refused_may_have_been_for_its_characters() -> None:
    refused: dict[str, Any] = {"state": "rejected", "result_code": "smpp_11"}
    assert any("plain letters" in text for _, text in said(probe(**refused)))
    plain = said(probe(**refused, characters=""))
    assert not any("plain letters" in text for _, text in plain)


@pytest.mark.parametrize(
    ("kind", "settings", "wanted"),
    [
        ("smpp", {}, True),
        ("smpp", {"receipts": "no"}, False),
        ("modem", {"reports": "no"}, False),
        ("modem", {"reports": "yes"}, True),
        ("http", {}, False),
        ("http", {"receipts": "twilio"}, True),
        ("script", {}, False),
    ],
)
def test_a_receipt_is_awaited_where_one_was_asked_for(
    kind: str, settings: dict[str, str], wanted: bool
) -> None:
    one = probe(kind, settings=settings)
    assert (one.asks_for_receipts, one.is_open) == (wanted, wanted)
    assert any("asks for none" in text for _, text in said(one)) is not wanted


def test_what_comes_back_proves_the_alphabet_only_where_no_setting_can_be_wrong() -> (
    None
):
    assert probes.alphabet_found(probe("modem", came_back=TEXT)) == "gsm7"
    assert probes.alphabet_found(probe("smpp", came_back="e()<>}")) == ""
