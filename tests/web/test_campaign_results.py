"""Results of a campaign: the figures, what each leads to, its course."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from massivesms.store import (
    blocked_numbers,
    claims,
    counts,
    receipts,
    settlements,
    trunks,
)
from massivesms.store.db import Database
from massivesms.store.receipts import Receipt
from massivesms.store.settlements import Settlement
from tests.web.browser import Browser
from tests.web.sending import (
    ANA,
    create_campaign,
    create_trunk,
    spain,
    start_service,
)

TOKEN = 5
NUMBERS = [f"6001112{n:02}" for n in range(12)]


@pytest.fixture
def plan(db: Database) -> Any:
    return spain(db)


@pytest.fixture
def campaign_id(db: Database, plan: Any) -> int:
    """One of each end: delivered, accepted, not delivered, refused later and at once,
    failed, in doubt, blocked; two that wait and a row that was not taken."""
    made = create_campaign(db, "Otoño", *NUMBERS[:10], "mal", paused=False)
    with db.transaction() as tx:
        trunk_id = create_trunk_with_price(tx)
        blocked_numbers.add(tx, [f"+34{NUMBERS[0]}"], ANA)
        changes = counts.Changes()
        blocked_numbers.skip(tx, claims.candidates(tx, made, 0, 1), changes)
        changes.write(tx)
    ends: list[tuple[str, dict[str, Any], str]] = [
        ("submitted", {"ids": ("A",)}, "delivered"),
        ("submitted", {"ids": ("B",)}, ""),
        ("submitted", {"ids": ("C",)}, "undelivered"),
        ("submitted", {"ids": ("D",)}, "rejected"),
        ("rejected", {"code": "smpp_0000000B"}, ""),
        ("failed", {"code": "no_trunk_left"}, ""),
        ("in_doubt", {"code": "answer_timeout"}, ""),
    ]
    for state, more, receipt in ends:
        with db.transaction() as tx:
            (ours,) = claims.claim(
                tx, claims.candidates(tx, made, 0, 1), trunk_id, TOKEN
            )
            one = Settlement(ours.message_id, made, ours.segments, state, **more)
            settlements.settle(tx, [one], trunk_id, TOKEN)
            if receipt:
                said = Receipt(more["ids"][0], receipt, "021")
                receipts.record(tx, trunk_id, [said], plan)
    return made


def create_trunk_with_price(tx: Any) -> int:
    draft = trunks.TrunkDraft("Operadora", "smpp", cost_per_segment=Decimal("0.05"))
    return trunks.create(tx, draft, ANA)


def figures(html: str) -> dict[str, str]:
    """The table of figures: label -> messages."""
    table = html[html.index('id="figures"') : html.index("Billing")]
    found = {}
    for row in re.findall(r"<tr.*?</tr>", table, re.S)[1:]:
        whole = re.findall(r"<t[hd].*?</t[hd]>", row, re.S)
        cells = [re.sub(r"<[^>]+>|\s+", " ", cell).strip() for cell in whole]
        found[cells[0]] = cells[1]
    return found


def links(html: str) -> dict[str, str]:
    """id -> address of the numbers that lead to their messages."""
    found = re.findall(r'<a id="([^"]+)" href="([^"]+)"', html)
    return {key: unescape(url) for key, url in found}


def chart(html: str, name: str) -> Any:
    match = re.search(rf"id=\"{name}\" data-chart='([^']+)'", html)
    assert match
    return json.loads(unescape(match[1]))


def test_the_figures_are_those_of_the_messages(
    client: Browser, campaign_id: int
) -> None:
    found = figures(client.get(f"/campaigns/{campaign_id}").text)
    assert found == {
        "Sent": "4",
        "Delivered": "1",
        "Accepted by the operator": "1",
        "Not delivered": "1",
        "Expired": "0",
        "Rejected": "1",
        "No answer": "1",
        "Failed": "2",
        "Refused at once": "1",
        "Could not be sent": "1",
        "Ignored": "2",
        "Blocked (black list)": "1",
        "Schedule expired": "0",
        "Invalid number": "1",
        "Pending": "2",
        "Queued": "2",
        "Sending": "0",
        "Total": "11",
    }


def test_each_figure_leads_to_its_messages(client: Browser, campaign_id: int) -> None:
    found = links(client.get(f"/campaigns/{campaign_id}").text)
    of = f"/messages/?campaign={campaign_id}"
    assert found["figure-delivered"] == f"{of}&state=delivered"
    assert found["figure-rejected"] == f"{of}&state=rejected&result=receipt_rejected"
    assert found["figure-refused"] == f"{of}&state=rejected&result=smpp_0000000B"
    assert found["figure-invalid_number"] == "#recipients"
    assert found["of-no_answer"] == f"{of}&state=in_doubt"
    assert found["of-pending"] == f"{of}&state=queued"
    assert found["of-failed"] == "#reasons"  # its refused ones share their state
    trunk_id = next(key for key in found if key.startswith("trunk-"))[6:]
    assert found[f"trunk-{trunk_id}"] == f"{of}&trunk={trunk_id}"
    reasons = {url for key, url in found.items() if key.startswith("reason-")}
    assert (
        f"{of}&state=undelivered&trunk={trunk_id}"
        "&result=receipt_undelivered&detail=021" in reasons
    )
    assert f"{of}&state=skipped&result=blocked" in reasons


def test_several_states_are_asked_for_by_name(client: Browser, db: Database) -> None:
    spain(db)
    made = create_campaign(db, "Otoño", *NUMBERS[:2])
    with db.transaction() as tx:
        tx.execute("UPDATE campaign_count SET state = 'delivered', messages = 1")
        tx.execute(
            "INSERT INTO campaign_count VALUES (%s, 'submitted', 1, 1, 1)", (made,)
        )
    found = links(client.get(f"/campaigns/{made}").text)
    assert found["of-sent"].endswith("&state=delivered&state=submitted")


def test_cost_is_what_is_billed_by_the_trunks_price(
    client: Browser, campaign_id: int, db: Database
) -> None:
    text = client.get(f"/campaigns/{campaign_id}").text
    assert "0.20" in text and "No price is known" not in text
    with db.transaction() as tx:
        tx.execute("UPDATE trunk SET cost_per_segment = NULL")
    text = client.get(f"/campaigns/{campaign_id}").text
    assert "No price is known of: Operadora" in text and "not known" in text


def test_reasons_are_in_words_with_their_code(
    client: Browser, campaign_id: int
) -> None:
    text = client.get(f"/campaigns/{campaign_id}").text
    assert "The operator could not deliver it." in text
    assert "The operator does not know this number." in text
    assert "No other trunk is left to try. The last one said: …" in text
    assert "<code>021</code>" in text


def test_the_first_look_has_every_message_once(
    client: Browser, campaign_id: int
) -> None:
    text = client.get(f"/campaigns/{campaign_id}").text
    tiles = re.findall(r"<dt>([^<]+)</dt><dd>(?:<[^>]+>\s*)?([^<\s]+)", text)
    found = dict(tiles)
    assert found["State"] == "Active" and found["Within its hours"] == "Yes"
    numbers = ("Processed", "Not processed", "On the black list", "Others")
    assert [found[name] for name in numbers] == ["5", "2", "1", "3"]


def test_what_is_fetched_again_goes_to_its_places(
    client: Browser, campaign_id: int, db: Database
) -> None:
    start_service(db)
    create_trunk(db, "Otra", ready=True)
    text = client.get(f"/campaigns/{campaign_id}/live").text
    assert "<html" not in text and 'id="live"' in text
    for part in ("figures", "by-trunk", "reasons"):
        assert f'id="{part}" hx-swap-oob="true"' in text
    assert "<canvas" not in text  # what is drawn stays where it is


def test_an_ended_campaign_is_looked_at_while_receipts_may_come(
    client: Browser, campaign_id: int, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute("UPDATE message SET state = 'cancelled' WHERE state = 'queued'")
        tx.execute("UPDATE campaign_count SET messages = 0 WHERE state = 'queued'")
    text = client.get(f"/campaigns/{campaign_id}/live").text
    assert 'hx-trigger="every 15s"' in text and "receipts may still come" in text


def test_the_charts_have_the_same_numbers(client: Browser, campaign_id: int) -> None:
    text = client.get(f"/campaigns/{campaign_id}").text
    share = chart(text, "share-data")
    assert dict(zip(share["labels"], share["values"], strict=True)) == {
        "Delivered": 1,
        "Accepted by the operator": 1,
        "Not delivered": 1,
        "Rejected": 1,
        "No answer": 1,
        "Refused at once": 1,
        "Could not be sent": 1,
        "Ignored": 2,
        "Queued": 2,
    }
    course = chart(client.get(f"/campaigns/{campaign_id}/course").text, "course-data")
    sums = {one["state"]: sum(one["values"]) for one in course["series"]}
    assert sums["submitted"] == 4 and sums["delivered"] == 1 and sums["skipped"] == 1


def test_the_course_is_in_local_time(
    client: Browser, campaign_id: int, db: Database
) -> None:
    with db.transaction() as tx:
        tx.execute("DELETE FROM traffic WHERE state <> 'delivered'")
        tx.execute("UPDATE traffic SET minute = '2026-01-15 09:07:00'")
    text = client.get(f"/campaigns/{campaign_id}/course").text
    assert chart(text, "course-data")["labels"] == ["10:07"]
    assert '<th scope="row">10:07</th>' in text


def test_without_scripts_the_course_is_a_page_of_its_own(
    client: Browser, campaign_id: int
) -> None:
    address = f"/campaigns/{campaign_id}/course"
    assert address in client.page(f"/campaigns/{campaign_id}").links
    page = client.page(address)
    assert page.h1 and f"/campaigns/{campaign_id}" in page.links
    part = client.get(address, headers={"HX-Request": "true"}).text
    assert "<html" not in part and 'id="course-data"' in part


def test_a_campaign_without_traffic_says_so(client: Browser, db: Database) -> None:
    made = create_campaign(db, "Nueva", NUMBERS[0])
    assert "Nothing has been sent yet" in client.page(f"/campaigns/{made}/course").text


def test_the_output_queue_has_results_too(client: Browser) -> None:
    assert "Results" in client.page("/campaigns/1").text
